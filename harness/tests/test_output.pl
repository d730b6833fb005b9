#!/usr/bin/perl
# Standard output that cannot be written: every command says so, and its exit status is 3.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $dir = temp_folder();
my $journal = "$dir/journal";
my @run = ('run', '--out', "$dir/out", '--journal', $journal, '--history', "$dir/history");
my @killed = (@run, '--filter', '*/first', 'gates/selftest/killed.gate');
is(harness(@killed)->{status}, 0, 'a run to report on');
is(harness('run', '--out', "$dir/out", '--transcripts', "$dir/t", '--no-journal', '--filter', '*/first', 'gates/selftest/killed.gate')->{status}, 0, 'a console to extract');

# Status and standard error of a harness whose standard output is what `shell` says.
sub redirected {
    my ($shell, @arguments) = @_;
    local $ENV{TERM} = 'dumb';
    my $err = "$dir/err";
    system('sh', '-c', "err=\$1; shift; \"\$@\" $shell 2>\"\$err\" </dev/null", 'sh', $err, $Support::PROGRAM, @arguments);
    return ($? >> 8, read_file($err));
}

my %commands = (
    'run'      => \@killed,
    'run --junit -' => [@run, '--junit', '-', '--filter', '*/first', 'gates/selftest/killed.gate'],
    'list'     => ['list', 'gates/tier1.gate'],
    'check'    => ['check', 'gates/tier1.gate'],
    'check --keys' => ['check', '--keys'],
    'bless'    => ['bless', '--no-journal', '--out', "$dir/out", 'gates/selftest/panic.gate'],
    'exec'     => ['exec', 'build/kernel/user/hello'],
    'extract'  => ['extract', "$dir/t/selftest/killed/first.console", "$dir/x"],
    'report'   => ['report', $journal],
    'report --format html' => ['report', '--format', 'html', $journal],
    'perf show' => ['perf', 'show', '--history', "$dir/history"],
    'diff'     => ['diff', 'gates/tier1.gate', 'gates/tier2.gate'],
    'docs man' => ['docs', 'man'],
    'docs bash' => ['docs', 'bash'],
    '--help'   => ['--help'],
    'run --help' => ['run', '--help'],
);
for my $name (sort keys %commands) {
    my ($status, $error) = redirected('>/dev/full', @{$commands{$name}});
    is($status, 3, "$name >/dev/full: exit status 3");
    like($error, qr/standard output/, "$name >/dev/full: a message");
}
my ($status, $error) = redirected('>&-', 'list', 'gates/tier1.gate');
is($status, 3, 'a closed standard output: exit status 3');
($status) = redirected('>&-', @run, '--no-history', '--filter', '*/first', 'gates/selftest/killed.gate');
is($status, 3, 'of a run, too');
unlike(read_file($journal), qr/^pass/m, 'and no other file has its text');
system('sh', '-c', '"$0" report --format html "$1" 2>"$2" | true', $Support::PROGRAM, $journal, "$dir/err");
is(read_file("$dir/err"), '', 'a reader that goes away needs no message');

# ---- Bytes as they are, text by characters ----
is(harness('exec', 'build/kernel/user/hello', 'x')->{out}, 'hello', 'exec adds no newline');
is(harness('exec', 'build/kernel/user/hello')->{out}, "hello\n", 'and takes none away');
{
    my $root = temp_root();
    write_file("$root/gates/u.gate", "[gate]\nproves = x\n[case a]\nfile /init = build:kernel/user/child\n"
        . "argv = init 0 \xc3\xb6\xe2\x82\xac\nexit = 0\nconsole = \"\xc3\xb6\\\"\\n\"\n");
    my $run = harness('run', '-c', '--no-journal', '--out', "$root/out", "$root/gates/u.gate");
    like($run->{out}, qr/^u\/a \| \xc3\xb6\xe2\x82\xac$/m, '-c shows characters, however reads cut them') for 1 .. 3;
    like($run->{out}, qr/the console does not show "\xc3\xb6\\"\\n"/, 'findings show characters, and mark the end');
}

# ---- What a report keeps of a console ----
{
    my $root = temp_root();
    edit("$root/gates/selftest/hang.gate", sub { s/hang = \S+/hang = 3s/ });
    harness('run', '--no-history', '--out', "$root/out", '--journal', "$root/j", '--junit', "$root/junit", "$root/gates/selftest/hang.gate");
    my ($out) = read_file("$root/junit") =~ m{<system-out>(.*)</system-out>}s;
    like($out, qr/\A=== BOOT /, 'JUnit has the beginning of a long console');
    like($out, qr/\n\[\d+ bytes omitted\]\n/, 'and how much of it is left out');
    cmp_ok(length $out, '>', 128 * 1024 - 10, 'all else is there');
}

done_testing();
