#!/usr/bin/perl
# QEMUs that are reset between cases (--warm): verdicts and files are those of new ones, whatever ran before,
# and none outlives the run.
use strict;
use warnings;
use FindBin;
use JSON::PP;
use List::Util qw(shuffle);
use lib $FindBin::Bin;
use Support;
use Test::More;
use Time::HiRes qw(sleep time);

# ---- The page docs/warm.md ----
for my $block (read_file('docs/warm.md') =~ /^```sh\n(.*?)^```$/msg) {
    my $said = qx((set -e; $block) 2>&1);
    is($? >> 8, 0, 'docs/warm.md: ' . (split /\n/, $block)[0]) or diag $said;
    like($said, qr{^pass +tier1/one-byte +[\d.]+ ms  warm$}m, 'which says warm');
}

enter_root();
mkdir 'build/programs' or die;

# A static program of one segment at one address, whose exit status is that of so many additions: its text
# differs from that of every other on many pages.
sub program {
    my ($step, $count) = @_;
    my $code = pack('V*', 0xd2800000, (0x91000000 | $step << 10) x $count, 0xd2800ba8, 0xd4000001);
    my $size = 0x78 + length $code;
    my $path = "programs/$step-$count";
    write_file("build/$path", pack('a4CCCCx8vvVQQQVvvvvvv', "\x7fELF", 2, 1, 1, 0, 2, 183, 1, 0x600078, 0x40, 0, 0, 64, 56, 1, 0, 0, 0)
        . pack('VVQQQQQQ', 1, 5, 0, 0x600000, 0x600000, $size, $size, 0x1000) . $code);
    return ($path, $step * $count & 0xff);
}

# ---- The gate: many programs, and between them those that leave the machine in disorder ----
srand 17;
my @cases;
my @paddings = ('', '"x"', 'random:1:40000', 'random:2:200K', 'random:3:900K', 'random:4:3M');
for my $n (1 .. 66) {
    my ($path, $status) = program($n % 61 + 1, $n % 40 == 3 ? 50000 + $n * 100 : 1 + $n * 37 % 9000);
    my $padding = $paddings[$n % @paddings];
    my $transport = $n % 6 == 5 || rand() < 0.4 ? 'disk' : 'console';
    # Text of pages that move, and a name that does.
    my $shift = 'x' x ($n % 29);
    push @cases, "[case exits-$n]\ntransport = $transport\nfile /init = build:$path\nargv = init$shift $n\nexit = $status\n"
        . ($padding && $transport eq 'disk' ? "file /padding = $padding\n" : $padding && $n % 6 < 3 ? "file /apad$shift = $padding\n" : '');
}
push @cases, map { "[case prints-$_]\nfile /init = build:kernel/user/hello\nexit = 0\nconsole = \"hello\\n\"\n" } 1 .. 20;
push @cases, map { "[case dirty-$_]\ntransport = disk\nfile /init = build:kernel/user/memory\nargv = init out-of-memory\nexit = 0\n" } 1 .. 2;
push @cases, map { "[case faults-$_]\nfile /init = build:kernel/user/fault\nargv = fault null-read\nsignal = SIGSEGV\n" } 1 .. 10;
push @cases, map { "[case fails-$_]\nfile /init = build:kernel/user/fault\nargv = fault null-read\nexit = 0\n" } 1 .. 2;
push @cases, map { "[case panics-$_]\nfile /init = \"this is no ELF file\\n\"\nexit = 0\n" } 1 .. 2;
push @cases, "[case hangs]\nfile /init = build:kernel/user/chatter\nexit = 0\ntimeout = 60s\nhang = 1s\n";
write_file('gates/warm.gate', "[gate]\nproves = a QEMU that is reset is like a new one\nmemory = 256M\n\n" . join("\n", shuffle(@cases)));

sub verdicts {
    my ($json) = @_;
    return {map { $_->{id} => $_->{verdict} } @{decode_json(read_file($json))->{cases}}};
}

my (%rss, $last);
{
    my $run = start('run', '--fresh', '-j', 2, '--warm', '--json', 'warm.json', '--out', 'warm', 'gates/warm.gate');
    # What QEMU has of its own, without the guest's memory.
    for (; !Support::has_ended($run->{pid}); sleep 0.05) {
        for my $pid (split ' ', qx(pgrep -P $run->{pid} qemu-system || true)) {
            open my $in, '<', "/proc/$pid/status" or next;
            push @{$rss{$pid}}, $1 if join('', <$in>) =~ /^RssAnon:\s+(\d+)/m;
        }
    }
    finish($run);
    is($run->{status}, 1, 'the gate has cases that fail') or diag $run->{out};
}
my $cold = harness('run', '--fresh', '-j', 2, '--json', 'cold.json', '--out', 'cold', 'gates/warm.gate');
is_deeply(verdicts('warm.json'), verdicts('cold.json'), 'verdicts are those of new QEMUs');
is(system('diff', '-r', 'warm/warm', 'cold/warm'), 0, 'so is every file');

