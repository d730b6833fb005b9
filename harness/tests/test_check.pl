#!/usr/bin/perl
# What harness check finds without running anything: all of it, in one go.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use lib $FindBin::Bin;
use POSIX qw(mkfifo);
use Support;
use Test::More;

my $root = temp_folder();
mkdir "$root/$_" or die for qw(gates fixtures fixtures/one golden);
my $head = "[gate]\nproves = x\n";

sub check { return harness('check', @_, "$root/gates") }

# ---- One mistake of each kind, in four gates ----
write_file("$root/gates/one.gate", $head . <<'E');
[case a]
file /init = fixture:none
file /b = build:none + fixture:none-either
exit = 0
expect /o = golden
[case b]
kernel = build/no-kernel
console = x
E
write_file("$root/gates/two.gate", $head . "timeout = 5\n[case a]\nfile /init = \"x\"\nexit = 0\nexpct /o = golden\n");
write_file("$root/gates/three.gate", "[gate]\nproves = x\nneeds = two\n[case a]\nfile /init = out:two/a/o\nexit = 0\n");
write_file("$root/gates/four.gate", $head . "needs = nowhere\n[case a]\nfile /init = \"x\"\nexit = 0\n");
write_file("$root/golden/one.sha256", 'a' x 64 . "  c/gone\nwhat\n");
my $run = check();
is($run->{status}, 2, 'mistakes: exit status 2');
like($run->{out}, $_, "shows $_") for
    qr{^\S+/two\.gate:3:11: error: expected a number with}m, qr{^\S+/two\.gate:7:1: error: unknown key "expct"}m,
    qr{^\S+/four\.gate: needs nowhere: }m, qr{^\S+/golden/one\.sha256:2:1: error: expected 64 lower-case}m;
is(() = $run->{out} =~ /unknown key "expct"/g, 1, 'the mistake of a gate that another needs is shown once');

