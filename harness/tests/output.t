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

done_testing();
