#!/usr/bin/perl
# The cache: what has passed is not run again, and whatever changes the result makes it run.
use strict;
use warnings;
use Digest::SHA 'sha256_hex';
use File::Copy;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $dir = temp_folder();
my $cache = "$dir/cache";
my $root = temp_folder();
mkdir "$root/$_" or die for qw(gates golden build build/kernel fixtures fixtures/g);
copy('build/kernel/Image', "$root/build/kernel/Image") or die;
copy('build/kernel/user/child', "$root/build/child") or die;
write_file("$root/fixtures/g/data", "data\n");
my $gate = "[gate]\nproves = x\n[case c]\nfile /init = build:child\nfile /a/data = fixture:data\nargv = child 3\n"
    . "exit = 3\nexpect /a/data = \"data\\n\"\n";
write_file("$root/gates/g.gate", $gate);

sub run {
    return harness('run', '--no-journal', '--out', "$dir/out", '--cache', $cache, @_, "$root/gates/g.gate");
}

# Whether the run passed, and from where.
sub outcome {
    my ($run) = @_;
    return $run->{out} =~ /^(\w+) +g(?:\@linux)?\/c +[\d.]+ ms(  cached)?$/m ? $1 . ($2 // '') : $run->{out};
}

# ---- Hits and misses ----
is(outcome(run()), 'pass', 'the first run runs');
is(outcome(run()), 'pass  cached', 'the second does not');
ok(-e "$dir/out/g/c/a/data", 'its files are there');
is(outcome(run('--no-cache')), 'pass', '--no-cache runs');
is(outcome(run('--console')), 'pass', 'what is to be looked at runs');
is(outcome(run('--repeat', 2)), 'pass', '--repeat runs');
{
    local $ENV{HARNESS_CACHE} = $cache;
    my $run = harness('run', '--no-journal', '--out', "$dir/out", "$root/gates/g.gate");
    is(outcome($run), 'pass  cached', 'HARNESS_CACHE names it too');
    like($run->{out}, qr/^1 passed, 0 failed; 1 cached in/m, 'the summary counts it');
}

# ---- QEMU: its program, what it is linked with, its firmware; behind a script anything may change ----
{
    my $qemu = qx(sh -c 'command -v qemu-system-aarch64');
    chomp $qemu;
    my ($library) = qx(ldd $qemu) =~ /=> (\S*libpixman\S*)/ or die 'no library to copy';
    mkdir "$dir/$_" or die for qw(q q/bin q/share q/share/qemu lib);
    copy($qemu, "$dir/q/bin/qemu-system-aarch64") or die;
    chmod 0755, "$dir/q/bin/qemu-system-aarch64";
    copy($library, $dir . '/lib/' . $library =~ s{.*/}{}r) or die;
    write_file("$dir/q/share/qemu/firmware", '1');
    local $ENV{LD_LIBRARY_PATH} = "$dir/lib";
    my @own = ('--qemu', "$dir/q/bin/qemu-system-aarch64");
    is(outcome(run(@own)), 'pass', 'another QEMU: it runs');
    is(outcome(run(@own)), 'pass  cached', 'once');
    for (['the program', "$dir/q/bin/qemu-system-aarch64"], ['a library', $dir . '/lib/' . $library =~ s{.*/}{}r], ['a file of firmware', "$dir/q/share/qemu/firmware"]) {
        my ($what, $file) = @$_;
        utime 1, 1, $file or die;
        is(outcome(run(@own)), 'pass', "$what of QEMU changed: it runs");
        is(outcome(run(@own)), 'pass  cached', "$what: once");
    }
    delete $ENV{LD_LIBRARY_PATH};
    write_file("$dir/script", "#!/bin/sh\nexec $qemu \"\$@\"\n");
    chmod 0755, "$dir/script";
    for (1 .. 2) {
        my $run = run('--qemu', "$dir/script");
        is(outcome($run), 'pass', 'a script as QEMU: it runs');
        like($run->{out}, qr/^harness: the cache is not used: \S+script is a script/m, 'and says why it is not cached');
    }
}

# ---- Each thing that can change the result ----
my @changes = (
    ['an argument', sub { write_file("$root/gates/g.gate", $gate =~ s/child 3/child 3 x/r) }],
    ['an input', sub { write_file("$root/fixtures/g/data", "datum\n"); write_file("$root/gates/g.gate", $gate =~ s/data\\n/datum\\n/r) }],
    ['the memory', sub { write_file("$root/gates/g.gate", $gate . "memory = 512M\n") }],
    ['the limits', sub { write_file("$root/gates/g.gate", $gate . "timeout = 50s\n") }],
    ['the console', sub { write_file("$root/gates/g.gate", $gate . "console = \"child\"\n") }],
    ['the kernel', sub { open my $out, '>>', "$root/build/kernel/Image" or die; print $out "\0" x 16; close $out }],
    ['the program', sub { copy('build/kernel/user/child', "$root/build/child"); open my $out, '>>', "$root/build/child" or die; print $out "x"; close $out }],
);
for (@changes) {
    my ($what, $change) = @$_;
    $change->();
    is(outcome(run()), 'pass', "$what changed: it runs");
    is(outcome(run()), 'pass  cached', "$what: once");
    write_file("$root/gates/g.gate", $gate);
    write_file("$root/fixtures/g/data", "data\n");
    copy('build/kernel/Image', "$root/build/kernel/Image") or die;
    copy('build/kernel/user/child', "$root/build/child") or die;
}
is(outcome(run()), 'pass  cached', 'what is as it was is known');
is(outcome(run('--icount')), 'pass', 'the instruction counter is another run');
write_file("$root/gates/g.gate", $gate =~ s/exit = 3/exit = 4/r);
is(outcome(run()), 'fail', 'another expectation is judged');
is(outcome(run()), 'fail', 'and a failure is never kept');
write_file("$root/gates/g.gate", $gate);

# ---- A cache that is damaged, or cannot be written ----
{
    my ($object) = grep { -f && -s == 5 } all_files("$cache/objects");
    edit($object, sub { s/d/D/ });
    is(outcome(run()), 'pass', 'a file whose bytes are wrong is not taken');
    edit($object, sub { s/D/d/ });
    my @entries = grep { -f } all_files("$cache/entries");
    truncate $_, (-s) - 2 for @entries;
    is(outcome(run()), 'pass', 'an entry that is cut is none');
    is(outcome(run()), 'pass  cached', 'and is made anew');
    # A name that is another, the hash of one file for another's, an entry in another's place.
    my %damages = (
        'a flipped bit in a name' => sub { s{/a/data}{/a/datb} or die },
        'the hash of one file put for another' => sub { my @hashes = /^\w+ (\w{64})/mg; s/$hashes[0]/$hashes[1]/ or die },
        'a size' => sub { s/ 5 / 6 / or die },
        'no file at all' => sub { s/^(kept|input) .*\n//mg or die },
    );
    for my $what (sort keys %damages) {
        my @entries = grep { -f } all_files("$cache/entries");
        edit($_, $damages{$what}) for grep { read_file($_) =~ m{ 5 /a/data} } @entries;
        is(outcome(run()), 'pass', "an entry with $what is none");
        is(outcome(run()), 'pass  cached', "$what: it is made anew");
    }
    my @all = grep { -f } all_files("$cache/entries");
    my %text = map { $_ => read_file($_) } @all;
    write_file($all[$_], $text{$all[$_ - 1]}) for 0 .. $#all;
    is(outcome(run()), 'pass', 'an entry in the place of another is none');
    is(outcome(run()), 'pass  cached', 'and is made anew');
    # Damaged so that the hash of the entry is right: what is restored is judged.
    for my $file (grep { read_file($_) =~ m{ 5 /a/data} } @all) {
        edit($file, sub { s{/a/data}{/a/datb}; s/end \w+\n\z//; $_ .= 'end ' . sha256_hex($_) . "\n" });
    }
    is(outcome(run()), 'pass', 'an entry whose files the case does not allow is none');
    is(outcome(run()), 'pass  cached', 'and is made anew');
    edit($object, sub { s/d/D/ });
    is(outcome(run()), 'pass', 'a file with a wrong byte, once more');
    is(outcome(run()), 'pass  cached', 'it is made anew');
    unlink $object;
    is(outcome(run()), 'pass', 'a file that is gone is not taken');
    my $run = harness('run', '--out', "$dir/out", '--journal', "$dir/j", '--cache', '/proc/none', "$root/gates/g.gate");
    is($run->{status}, 0, 'a cache that cannot be written changes no verdict');
    like(harness('report', '--format', 'json', "$dir/j")->{out}, qr/"uncached".*cannot create/, 'and the record says so');
}

# ---- Eight at once ----
{
    my $fresh = "$dir/fresh";
    my @some = ('--no-journal', '--cache', $fresh, '--filter', 'tier1/*n*', 'gates/tier1.gate');
    my @runs = map { start('run', '--out', "$dir/out$_", @some) } 1 .. 8;
    is(finish($_)->{status}, 0, 'side by side') for @runs;
    my $run = harness('run', '--out', "$dir/out", @some);
    like($run->{out}, qr/^(\d+) passed, 0 failed; \1 cached in/m, 'all is known then');
    is(system("cd $dir/out && cat $FindBin::Bin/../../golden/tier1.sha256 | (cd tier1 && sha256sum -c --quiet --ignore-missing)") >> 8, 0,
        'and the files are right, says sha256sum');
    is(join(' ', grep { /\.tmp|XXXX|\.[A-Z0-9]{6}$/ } all_files($fresh)), '', 'nothing half written is left');
}
done_testing();
