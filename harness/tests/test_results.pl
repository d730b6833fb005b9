#!/usr/bin/perl
# Results that a guest prints become subtests: in every report, with the counts that TAP::Parser finds and
# those that a reader of the document expects.
use strict;
use warnings;
use File::Copy;
use File::Path 'make_path';
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use TAP::Parser;
use Test::More;

my $root = temp_folder();
my $dir = temp_folder();
make_path("$root/gates", "$root/build/selftest", "$root/fixtures/r");
copy("build/selftest/$_", "$root/build/selftest/$_") or die for qw(say.img echo.img);

# Runs a case for each document, NAME => [FORMAT, TEXT], in one run; returns the attempts by name.
sub run_all {
    my (%documents) = @_;
    my $gate = "[gate]\nproves = x\nkernel = build/selftest/say.img\nstatus = 0\npanic = \"Kernel panic.*\"\n";
    for my $name (sort keys %documents) {
        write_file("$root/fixtures/r/$name", "$documents{$name}[1]\0");
        $gate .= "[case $name]\nresults = $documents{$name}[0]\ninitrd = fixture:$name\n";
        $gate .= 'result-line = "^test (?<name>\\\\S+) \\\\.\\\\.\\\\. (?:(?<pass>ok)|(?<fail>FAILED)|(?<skip>ignored)(?:, (?<detail>.*))?)$" "^running (?<plan>\\\\d+) tests$"' . "\n"
            if $documents{$name}[0] eq 'regex';
    }
    write_file("$root/gates/r.gate", $gate);
    my $run = harness('run', '-j', 2, '--junit', "$dir/junit", '--json', "$dir/json", '--tap', "$dir/tap", '--html', "$dir/html", "$root/gates/r.gate");
    my $report = decode_json(read_file("$dir/json"));
    return ($report, $run, map { $_->{case} => $_->{attempts}[0] } @{$report->{cases}});
}

sub counts {
    my ($attempt) = @_;
    my %of;
    $of{$_->{result}}++ for @{$attempt->{subtests}};
    return join ' ', map { "$_=$of{$_}" } sort keys %of;
}

sub results { return join ' ', map { "$_->{name}=$_->{result}" } @{$_[0]{subtests}} }

# ---- Flat documents, at random, judged by TAP::Parser ----
{
    srand 7;
    my %documents;
    for my $n (1 .. 24) {
        my @lines = rand() < 0.7 ? ('TAP version 13') : ();
        my $count = 1 + int rand 12;
        my @tests = map {
            my $line = rand() < 0.7 ? 'ok' : 'not ok';
            $line .= " $_" if rand() < 0.7;
            $line .= (rand() < 0.5 ? ' - ' : ' ') . "test $_" if rand() < 0.8;
            # "not ok" with SKIP is a failure for TAP::Parser, and a skip for KTAP and for us.
            $line .= (' # TODO later', ' # todo: soon', $line =~ /^ok/ ? (' # SKIP why', ' # skip') : ())[rand($line =~ /^ok/ ? 4 : 2)] if rand() < 0.3;
            ($line, rand() < 0.2 ? ('# a comment') : (), rand() < 0.1 ? ('something else') : ())
        } 1 .. $count;
        my $plan = '1..' . $count;
        my $early = rand() < 0.5;
        push @lines, $early ? $plan : (), @tests, $early ? () : $plan;
        $documents{"flat-$n"} = ['tap', join '', map { "$_\n" } @lines];
    }
    my ($report, $run, %attempts) = run_all(%documents);
    for my $name (sort keys %documents) {
        my $parser = TAP::Parser->new({tap => $documents{$name}[1]});
        my (%of, $failed);
        while (my $result = $parser->next) {
            next if !$result->is_test;
            $of{$result->has_skip ? 'skip' : $result->has_todo && !$result->is_actual_ok ? 'todo' : $result->is_ok ? 'pass' : 'fail'}++;
        }
        is(counts($attempts{$name}), join(' ', map { "$_=$of{$_}" } sort keys %of), "$name: the counts of TAP::Parser") or diag $documents{$name}[1];
        my $good = !$parser->failed && !$parser->parse_errors && $parser->tests_run;
        is($attempts{$name}{verdict}, $good ? 'pass' : 'fail', "$name: and its verdict");
    }
}

