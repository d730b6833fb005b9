#!/usr/bin/perl
# Random sequences of calls on the seed kernel and on Linux: every answer must be the same. 200 of them, or as
# many from where the arguments say: harness/tests/test_differ.pl FROM COUNT. Linux is the judge.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my ($from, $count) = @ARGV ? @ARGV : (0, 200);
my $in_one_guest = 1000; # one boot of Linux for so many, and a log of a megabyte

# What each sequence asked and what was answered, by its number.
sub sequences {
    my ($file) = @_;
    return if !-e $file;
    return map { /\A(\d+)\n(.*)/s ? ($1 => $2) : () } split /^sequence /m, read_file($file);
}

my ($calls, $same, $differ) = (0, 0, 0);
for (my $first = $from; $first < $from + $count; $first += $in_one_guest) {
    my $here = $from + $count - $first < $in_one_guest ? $from + $count - $first : $in_one_guest;
    my $root = temp_root();
    write_file("$root/gates/differ.gate", <<"END");
[gate]
proves = calls answer as Linux's
transport = disk
[case calls]
about = random sequences of calls
file /init = build:kernel/user/differ
file /true = build:kernel/user/true
file /child = build:kernel/user/child
file /fault = build:kernel/user/fault
file /text = "no program\\n"
file /d/keep = "x"
argv = differ $first $here
exit = 0
timeout = 300s
hang = 300s
END
    my $run = harness('run', '--no-journal', '--out', "$root/out", '--driver', 'both', "$root/gates/differ.gate");
    my %seed = sequences("$root/out/differ/calls/log");
    my %linux = sequences("$root/out/differ\@linux/calls/log");
    ok(!grep({ !defined $seed{$_} || !defined $linux{$_} } $first .. $first + $here - 1),
        "sequences $first to @{[$first + $here - 1]} ran on both") or diag $run->{out};
    for my $number (sort { $a <=> $b } keys %linux) {
        my @linux = split /\n/, $linux{$number};
        my @seed = split /\n/, $seed{$number} // '';
        $calls += @linux;
        my ($n) = grep { ($seed[$_] // '') ne $linux[$_] } 0 .. $#linux;
        if (!defined $n) { $same++; next }
        diag "sequence $number, call $n:\n    Linux: $linux[$n]\n    seed:  " . ($seed[$n] // 'nothing') if ++$differ <= 20;
    }
    is($run->{status}, 0, 'and left the same files') or diag substr $run->{out}, 0, 600;
}
is($differ, 0, 'no answer differs');
cmp_ok($calls, '>', 40 * $count, 'most calls are asked');
note "$calls calls in $same sequences answered alike";
done_testing;
