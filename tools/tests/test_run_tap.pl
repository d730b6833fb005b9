#!/usr/bin/perl
# tools/run-tap: what it counts, in which order it runs suites, and what runs side by side.
use strict;
use warnings;
use Cwd 'abs_path';
use FindBin;
use lib $FindBin::Bin;
use Files;
use POSIX 'mkfifo';
use Test::More;

my $run_tap = abs_path('tools/run-tap');
delete @ENV{qw(V SUITE_SECONDS)};
chdir temp_folder() or die;

# A suite that adds its name to the file "order" and then does what `more` says.
sub suite {
    my ($name, $more, $head) = @_;
    write_file($name, "#!/bin/sh\n" . ($head // '') . "echo $name >>order\n$more\n");
    chmod 0755, $name;
    return "./$name";
}

sub run_tap {
    unlink 'order';
    my $said = `timeout -k 5 60 $run_tap @_ 2>&1`;
    return ($said, $? >> 8);
}

sub order { open my $in, '<', 'order' or return ''; chomp(my @all = <$in>); return "@all" }

my $pass = "echo 'ok 1'; echo 1..1";
{
    local @ENV{qw(CI CI_NODE_INDEX CI_NODE_TOTAL GITHUB_ACTIONS GITHUB_STEP_SUMMARY)} = ('true', 2, 4, 'true', 'summary');
    my ($said) = run_tap(suite('variables', 'test "$CI$CI_NODE_INDEX$CI_NODE_TOTAL$GITHUB_ACTIONS$GITHUB_STEP_SUMMARY" = "" && ' . "{ $pass; }"));
    like($said, qr/^1 passed, 0 failed$/m, 'a suite knows nothing of the CI that runs it');
}
my ($good, $bad, $plan, $status, $slow, $empty, $crash) = (suite('good', "echo told >&2\n$pass"), suite('bad', "echo 'ok 1'; echo 'not ok 2 - wrong'; echo '# why'; echo 'ok 3'; echo 1..3"),
    suite('plan', "echo 'ok 1'; echo 1..2"), suite('status', "echo broke off >&2; $pass; exit 3"), suite('slow', "$pass; sleep 60"),
    suite('empty', 'echo "1..0 # SKIP no need"'), suite('crash', "$pass; kill -SEGV \$\$"));

# ---- What is counted ----
for ([$good, '1 passed, 0 failed', 0], [$bad, '2 passed, 1 failed', 1], [$plan, '1 passed, 1 failed', 1], [$status, '1 passed, 1 failed', 1],
    ['./none', '0 passed, 1 failed', 1], [$empty, '0 passed, 0 failed', 1], [$crash, '1 passed, 1 failed', 1],
    ["$good $bad $plan", '4 passed, 2 failed', 1])
{
    my ($suites, $totals, $want) = @$_;
    for my $jobs (1, 3) {
        my ($said, $got) = run_tap("-j $jobs", $suites);
        like($said, qr/^$totals\n\z/m, "-j $jobs $suites: $totals");
        is($got, $want, "-j $jobs $suites: exit status $want");
    }
}
{
    local $ENV{SUITE_SECONDS} = 1;
    my ($said, $got) = run_tap('-j 2', $slow, $good);
    like($said, qr/^2 passed, 1 failed\n\z/m, 'a suite that runs too long has failed');
    like($said, qr{^FAIL .*\./slow\n    exit status 124}m, 'with the reason');
}

# ---- What is shown ----
{
    my ($said) = run_tap('-j 4', $bad, $good, $status);
    like($said, qr{^FAIL .* \./bad\n    not ok 2 - wrong\n    # why\n(?=FAIL|ok|failed)}m, 'what failed stands below its suite, with its comments');
    like($said, qr{^ok +\d+\.\d s  CPU +\d+\.\d s  \./good\n    told\n}m, 'so does standard error');
    like($said, qr{^FAIL .* \./status\n    exit status 3\n    broke off\n}m, 'and the exit status');
    like($said, qr{^failed: (?=.*\./bad)(?=.*\./status)}m, 'the suites that failed are named at the end');
    local $ENV{V} = 1;
    like((run_tap('-j 4', $good))[0], qr/^ok 1$/m, 'V=1 shows every line');
}

# ---- Order: the longest first, by the times of earlier runs ----
{
    my @suites = map { suite($_, $pass) } qw(a b c);
    write_file('times', "./a 1.0\n./b 30.5\n./gone 7.0\n./c 4.0\n");
    run_tap('-t times', @suites);
    is(order(), 'b c a', 'the longest begins first');
    open my $in, '<', 'times' or die;
    my $times = join '', <$in>;
    like($times, qr{\A\./a \d+\.\d\n\./b \d\.\d\n\./c \d+\.\d\n\./gone 7\.0\n\z}, 'and the times are kept');
    unlink 'times';
    run_tap('-t times', @suites);
    is(order(), 'a b c', 'without times, in the order given');
    write_file('times', "./a 1.0\n./b 30.5\n");
    run_tap('-t times', @suites);
    is(order(), 'c b a', 'what has no time begins before the others');
    unlink 'times';
    run_tap('-t times', @suites, suite('d', "$pass", "# early: it takes minutes\n"));
    is(order(), 'd a b c', 'without times, what says that it is long begins first');
}

# ---- Side by side: each of two waits for the other ----
{
    mkfifo($_, 0600) or die for qw(there back);
    my @pair = (suite('left', "echo >there; read x <back; $pass"), suite('right', "read x <there; echo >back; $pass"));
    like((run_tap('-j 2', @pair))[0], qr/^2 passed, 0 failed\n\z/m, 'two run side by side');
    # One that wants the machine alone begins when all others have ended, whatever its time.
    my @others = map { suite($_, "$pass; echo $_-end >>order") } qw(x y);
    my @alone = map { suite($_, "$pass; echo $_-end >>order", "# alone: it counts\n") } qw(one two);
    write_file('times', "./one 100.0\n./two 90.0\n");
    run_tap('-j 4 -t times', @alone, @others);
    like(order(), qr/ one one-end two two-end$/, 'those that want the machine alone run after the others, by themselves');
}

# ---- A run that is ended ends its suites ----
for my $signal (qw(INT TERM)) {
    mkfifo('begun', 0600) or die;
    my $endless = suite('endless', "exec 3>begun; echo \$\$ >&3; while :; do read x <never; done; $pass");
    mkfifo('never', 0600) or die if !-p 'never';
    my $pid = fork // die;
    if (!$pid) { open STDOUT, '>', '/dev/null'; exec $run_tap, $endless or die }
    open my $begun, '<', 'begun' or die;
    my $suite = <$begun>;
    kill $signal, $pid;
    waitpid $pid, 0;
    isnt($?, 0, "SIG$signal: it has not passed");
    # The suite has the FIFO open for as long as it lives.
    local $SIG{ALRM} = sub { kill 'KILL', $suite; fail("SIG$signal: the suite goes on") };
    alarm 20;
    ok(!defined <$begun>, "SIG$signal: its suite has ended");
    alarm 0;
    unlink 'begun';
}
chdir '/';
done_testing;
