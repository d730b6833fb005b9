#!/usr/bin/perl
# Subtests have names and times: --filter finds them, JUnit, the history and perf show what they took. The
# guest echoes what the dialog sends, so that the dialog says when a result comes.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Copy;
use File::Path 'make_path';
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use Test::More;

# A root of its own, with its own journals and history; everything runs in it.
my $root = temp_folder();
$Support::PROGRAM = abs_path($Support::PROGRAM);
$Support::DEFAULT_PLACES = 1;
delete $ENV{HARNESS_HISTORY};
make_path("$root/gates", "$root/build/selftest");
copy("build/selftest/$_", "$root/build/selftest/$_") or die for qw(say.img repeat.img);
chdir $root or die;

my $SAY = "kernel = build/selftest/say.img\nstatus = 0\nresults = tap\n";
write_file('gates/r.gate', "[gate]\nproves = x\n"
    . "[case slow]\nkernel = build/selftest/repeat.img\nresults = tap\n"
    . "dialog = send \"1..3\\nok 1 - quick\\n\" quiet 700ms \"quick\" send \"ok 2 - slow one\\n\" wait \"slow one\\n\" send \"ok 3 - end\\n\" wait \"- end\\n\"\n"
    . "[case suite]\n${SAY}initrd = \"1..2\\n    # Subtest: math\\n    1..2\\n    ok 1 - add\\n    ok 2 - sub\\nok 1 - math\\nok 2 - quick\\n\\0\"\n"
    . "[case wrong]\n${SAY}initrd = \"1..2\\nok 1 - right\\nnot ok 2 - left\\n\\0\"\n"
    . "[case untimed]\nkernel = build/selftest/say.img\nstatus = 0\nresults = kvm-unit-tests\ninitrd = \"PASS: first\\nPASS: second\\n\\0\"\n");

sub subtests {
    my ($file) = @_;
    my $report = decode_json(read_file($file));
    return join ' ', map { my $c = $_; map { "$c->{id}/$_->{name}" } @{$c->{attempts}[-1]{subtests}} } @{$report->{cases}};
}

# ---- Before any run ----
like(harness('list', '-f', 'add', 'r')->{out}, qr/--filter add: matches no case, and no subtest that a case printed when it ran last; harness list/, 'no run knows a name yet');

# ---- Times ----
my @run = ('run', '--fresh', '--junit', 'junit', '--json', 'json', '--html', 'html', 'r');
my $all = harness(@run);
is($all->{status}, 1, 'one of them fails') or diag $all->{out};
my %seconds = read_file('junit') =~ /<testcase name="r\/([^"]+)" classname="r" time="([\d.]+)"/g;
cmp_ok($seconds{'slow/slow one'}, '>=', 0.7, 'a subtest takes what passes before its line');
cmp_ok($seconds{'slow/slow one'}, '<', $seconds{slow}, 'and less than its case');
cmp_ok($seconds{'slow/end'}, '<', 0.7, 'and not what passes after it');
my %of = map { $_->{case} => $_->{attempts}[0]{subtests} } @{decode_json(read_file('json'))->{cases}};
ok(!exists $of{untimed}[0]{host_ns} && exists $of{untimed}[1]{host_ns}, 'the first has no time, where no line says when it began');
is(sprintf('%.6f', $of{slow}[1]{host_ns} / 1e9), $seconds{'slow/slow one'}, 'JSON has the same time');
like(read_file('html'), qr{<code>slow one</code></td><td class="n">[789]\d\d\.}, 'so has HTML');

