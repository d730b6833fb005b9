#!/usr/bin/perl
# Which cases run, and how much of them is shown.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use Test::More;

# A root of its own, with its own journals; everything runs in it.
$Support::DEFAULT_PLACES = 1;
my $root = temp_folder();
$Support::PROGRAM = abs_path($Support::PROGRAM);
mkdir "$root/$_" or die for qw(gates build);
system("cp -r build/kernel $root/build") == 0 or die;
chdir $root or die;

# A case of the program child, which exits with the status of its argument.
sub a_case {
    my ($name, $status, $more) = @_;
    return "[case $name]\nfile /init = build:kernel/user/child\nargv = init $status $name\nexit = 0\n" . ($more // '');
}
sub gate { my ($name, @cases) = @_; write_file("gates/$name.gate", join '', "[gate]\nproves = x\n", @cases) }
gate('one', a_case('a', 0), a_case('b', 3), a_case('c', 0));
gate('two', a_case('a', 0), a_case('b', 0), a_case('d', 4));
sub cases { return join ' ', sort $_[0]{out} =~ /^(?:pass|fail) +(\S+)  +[\d.]+ ms/mg }
sub listed { return join ' ', harness('list', @_)->{out} =~ /^  (\S+)/mg }

# ---- Names and patterns ----
is(listed('one'), 'one/a one/b one/c', 'a gate by its name');
is(listed('one/c', 'two'), 'one/c two/a two/b two/d', 'a case by its name');
is(listed('one/c', 'gates/one.gate'), 'one/a one/b one/c', 'a case, and its gate too');
is(listed('-f', '!*/a'), 'one/b one/c two/b two/d', 'exclusion alone starts from all');
is(listed('-f', 'one/*', '-f', '!*/a'), 'one/b one/c', 'exclusion takes from what is selected');
is(listed('-f', '{one/{a,b},*/d}'), 'one/a one/b two/d', 'alternatives, one in another');
is(listed('-f', '*/a', 'one/a', 'one/b'), 'one/a', 'a filter selects among the cases that were named');
mkdir 'one' or die;
is(listed('one'), 'one/a one/b one/c', 'the name of a gate comes before a folder');
is(cases(harness('run', 'one/c')), 'one/c', 'run takes them too');
my %refused = (
    'list one/x'          => qr/gate one has no case "x"/,
    'run gates/nothing'   => qr/gates\/nothing: no such gate file or folder, and no gate or case/,
    'run one@linux/a'    => qr/leave \@linux out: --driver linux/,
    'run -f one@linux/a one' => qr/leave \@linux out: --driver linux/,
    'run noe'             => qr/did you mean "one"\?/,
    'run --filter=one/d one' => qr/--filter one\/d: matches no case; did you mean "one\/a"\?/,
    'list -f {one'        => qr/--filter \{one: unmatched \{ or \}/,
    'list -f one}'        => qr/unmatched/,
    'list -f !*'          => qr/--filter: the patterns with ! exclude every case/,
    'list -f !one/x'      => qr/matches no case/,
    'run --fliter=x one'  => qr/--fliter=x; did you mean --filter\?/,
    'run --driver boht one' => qr/--driver must be seed, linux, both or hex, not "boht"; did you mean "both"\?/,
    'run --color red one' => qr/--color must be always, never or auto/,
    'run -q -v one'       => qr/--quiet and --verbose are mutually exclusive/,
    'run --timeout-factor 0 one' => qr/--timeout-factor must be a number from 0.01 to 1000/,
    'run --fail-fast --max-fail 2 one' => qr/use only one of them/,
    'perf shwo'           => qr/not "shwo"; did you mean "show"\?/,
    'bless one/a'         => qr/bless records whole gates; name the gate/,
    'bless --failed one'  => qr/bless records whole gates; it does not accept --failed/,
    'run --shard 3 one'   => qr/--shard must be I\/N, the I-th of N shards: --shard 1\/3, not --shard 3/,
    'run --shard x one'   => qr/--shard 1\/4, not --shard x/,
    'run --format xml one' => qr/Unknown option --format: reports are written by --junit, --tap, --json and the like;/,
    'run --exclude x one' => qr/--filter '!GLOB' excludes cases/,
    'report --format xml' => qr/unknown format "xml"; did you mean "junit"\?/,
    'bless'               => qr/missing GATE; try: harness bless gates/,
);
for my $line (sort keys %refused) {
    my $run = harness(split ' ', $line);
    is($run->{status}, 2, "$line: exit status 2");
    like($run->{out}, $refused{$line}, "$line: the message");
}
my $json = harness('list', '--json', 'two/d')->{out};
is(`jq -r '.[] | .id, .gate, .path, (.drivers | join(" ")), (.needs | length)' <<'END'\n${json}END\n`,
    "two/d\ntwo\ngates/two.gate\nseed linux hex\n0\n", 'list --json');

# ---- What failed ----
{
    my $all = harness('run', 'gates');
    like($all->{out}, qr/^failed cases:\nfail    one\/b  .*\nfail    two\/d  init did not end as expected\n4 passed, 2 failed in .*\n\z/m,
        'what failed is listed at the end');
    my $again = harness('run', '--failed');
    is(cases($again), 'one/b two/d', '--failed: what did not pass');
    is($again->{status}, 1, 'and its exit status');
    is(cases(harness('run', '--failed', 'two')), 'two/d', '--failed of one gate');
    is(cases(harness('run', '--failed', '--filter', '!one/*', 'gates')), 'two/d', 'of the run before, which had one');
    gate('two', a_case('a', 0), a_case('b', 0), a_case('d', 0));
    is(harness('run', '--failed')->{status}, 0, 'once it is mended');
    my $none = harness('run', '--failed');
    is($none->{status}, 2, 'then nothing is left');
    like($none->{out}, qr/--failed: every case of the last run, of \S+, passed/, 'which is said');
}
# ---- How many run side by side ----
{
    # Whether the second case began before the first had ended.
    sub overlap {
        my @attempts = map { $_->{attempts}[0] } @{decode_json(read_file('jobs.json'))->{cases}};
        return $attempts[1]{start_at_ns} < $attempts[0]{start_at_ns} + $attempts[0]{duration_ns} ? 1 : 0;
    }
    gate('jobs', a_case('a', 0), a_case('b', 0));
    my @run = ('run', '--no-history', '--json', 'jobs.json', 'jobs');
    my $processors = `nproc`;
    { my $all = harness(@run, '-j', 0); is($all->{status}, 0, '-j 0') or diag $all->{out} }
    is(overlap(), $processors > 1 ? 1 : 0, 'as many at a time as there are processors');
    is(system("taskset -c 0 $Support::PROGRAM @run >/dev/null"), 0, 'without -j, on one processor');
    is(overlap(), 0, 'one after the other');
    is(system("$Support::PROGRAM @run >/dev/null"), 0, 'on all');
    is(overlap(), $processors > 1 ? 1 : 0, 'side by side');
    is(harness(@run, '-j', $_)->{status}, 2, "-j $_ is refused") for -1, 257;
}

{
    gate('bad', map { a_case($_, 5) } qw(a b c d));
    my $one = harness('run', '--fail-fast', 'bad');
    is($one->{status}, 1, '--fail-fast: exit status 1');
    is(cases($one), 'bad/a', 'no case begins after the first that failed');
    like($one->{out}, qr/^skip    bad\/b  not started: 1 case failed \(--max-fail 1\)$/m, 'and says why');
    is(cases(harness('run', '--failed', '--max-fail', 2)), 'bad/a bad/b', '--failed takes what had not begun, --max-fail counts');
}

# ---- Limits ----
{
    gate('spin', "[case a]\nfile /init = build:kernel/user/spin\nexit = 0\ntimeout = 250s\nhang = off\n");
    my $run = harness('run', '--timeout-factor', '0.01', '--progress', 1, 'spin');
    like($run->{out}, qr/did not end within 2.5 s \(timeout\)/, '--timeout-factor');
    like($run->{out}, qr/again: \S+ run --timeout-factor 0.01 --filter spin\/a /, 'which another run wants too');
    like($run->{out}, qr/^harness: 0\/1  spin\/a  \d\.\d s  1 spawned  init$/m, 'a sign of life');
}

# ---- What is shown ----
{
    my $quiet = harness('run', '-q', 'one');
    like($quiet->{out}, qr/\Afail    one\/b .*\n(    .*\n)+\nfailed cases:\nfail .*\n2 passed, 1 failed in \S+ s\n\z/, '-q');
    like(harness('run', '-v', 'one/a')->{out}, qr/^pass    one\/a .*\n +\d+\.\d\d ms  \/init: init 0 a: exit 0\n/m, '-v');
    my $console = harness('run', '-c', '-j2', 'one/a', 'one/c');
    like($console->{out}, qr/^one\/a \| init\none\/a \| 0\none\/a \| a\n/m, '-c: each line behind its case');
    like($console->{out}, qr/^one\/c \| init\n/m, 'of every case');
    my %colours = ('' => 0, 'FORCE_COLOR=1' => 1, 'FORCE_COLOR=1 NO_COLOR=1' => 0, '--color=always' => 1,
        'NO_COLOR=1 --color=always' => 1, 'FORCE_COLOR=1 --color=never' => 0, 'FORCE_COLOR=1 --color=auto' => 1);
    for my $how (sort keys %colours) {
        local %ENV = (%ENV, map { /^(\w+)=(1)$/ ? ($1, $2) : () } split ' ', $how);
        my $out = harness('run', (grep { /^--/ } split ' ', $how), 'one/a')->{out};
        is($out =~ /\e\[32m/ ? 1 : 0, $colours{$how}, "colours on a pipe: '$how'");
    }
}
like(harness('--version')->{out}, qr/^harness \d+\.\d+$/, '--version');
is(harness('help', 'run')->{out}, harness('run', '--help')->{out}, 'help run is run --help');

chdir '/';
done_testing();