my $report = decode_json(read_file('warm.json'));
my (%notes, %verdicts);
my $passes = @cases - 5;
for my $case (@{$report->{cases}}) {
    is(scalar @{$case->{attempts}}, 1, "$case->{id}: one attempt") if @{$case->{attempts}} != 1;
    $verdicts{$case->{verdict}}++;
    push @{$notes{$_->{event}}{$case->{verdict}}}, $_->{text} for @{$case->{attempts}[0]{notes}};
}
is_deeply(\%verdicts, {pass => $passes, fail => 2, panic => 2, hang => 1}, 'each verdict is the expected one');
is(scalar @{$notes{warm}{pass} // []}, $passes, 'all that passed ran on a QEMU that is reset');
is_deeply([sort keys %{$notes{warm}}], ['pass'], 'and nothing else did');
is(scalar(map { @$_ } values %{$notes{cold}}), 5, 'what did not pass ran again on its own QEMU') or diag explain $notes{cold};
is(scalar @{$notes{cold}{pass} // []}, 0, 'nothing passed only there');
like($notes{cold}{hang}[0], qr/^it did not pass on a QEMU that is reset .*: hang: /, 'which says why');
my ($most) = sort { $b <=> $a } map { /after (\d+)/ } @{$notes{warm}{pass}};
cmp_ok($most, '>', 9, 'one QEMU ran many cases');
my ($longest) = sort { @$b <=> @$a } values %rss;
SKIP: {
    skip 'no QEMU was seen often enough', 1 if !$longest || @$longest < 20;
    my $early = (sort { $a <=> $b } @$longest[5 .. 14])[9];
    cmp_ok($longest->[-1], '<', 1.5 * $early + 20000, 'its memory stays flat');
}

# ---- Who gets one, and who does not ----
{
    my @filter = ('-f', 'warm/prints-1', '-f', 'warm/exits-1', 'gates/warm.gate');
    my $warm = harness('run', '--fresh', '--warm', '--tap', 'tap', @filter);
    like($warm->{out}, qr{^pass +warm/prints-1 +[\d.]+ ms  warm$}m, 'the terminal says warm');
    for my $cold ([], ['--warm', '--icount'], ['--warm', '--core', 'cores'], ['--warm', '--transcripts', 'transcripts'], ['--warm', '--console'],
        ['--warm', '--kernel', 'build/kernel/Image'])
    {
        my $run = harness('run', '--fresh', @$cold, @filter);
        is($run->{status}, 0, "run @$cold") or diag $run->{out};
        unlike($run->{out}, qr/  warm$/m, '... starts a QEMU for each case');
    }
    my $kept = harness('run', '--cache', 'kept', '--warm', @filter);
    my $again = harness('run', '--cache', 'kept', @filter);
    like($again->{out}, qr/2 unchanged/, 'a result of a QEMU that is reset is kept as any other');
}

# ---- The end of a QEMU, one that stands still, and the end of the harness ----
for my $signal (qw(KILL STOP)) {
    my $run = start('run', '--fresh', '--warm', '--json', "$signal.json", '-f', 'warm/exits-*', 'gates/warm.gate');
    my $pid = wait_for_guest($run, qr{^pass .*\n(?s:.*)^pass }m);
    kill $signal, $pid;
    finish($run);
    is($run->{status}, 0, "a QEMU that gets SIG$signal: its case runs again") or diag $run->{out};
    is(() = read_file("$signal.json") =~ /"event": ?"cold"/g, 1, '... on another, and only that case');
    ok(gone($pid), '... and the first is ended');
}
for my $signal (qw(INT KILL)) {
    my $run = start('run', '--fresh', '--warm', '-f', 'warm/exits-*', '-f', 'warm/hangs', 'gates/warm.gate');
    my $pid = wait_for_guest($run, qr{^pass .*\n(?s:.*)^pass }m);
    kill $signal, $run->{pid};
    finish($run);
    is($run->{status}, $signal eq 'INT' ? 130 : 137, "SIG$signal ends the run");
    ok(gone($pid), '... and its QEMU');
}

done_testing;