# ---- The history, judged by sqlite3 ----
sub sql { open my $in, '-|', 'sqlite3', '-batch', '.harness/history.db', $_[0] or die; chomp(my @rows = <$in>); return join ' ', @rows }
is(sql("SELECT count(*) FROM spawn JOIN program ON program.id = program WHERE path = 'subtest'"), 3 + 3 + 2 + 2, 'the history has each');
is(sprintf('%.6f', sql("SELECT host_ns FROM spawn JOIN program ON program.id = program WHERE argv = 'slow one'") / 1e9), $seconds{'slow/slow one'}, 'with its time');
like(harness('perf', 'show', 'r/slow')->{out}, qr/^ +1 +[789]\d\d\.\d .*  r\/slow  subtest: slow one$/m, 'perf shows it');
unlike(harness('perf', 'show', '--all')->{out}, qr/subtest: (?:first|left)/, 'and none without a time, or of a case that failed');
like(harness('perf', 'runs')->{out}, qr{ 3/4 +0 }, 'subtests are no programs');
for my $format ('jsonl', 'csv') {
    is(harness('perf', 'export', '--format', $format, '-o', $format)->{status}, 0, "export as $format");
    is(harness('perf', 'import', '--history', "$format.db", $format)->{status}, 0, 'which another history takes');
    is(harness('perf', 'export', '--history', "$format.db", '--format', 'openmetrics')->{status}, 2, 'as runs of another machine');
}
like(harness('perf', 'export', '--format', 'openmetrics')->{out}, qr/^harness_program_seconds\{case="r\/slow",program="subtest: slow one",machine="[^"]*"\} 0\.[789]/m, 'OpenMetrics has it');
{
    # A step is one of a subtest too: ten runs at one cost, ten at another, written as export does.
    my @rows = grep { /"argv": ?"slow one"/ } split /\n/, read_file('jsonl');
    my $row = decode_json($rows[0]);
    my $lines = '';
    for my $run (1 .. 40) {
        $lines .= JSON::PP->new->canonical->encode({%$row, run => $run, rows => 1, machine_id => 'other', machine => 'other', attempt => 1, n => 0,
            host_ns => ($run <= 20 ? 1e8 : 3e8) + $run * 1000, duration_ns => 1e9}) . "\n";
    }
    write_file('steps.jsonl', $lines);
    is(harness('perf', 'import', 'steps.jsonl')->{status}, 0, 'rows of subtests are taken');
    like(harness('perf', 'steps', '--machine', 'other')->{out}, qr/\b21\b.*r\/slow  subtest: slow one/, 'perf steps finds since when it is slow');
}

# ---- Names ----
my %found = (
    'add' => 'r/suite', 'math/add' => 'r/suite', 'r/suite/math/add' => 'r/suite', '*/math/*' => 'r/suite', 'quick' => 'r/slow r/suite', 'r/slow/quick' => 'r/slow',
    '{math/sub,left}' => 'r/suite r/wrong', '{r/slow,math/sub}' => 'r/slow r/suite', 'slow one' => 'r/slow', 'second' => 'r/untimed',
);
delete $found{add}; # a name is whole, as that of a case
is(join(' ', harness('list', '-f', $_, 'r')->{out} =~ /^  (\S+)/mg), $found{$_}, "--filter $_: $found{$_}") for sort keys %found;
is(join(' ', harness('list', '-f', 'quick', '-f', '!r/slow', 'r')->{out} =~ /^  (\S+)/mg), 'r/suite', 'a case can be left out');
like(harness('run', '-f', 'math/ad', 'r')->{out}, qr/--filter math\/ad: matches no case, and no subtest.*did you mean "math\/add"\?/, 'a wrong name: a near one');
is(harness('run', '-f', 'math/ad', 'r')->{status}, 2, 'and exit status 2');

my $one = harness('run', '--fresh', '-f', 'math/add', '--json', 'json', '--junit', 'junit', '--tap', 'tap', 'r');
is($one->{status}, 0, 'one subtest');
is(subtests('json'), 'r/suite/math/add', 'JSON shows it alone');
is(join(' ', read_file('junit') =~ /<testcase name="([^"]+)"/g), 'r/suite r/suite/math/add', 'JUnit too');
like(read_file('tap'), qr/^    1\.\.1\n    ok 1 - math\/add\n/m, 'and TAP');
like($one->{out}, qr{^pass    r/suite +[\d.]+ ms  1 subtest: 1 passed\n    pass +[\d.]+ ms  math/add\n}m, 'and the terminal, with its time');
is(subtests('json'), 'r/suite/math/add', 'a report of it is the same') if harness('report', '--format', 'json', '-o', 'json')->{status} == 0;

is(join(' ', harness('list', '-f', 'math/sub', 'r')->{out} =~ /^  (\S+)/mg), 'r/suite', 'the others of that run are known all the same');
my $right = harness('run', '-f', 'right', '--json', 'json', 'r');
is($right->{status}, 1, 'a case is judged by all that it prints');
like($right->{out}, qr/subtest left failed/, 'and says so');
is(subtests('json'), 'r/wrong/right', 'though it shows what was asked for');
harness('run', '--fresh', '-f', 'math/add', '-f', 'r/suite', '--json', 'json', 'r');
is(subtests('json'), 'r/suite/math/add r/suite/math/sub r/suite/quick', 'a case that is named itself is shown whole');

# ---- Where names come from ----
is(harness('list', '-f', 'second', 'r')->{status}, 0, 'from the history, though the last journal lacks it');
rename '.harness/history.db', 'kept' or die;
is(harness('list', '-f', 'math/sub', 'r')->{status}, 0, 'from the newest journal, without a history');
is(harness('list', '-f', 'second', 'r')->{status}, 2, 'of which another case is no part');
rename 'kept', '.harness/history.db' or die;

# ---- A case that prints other names now ----
write_file('gates/r.gate', read_file('gates/r.gate') =~ s/- add/- plus/r);
my $changed = harness('run', '-f', 'math/add', 'r');
like($changed->{out}, qr{^pass    r/suite .*\n    no subtest of the filter came; 3 others did$}m, 'what did not come is told');
done_testing();