write_file("$root/golden/one.sha256", 'a' x 64 . "  c/gone\n" . 'b' x 64 . "  c/gone2\n");
$run = check();
like($run->{out}, $_, "shows $_") for
    qr{^\S+/two\.gate:3:11: error: expected a number with}m,
    qr{^\S+/one\.gate:4:14: error: \S+/fixtures/one/none: No such file}m, qr{^\S+/one\.gate:5:11: error: \S+/build/none: .*make build}m,
    qr{^\S+/one\.gate:5:24: error: \S+/fixtures/one/none-either: }m, qr{^\S+/one\.gate:7:13: error: no golden hash of /o is recorded; "harness bless}m,
    qr{^\S+/one\.gate:8:7: error: the kernel of case "b" does not exist: }m,
    qr{^\S+/golden/one\.sha256: no case of gate one expects c/gone;}m, qr{expects c/gone2;}m;

# ---- A FIFO never makes it wait ----
unlink glob "$root/gates/*.gate $root/golden/*";
write_file("$root/fixtures/one/x", 'x');
mkfifo("$root/fixtures/one/fifo", 0600) or die;
write_file("$root/gates/one.gate", $head . "[case a]\nfile /init = \"x\"\ntree /t = fixture:/one\nexit = 0\n");
like(check()->{out}, qr{one\.gate:5:11: error: \S+/fifo: a FIFO, not a file}, 'a FIFO below a tree');
$run = start('run', '--no-journal', "$root/gates/one.gate");
is(finish($run)->{status}, 3, 'does not hold up a run');
like($run->{out}, qr{^error .*\n +\S+one\.gate:5:11: error: \S+/fifo: a FIFO, not a file}m, 'which says why');
is(harness('exec', "$root/fixtures/one/fifo")->{status}, 2, 'nor exec');

# ---- Files that want one place: an error of the gate, before any guest starts ----
unlink "$root/fixtures/one/fifo";
write_file("$root/gates/one.gate", $head . "[case a]\nfile /init = \"x\"\nfile /t/x = \"y\"\ntree /t = fixture:/one\nexit = 0\n");
like(check()->{out}, qr{one\.gate:6:11: error: the guest path /t/x is already in use \(line 5\)}, 'check finds a clash');
$run = harness('run', '--no-journal', '--qemu', '/nonexistent', "$root/gates/one.gate");
like($run->{out}, qr{^error .*\n +\S+one\.gate:6:11: error: the guest path /t/x is already in use}m, 'so does run');
for (['a:/init', qr/the guest path \/init is already in use \(.*hello\)/], ['a:/TRAILER!!!', qr/trailer of an archive/], ['a:/../x', qr/component "\.\."/]) {
    my $exec = harness('exec', '--file', $_->[0] =~ s/^a/LICENSE/r, 'build/kernel/user/hello');
    is($exec->{status}, 2, "exec --file $_->[0]: exit status 2");
    like($exec->{out}, $_->[1], "exec --file $_->[0]: why");
}

# ---- Links that lead out of the project ----
{
    my $outside = temp_folder();
    write_file("$outside/secret", 'secret');
    -d "$root/$_" or mkdir "$root/$_" or die for qw(build fixtures/tree);
    write_file("$root/build/inside", 'x');
    my %links = ("fixtures/one/link" => "$outside/secret", 'fixtures/tree/up' => $outside, 'build/link' => '/etc/hostname', 'fixtures/one/in' => '../../build/inside');
    symlink $links{$_}, "$root/$_" or die for keys %links;
    for (['file /x = fixture:/one/link', 'fixtures/one/link'], ['file /x = fixture:/tree/up/secret', 'fixtures/tree/up/secret'],
        ['file /x = build:link', 'build/link'], ['tree /x = fixture:/tree', 'fixtures/tree/up/secret']) {
        my ($input, $path) = @$_;
        write_file("$root/gates/one.gate", $head . "[case a]\nfile /init = \"x\"\n$input\nexit = 0\n");
        my $found = check();
        is($found->{status}, 2, "$input: check finds the link");
        like($found->{out}, qr{one\.gate:5:\d+: error: \S+/\Q$path\E leads out of the project by a symbolic link}, "$input: and names it") or diag $found->{out};
    }
    write_file("$root/gates/one.gate", $head . "[case a]\nkernel = build/link\nconsole = \"x\"\n");
    like(check()->{out}, qr{one\.gate:3:\d+: error: the kernel of case "a", \S+/build/link, leads out of the project}, 'a kernel too');
    write_file("$root/gates/one.gate", $head . "[case a]\nfile /init = \"x\"\nfile /x = fixture:/one/in\nexit = 0\n");
    unlike(check()->{out}, qr/leads out/, 'a link within the project is none of those');
    unlink map { "$root/$_" } keys %links;
}

is(harness('check', 'gates')->{status}, 0, 'the gates of the project have none of these');

# ---- The language, in one table ----
{
    my $keys = harness('check', '--keys')->{out};
    my $man = harness('docs', 'man')->{out} =~ s/\\-/-/gr =~ s/\\e/\\/gr;
    for my $form ('fixture:PATH', 'build:PATH', 'out:GATE/CASE/PATH', 'random:SEED:SIZE', '"text"', '\n', '\xHH', 'DURATION', 'SIZE', '/PATH') {
        like($keys, qr/^  \Q$form\E\n    \S/m, "check --keys explains $form");
        like($man, qr/^\\fB\Q$form\E\\fR\n\S/m, "so does the manual page");
    }
    # Every kind of value that a key names is one that is explained, or a word of its own.
    my %explained = map { $_ => 1 } map { split /, / } $keys =~ /^  (\S.*)$/mg, $keys =~ /^(SOURCE): where/mg;
    my %own = map { $_ => 1 } qw(STATUS INSTRUCTIONS REGEX N QEMU M);
    my %used = map { $_ => 1 } map { /\b([A-Z]{1,}[A-Z]*)\b/g } $keys =~ /^  \w+(?: \/PATH)? = (.*)$/mg;
    is(join(' ', grep { !$explained{$_} && !$own{$_} && !/^SIG|^PATH$/ } sort keys %used), '', 'no value is left unexplained');
    write_file("$root/gates/one.gate", $head . "[case a]\nfile /init = build:/x\nfile a = \"y\"\n");
    my $out = check()->{out};
    like($out, qr/the path must be relative\. build:PATH: A file below build\//, 'a slash too many is explained');
    like($out, qr/5:6: error: the guest path must begin with a slash/, 'and one too few');
}

# ---- A gate to begin with ----
{
    my $new = temp_folder();
    my $program = abs_path($Support::PROGRAM);
    my $hello = abs_path('build/kernel/user/hello');
    my $made = `cd $new && $program new first $hello 2>&1`;
    is($made, "fixtures/first/hello\ngates/first.gate\n", 'new writes a gate, and takes a program');
    is(system("cd $new && $program check first >$new/out 2>&1"), 0, 'which check takes') or diag read_file("$new/out");
    like(read_file("$new/gates/first.gate"), qr/^#   \Q$_\E(?: \/PATH)? = /m, "it has the key $_")
        for grep { !/^(proves|needs|on)$/ } harness('check', '--keys')->{out} =~ /^  (\w+)(?: \/PATH)? = /mg;
    symlink abs_path('build/kernel'), "$new/kernel" or die;
    like(`cd $new && $program run --no-journal --kernel kernel/Image first 2>&1`, qr/^pass    first\/first /m, 'and which passes');
    my $again = `cd $new && $program new first 2>&1`;
    is($? >> 8, 2, 'a gate that is there is left alone');
    like($again, qr/gates\/first\.gate already exists; nothing was written/, 'in words');
    for my $name ('../x', 'a.gate', '', '-a') {
        system("cd $new && $program new -- '$name' >$new/out 2>&1");
        is($? >> 8, 2, "new '$name' is refused");
    }
    is(join(' ', sort map { s/^\Q$new\E.//r } grep { -f } all_files("$new/gates", "$new/fixtures")), 'fixtures/first/hello gates/first.gate', 'and nothing else is written');
}

done_testing();
