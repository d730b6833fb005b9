#!/usr/bin/perl
# What QEMU may open: a stand-in for it tries, confined by Landlock and not.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $root = temp_root();
my $home = temp_folder();
my $place = temp_folder();
local $ENV{HOME} = $home;
local $ENV{HARNESS_QEMU_PATHS} = '';

# Says what it could do, each as a word, on standard error, and ends before any guest would.
my $stand_in = <<'E';
#!/usr/bin/perl
use Socket;
my ($kernel) = map { $ARGV[$_ + 1] } grep { $ARGV[$_] eq '-kernel' } 0 .. $#ARGV;
my ($home, $place) = ('@HOME@', '@PLACE@');
sub can { print STDERR shift, shift() ? '=yes ' : '=no ' }
sub writes { open my $out, $_[0], $_[1] }
can('library', open my $a, '<', '/usr/bin/perl');
can('status', open my $s, '<', '/proc/self/status');
can('run', system('/bin/true') == 0);
can('kernel', open my $b, '<', $kernel);
can('null', writes('>', '/dev/null'));
can('self', open my $c, '<', $0);
can('secret', open my $d, '<', "$home/secret");
can('list', opendir my $e, $home);
can('make', writes('>', "$home/made"));
can('append', writes('>>', "$home/secret"));
can('remove', unlink "$home/victim");
can('link', symlink '/', "$home/link");
can('kernel-write', writes('>>', $kernel));
can('self-write', writes('>>', $0));
can('passwords', open my $f, '<', '/etc/passwd');
can('environment', open my $g, '<', '/proc/' . getppid . '/environ');
can('roundabout', open my $h, '<', "/proc/self/root$home/secret");
socket my $i, PF_INET, SOCK_STREAM, 0;
can('listen', bind $i, sockaddr_in(0, INADDR_LOOPBACK));
exit 9;
E
$stand_in =~ s/\@HOME\@/$home/;
$stand_in =~ s/\@PLACE\@/$place/;

sub place_program {
    my ($path, $text) = @_;
    write_file($path, $text);
    chmod 0755, $path or die;
    return $path;
}
my $qemu = place_program("$place/qemu", $stand_in);
write_file("$root/Image", read_file('build/kernel/Image'));
write_file("$root/gates/one.gate", "[gate]\nproves = x\n[case c]\nfile /init = \"i\"\nexit = 0\n");

# What the stand-in could do: name -> yes or no; and the run.
sub could {
    my ($program, @before) = @_;
    write_file("$home/$_", 'precious') for qw(secret victim);
    unlink "$home/made", "$home/link";
    my @command = (@before, $Support::PROGRAM);
    local $Support::PROGRAM = $command[0];
    my $run = harness(@command[1 .. $#command], 'run', '--journal', "$root/journal", '--out', "$root/out", '--kernel', "$root/Image",
        '--qemu', $program, "$root/gates/one.gate");
    return {$run->{out} =~ /([\w-]+)=(yes|no)\b/g}, $run;
}
my @own = qw(library status run kernel null self);
my @others = qw(secret list make append remove link kernel-write self-write passwords environment roundabout);
my %free = map { $_ => 'yes' } @own, @others, 'listen';

# ---- A system without Landlock, which a tracer stands for ----
SKIP: {
    my @without = ('strace', '-qq', '-o', "$root/trace", '-e', 'trace=landlock_create_ruleset', '-e',
        'inject=landlock_create_ruleset:error=ENOSYS');
    skip 'strace cannot stand for a system without Landlock here', 4 if system("@without true 2>$root/said");
    my ($could, $run) = could($qemu, @without);
    is_deeply($could, \%free, 'without Landlock a QEMU may what its user may') or diag $run->{out};
    is(join('', $run->{out} =~ /^(harness: .*)/mg), 'harness: confinement of QEMU: none: this kernel has no Landlock', 'which is said, once');
    like(read_file("$root/journal"), qr/"confinement": ?"none: this kernel has no Landlock"/, 'and in the journal');
    my @command = (@without, $Support::PROGRAM);
    local $Support::PROGRAM = $command[0];
    $run = harness(@command[1 .. $#command], 'exec', 'build/kernel/user/hello');
    like($run->{out}, qr/^harness: confinement of QEMU: none: .*\n.*hello/mi, 'by exec, too') or diag $run->{out};
}

# ---- With it ----
my ($could, $run) = could($qemu);
SKIP: {
    my ($why) = $run->{out} =~ /^harness: confinement of QEMU: none: (.*)/m;
    skip $why, 1 if $why;
    my ($abi) = read_file("$root/journal") =~ /"confinement": ?"Landlock, ABI (\d+)"/;
    ok($abi, 'the journal says what confines it');
    my %want = ((map { $_ => 'yes' } @own), (map { $_ => 'no' } @others), listen => $abi >= 4 ? 'no' : 'yes');
    is_deeply($could, \%want, 'a QEMU reads its own files and the kernel, and writes none') or diag $run->{out};
    unlike($run->{out}, qr/^harness:/m, 'standard error is empty');

    ($could, $run) = could(place_program("$home/qemu", $stand_in));
    is_deeply($could, \%want, 'one in the home folder opens nothing else there') or diag $run->{out};

    mkdir "$home/bin" or die;
    symlink $qemu, "$home/bin/linked" or die;
    ($could, $run) = could("$home/bin/linked");
    is_deeply($could, \%want, 'one that is a link') or diag $run->{out};

    {
        local $ENV{HARNESS_QEMU_PATHS} = "/nonexistent:$home";
        ($could, $run) = could($qemu);
        my %more = map { $_ => 'yes' } qw(secret list make append remove link roundabout);
        is_deeply($could, {%want, %more}, 'HARNESS_QEMU_PATHS names more') or diag $run->{out};
        local $ENV{HARNESS_QEMU_PATHS} = '/';
        ($could, $run) = could($qemu);
        is_deeply($could, {%free, listen => $want{listen}}, 'or all files') or diag $run->{out};
    }

    my $cat = place_program("$place/cat", "#!/bin/sh\nexec cat $home/secret\n");
    ($could, $run) = could($cat);
    like($run->{out}, qr/QEMU printed: .*Permission denied \(QEMU may only open its own files; HARNESS_QEMU_PATHS=/, 'what is refused names the way out')
        or diag $run->{out};

    # ---- Real ones ----
    my $real = (grep { -x } map { "$_/qemu-system-aarch64" } split /:/, $ENV{PATH})[0];
    symlink $real, "$home/bin/real" or die;
    my @gate = ('run', '--no-journal', '--out', "$root/out", '--filter', 'boot0/hex0', "$root/gates/boot0.gate");
    for (['by its name'], ['by a link', "$home/bin/real"],
        ['by a script', place_program("$place/script", "#!/bin/sh\nexec $real \"\$@\"\n")],
        ['by a script for env', place_program("$place/env", "#!/usr/bin/env perl\nexec '$real', \@ARGV;\n")])
    {
        my ($name, $path) = @$_;
        $run = harness(@gate, $path ? ('--qemu', $path) : ());
        is($run->{status}, 0, "QEMU $name runs a gate, confined") or diag $run->{out};
    }
}

done_testing();