# ---- Levels, plans that do not come true, a kernel that panics in the middle ----
my %documents = (
    nested => ['tap', "TAP version 14\n1..2\n    # Subtest: one\n    1..2\n    ok 1 - a\n    not ok 2 - b\nnot ok 1 - one\n    ok 1 - c\n    1..1\nok 2 - two\n"],
    kunit => ['ktap', read_file('harness/fuzz/corpus/results/kunit')],
    'three-levels' => ['ktap', "KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n    KTAP version 1\n    1..1\n    # test_1: initializing test_1\n    ok 1 test_1\n  ok 1 example_test_1\n    KTAP version 1\n    1..2\n    ok 1 test_1 # SKIP test_1 skipped\n    ok 2 test_2\n  ok 2 example_test_2\nok 1 example\n"],
    'parent-alone' => ['ktap', "1..1\n    1..1\n    ok 1 child\nnot ok 1 parent\n"],
    planless => ['tap', "ok 1\nok 2\n"],
    documents => ['ktap', "KTAP version 1\n1..1\n    # Subtest: s\n    1..1\n    ok 1 a\nok 1 s\nlog\nKTAP version 1\n1..1\n    # Subtest: t\n    1..1\n    ok 1 a\nok 1 t\n"],
    'documents-cut' => ['ktap', "KTAP version 1\n1..2\nok 1 a\nKTAP version 1\n1..1\nok 1 b\n"],
    short => ['tap', "1..4\nok 1\nok 2\n"],
    long => ['tap', "1..1\nok 1\nok 2\n"],
    numbers => ['tap', "1..2\nok 1\nok 1\n"],
    twice => ['tap', "1..2\nok 1 a\nok 2 a\n"],
    'twice-named' => ['tap', "1..4\nok 1 a\nok 2 a (2)\nok 3 a\nok 4 a\n"],
    bail => ['tap', "1..1\nok 1 a\nBail out! no disk\n"],
    nothing => ['tap', "hello\n"],
    skipped => ['tap', "1..0 # SKIP no such board\n"],
    escaped => ['tap', "1..1\nok 1 - a \\# b \\\\ c\n"],
    carriage => ['tap', "1..1\r\nok 1 - a\r\n"],
    stamped => ['ktap', "[    0.1][    T1] KTAP version 1\n[    0.1][    T1] 1..1\n[    0.1][    T1]   # Subtest: s\n[    0.2] other: message\n[    0.1][    T1]   1..1\n[    0.1][    T1]   ok 1 a\n[    0.1][    T1] ok 1 s\n"],
    # What KUnit printed before it had KTAP: tabs, and no version for a suite.
    tabs => ['ktap', "TAP version 14\n1..2\n\t# Subtest: s\n\t1..2\n\t# a: initializing\n\tok 1 - a\n\tok 2 - b\nkunit s: all tests passed\nok 1 - s\n"
            . "\t# Subtest: t\n\t1..1\n\tok 1 - c\nok 2 - t\n"],
    'tabs-panic' => ['ktap', "[    0.060000] TAP version 14\n[    0.060000] 1..2\n[    0.060000] \t# Subtest: s\n[    0.060000] \t1..3\n[    0.060000] \tok 1 - a\n"
            . "[    0.060000] \tKernel panic - not syncing: here\n"],
    prefix => ['ktap', "a log\n<6> KTAP version 1\n<6> 1..1\n<6>   KTAP version 1\n<6>   # Subtest: s\n<6>   1..2\n<6>   ok 1 a\n<6>  foo \t# no comment\n<6>   ok 2 b\n<6> ok 1 s\n"],
    zero => ['ktap', "KTAP version 1\n1..0\n"],
    'zero-tap' => ['tap', "1..0\n"],
    'many-plans' => ['ktap', "KTAP version 1\n1..700\nok 1 a\n" x 5],
    rust => ['regex', "running 4 tests\ntest a::b ... ok\r\ntest c ... FAILED\ntest d ... ignored, why\ntest e ... ok\nother\n"],
    'rust-short' => ['regex', "running 2 tests\ntest a::b ... ok\n"],
    'rust-none' => ['regex', "hello\n"],
    kvm => ['kvm-unit-tests', "PASS: timer: a\nSKIP: b\nXFAIL: c\nSUMMARY: 3 tests, 1 expected failures, 1 skipped\n"],
    'kvm-silent' => ['kvm-unit-tests', "paging enabled\n"],
    'kvm-wrong' => ['kvm-unit-tests', "PASS: a\nFAIL: b\nXPASS: c\nSUMMARY: 4 tests, 2 unexpected failures\n"],
);
my %expected = (
    nested => ['fail', 'one/a=pass one/b=fail two/c=pass', 'subtest one/b failed'],
    kunit => ['panic', 'list-kunit-test/list_test_list_init=pass list-kunit-test/list_test_list_add=fail list-kunit-test/list_test_param/first=pass '
        . 'list-kunit-test/list_test_param/second=skip crash/fine=pass crash/2=fail crash/3=missing crash/4=missing 3=missing', 'the kernel panicked, says the console'],
    'three-levels' => ['pass', 'example/example_test_1/test_1=pass example/example_test_2/test_1=skip example/example_test_2/test_2=pass'],
    'parent-alone' => ['fail', 'parent/child=pass parent=fail', 'subtest parent failed'],
    planless => ['fail', '1=pass 2=pass', 'no plan was printed'],
    documents => ['pass', 's/a=pass t/a=pass'],
    'documents-cut' => ['fail', 'a=pass 2=missing b=pass', '2 results were planned, 1 came'],
    short => ['fail', '1=pass 2=pass 3=fail 4=missing', '4 results were planned, 2 came'],
    long => ['fail', '1=pass 2=pass', '1 results were planned, 2 came'],
    numbers => ['fail', '1=pass 2=pass', 'has the number 1 where 2 follows'],
    twice => ['fail', 'a=pass a (2)=pass', 'the result of "a" came twice'],
    'twice-named' => ['fail', 'a=pass a (2)=pass a (3)=pass a (4)=pass', 'the result of "a" came twice'],
    bail => ['fail', 'a=pass', 'the tests bailed out: no disk'],
    nothing => ['fail', '', 'the console shows no result of a test'],
    skipped => ['pass', 'all=skip'],
    escaped => ['pass', 'a # b \\ c=pass'],
    carriage => ['pass', 'a=pass'],
    stamped => ['pass', 's/a=pass'],
    tabs => ['pass', 's/a=pass s/b=pass t/c=pass'],
    'tabs-panic' => ['panic', 's/a=pass s/2=fail s/3=missing 2=missing'],
    prefix => ['pass', 's/a=pass s/b=pass'],
    zero => ['fail', '', 'no test ran: the plan is 1..0'],
    'zero-tap' => ['pass', 'all=skip'],
    rust => ['fail', 'a::b=pass c=fail d=skip e=pass', 'subtest c failed'],
    'rust-short' => ['fail', 'a::b=pass', '2 results were planned, 1 came'],
    'rust-none' => ['fail', '', 'the console shows no result of a test'],
    kvm => ['pass', 'timer: a=pass b=skip c=todo'],
    'kvm-silent' => ['pass', ''],
    'kvm-wrong' => ['fail', 'a=pass b=fail c=fail', 'subtest b failed', '4 results were planned, 3 came'],
);
my ($report, $run, %attempts) = run_all(%documents);
diag $run->{out} if $run->{status} > 1;
is(counts($attempts{'many-plans'}), 'missing=1000 pass=5', 'missing results are named up to a thousand, of all plans');
like(join(' ', map { $_->{text} } @{$attempts{'many-plans'}{findings}}), qr/(?:700 results were planned, 1 came.*){5}/, 'and every plan that did not come true is told');
for my $name (sort keys %expected) {
    my ($verdict, $results, @findings) = @{$expected{$name}};
    is($attempts{$name}{verdict}, $verdict, "$name: $verdict");
    is(results($attempts{$name}), $results, "$name: its subtests");
    my $all = join "\n", map { $_->{text} } @{$attempts{$name}{findings}};
    like($all, qr/\Q$_\E/, "$name: $_") for @findings;
}
is((grep { $_->{name} =~ /list_add/ } @{$attempts{kunit}{subtests}})[0]{detail}, 'list_test_list_add: EXPECTATION FAILED at lib/list-test.c:49',
    'what was printed before a failure is its detail');

is($attempts{rust}{subtests}[2]{detail}, 'why', 'a group "detail" is what is said of a result');
for (['results = regex', 'need each other'], ['result-line = "(?<name>x)(?<pass>y)"', 'need each other'],
    ["results = regex\nresult-line = \"(?<name>x)\"", 'needs a group (?<name>...) and one of (?<pass>...)'],
    ["results = regex\nresult-line = \"(?<pass>x)\"", 'needs a group (?<name>...)'], ["results = regex\nresult-line = \"(?<name>x\"", 'missing closing parenthesis']) {
    my ($lines, $why) = @$_;
    write_file("$root/gates/w.gate", "[gate]\nproves = x\n[case c]\nkernel = build/selftest/say.img\n$lines\n");
    like(harness('check', "$root/gates/w.gate")->{out}, qr/\Q$why\E/, "refused: $lines");
}

# ---- The reports ----
is(system("xmllint --noout --schema harness/tests/junit.xsd $dir/junit 2>/dev/null"), 0, 'JUnit is valid');
my $junit = read_file("$dir/junit");
my $subtests = 0;
$subtests += @{$_->{subtests}} for values %attempts;
is(() = $junit =~ /<testcase/g, $subtests + keys %documents, 'JUnit has a test case for each subtest, and for each case');
like($junit, qr/<testsuite name="r" tests="@{[$subtests + keys %documents]}"/, 'and counts them');
like($junit, qr{name="r/kunit/crash/2" classname="r" time="\S+">\n +<failure message="the output ended while it ran"/>}, 'a failure has its detail');
# TAP::Parser's reader of YAML takes no list of strings that have a colon.
my $parser = TAP::Parser->new({tap => read_file("$dir/tap") =~ s/\ATAP version 14/TAP version 13/r =~ s/^  ---\n.*?^  \.\.\.\n//smgr});
$parser->run;
is_deeply([$parser->parse_errors], [], 'TAP with subtests is still a document for version 13');
like(read_file("$dir/tap"), qr/^    # Subtest: r\/nested\n    1\.\.3\n    ok 1 - one\/a\n    not ok 2 - one\/b\n    ok 3 - two\/c\nnot ok \d+ - r\/nested$/m, 'TAP nests them');
like(read_file("$dir/html"), qr{<td>missing</td><td><code>crash/3</code>}, 'HTML lists them');
like($run->{out}, qr{^pass    r/three-levels +[\d.]+ ms  3 subtests: 2 passed, 1 skipped$}m, 'the terminal counts them');

# ---- A case that is unchanged has its subtests too ----
{
    write_file("$root/gates/r.gate", "[gate]\nproves = x\n[case c]\nkernel = build/selftest/say.img\nstatus = 0\nresults = tap\ninitrd = \"1..2\\nok 1 - a b\\nok 2 - c # SKIP no disk\\n\\0\"\n");
    my @run = ('run', '--cache', "$root/cache", '--json', "$dir/json", "$root/gates/r.gate");
    my @subtests = map { harness(@run); decode_json(read_file("$dir/json"))->{cases}[0]{attempts}[0] } 1, 2;
    ok(!$subtests[0]{proved_by} && $subtests[1]{proved_by}, 'the second run takes the result of the first');
    is_deeply($subtests[1]{subtests}, [{name => 'a b', result => 'pass'}, {name => 'c', result => 'skip', detail => 'no disk'}], 'with its subtests');
    delete $_->{host_ns} for @{$subtests[0]{subtests}};
    is_deeply($subtests[1]{subtests}, $subtests[0]{subtests}, 'the same, but for times, which only a run has');
    # Without a status, results are the only answer that kvm-unit-tests can give.
    write_file("$root/gates/r.gate", "[gate]\nproves = x\n[case c]\nkernel = build/selftest/say.img\nresults = kvm-unit-tests\ninitrd = \"x\\n\\0\"\n");
    like(harness('run', "$root/gates/r.gate")->{out}, qr/the console shows no result of a test/, 'silence without a status fails');
    # Where nothing else ends the case, its plan does: the guest waits for ever.
    my $waiting = "[gate]\nproves = x\nkernel = build/selftest/say.img\nresults = tap\nhang = 1s\n";
    write_file("$root/gates/r.gate", "$waiting\[case whole]\ninitrd = \"1..2\\nok 1 - a\\nok 2 - b\\n\\0w\"\n[case cut]\ninitrd = \"1..2\\nok 1 - a\\n\\0w\"\n");
    my $out = harness('run', "$root/gates/r.gate")->{out};
    like($out, qr{^pass    r/whole +[\d.]+ ms  2 subtests: 2 passed$}m, 'a case ends with its plan');
    like($out, qr{^hang    r/cut .*\n(?:    .*\n)*    subtest 2 failed:\n    the output ended while it ran$}m, 'and hangs while a result is missing');
    write_file("$root/gates/r.gate", "[gate]\nproves = x\n[case c]\nkernel = build/selftest/echo.img\nresults = tap\ndialog = wait \"name\" send \"x\\n\"\ntimeout = 20s\n");
    is(harness('run', "$root/gates/r.gate")->{status}, 1, 'a dialog without any result fails');
}
done_testing();
