#!/usr/bin/perl
# Journals and reports as their users meet them: read by programs that none of us wrote, from runs
# that failed in every way, were interrupted, or printed what no report may show.
use strict;
use warnings;
use Cwd qw(getcwd);
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Readers;
use Support;
use Test::More;

# ---- A run of gates that must fail, with all reports at once ----
my @gates = map { "gates/selftest/$_.gate" } qw(fault forged hang mismatch nostart panic timeout truncated);
my $mixed = "$dir/mixed.jsonl";
my %file = map { $_ => "$dir/run.$_" } grep { $_ ne 'text' } @FORMATS;
my $run = harness('run', '--journal', $mixed, (map { ("--$_", $file{$_}) } sort keys %file), 'gates/tier1.gate', @gates);
{
    is($run->{status}, 3, 'the mixed run: exit status 3');
    my $reports = check_reports('mixed', $mixed, '34 5 3 0');
    is(read_file($file{$_}), $reports->{$_}, "$_ of the run is $_ of its journal") for sort keys %file;
    # A busy machine takes so long that progress is shown.
    is($run->{out} =~ s{^harness: \d+/\d+ .*\n}{}gmr, $reports->{text}, 'what was shown is the text of its journal');
    my ($version) = harness('--version')->{out} =~ /^harness (\S+)$/;
    like($reports->{text}, qr/^harness \Q$version\E\ngate /m, 'text names the version of the harness');
    is(system('cmp', '-s', $mixed, (map { "$dir/$_" } 'mixed.jsonl')), 0, 'a report leaves the journal alone');

    for my $format (qw(junit html text tap json)) {
        my $seen = $reports->{$format};
        like($seen, qr/$_/, "$format shows $_") for 'first difference at byte 28', 'memory at SP', 'at spin\.c:\d+',
            'no-such-cpu', 'still here', '00000010 .*tigh\|';
    }
    like($reports->{html}, qr/<details class="case fail" id="c\d+" open>/, 'HTML: a failing case is open');
    unlike($reports->{html}, qr/<details class="case pass" id="c\d+" open>/, 'HTML: one that passed is not');
    unlike($reports->{html}, qr/(?:src|href)="(?!#)|\@import|url\(/, 'HTML: nothing is loaded from elsewhere');
    my $spawns = decode_json($reports->{json})->{totals}{spawns};
    my $bars = () = $reports->{html} =~ /class="bar spawn/g;
    is($bars, $spawns, 'HTML: the timeline has every spawn');
    my %ids = map { $_ => 1 } $reports->{html} =~ / id="([^"]+)"/g;
    is(join(' ', grep { !$ids{$_} } $reports->{html} =~ /href="#([^"]+)"/g), '', 'HTML: every link leads somewhere');
    like($reports->{html}, qr/7\.\d+\.\d+|8\.\d+|9\.\d+|10\.\d+/, 'the version of QEMU is shown');
    is(decode_json($reports->{json})->{kernel}{sha256}, (split ' ', `sha256sum build/kernel/Image`)[0], 'the hash of the kernel is shown');

    # A schema that takes anything would prove nothing.
    my $bad = $reports->{junit};
    $bad =~ s/ tests="\d+"//g;
    write_file("$dir/bad.xml", $bad);
    isnt(system("xmllint --noout --schema $XSD $dir/bad.xml >/dev/null 2>&1"), 0, 'the schema refuses a suite without tests');

    my ($parser, $results, $yaml) = parse_tap($reports->{tap});
    my ($join) = grep { $_->description =~ m{selftest/mismatch/join} } @$results;
    like($yaml->{$join->number}{findings}[0]{text}, qr/^\/joined: the content differs/, 'TAP: YAML says what is wrong');
    like($yaml->{$join->number}{findings}[0]{difference}[0], qr/^first difference at byte 28/, 'TAP: and where');
    write_file("$dir/run13.tap", $reports->{tap} =~ s/14/13/r);
    like(scalar `prove --exec cat $dir/run13.tap 2>&1`, qr/Failed 8\/34 subtests/, 'prove reads it');
}

# ---- Retries: attempts are numbered in the journal, whoever makes them ----
{
    my $text = '';
    my ($again, $pass) = ('', '');
    for my $line (split /^/, read_file($mixed)) {
        my $o = decode_json($line);
        if ($o->{event} eq 'verdict' && $o->{case} eq 'selftest/mismatch/join') {
            # The same once more, and then a pass.
            ($again = $line) =~ s/"attempt":1/"attempt":2/;
            ($pass = $line) =~ s/"attempt":1/"attempt":3/;
            $pass =~ s/"verdict":"fail"/"verdict":"pass"/;
            $pass =~ s/"findings":\[.*?\],"console"/"findings":[],"console"/;
            my ($start) = $text =~ /^(\{"event":"start","case":"selftest\/mismatch\/join".*\n)/m;
            $line .= ($start =~ s/"attempt":1/"attempt":2/r) . $again;
            $line .= ($start =~ s/"attempt":1/"attempt":3/r) . $pass;
        }
        $text .= $line;
    }
    my $reports = check_reports('flaky', write_file("$dir/flaky.jsonl", $text), '34 4 3 0');
    like($reports->{text}, qr/^pass    selftest\/mismatch\/join .* attempt 3: flaky$/m, 'text shows the flaky case');
    like($reports->{text}, qr/^27 passed, .*; 1 flaky in /m, 'and counts it');
    is(() = $reports->{junit} =~ /<flakyFailure type="fail"/g, 2, 'JUnit has both failures of it');
    is(decode_json($reports->{json})->{totals}{flaky}, 1, 'JSON counts it');
    is(() = $reports->{html} =~ /badge flaky/g, 2, 'HTML marks it, in its list and at its case');
    my ($parser, $results, $yaml) = parse_tap($reports->{tap});
    my ($join) = grep { $_->description =~ m{selftest/mismatch/join} } @$results;
    ok($join->is_ok && $yaml->{$join->number}{flaky} eq 'true', 'TAP shows it under an ok');
    is(scalar @{$yaml->{$join->number}{attempts}}, 3, 'with its attempts');

    # The third attempt fails as well: no longer flaky, the others are reruns.
    $text =~ s/("case":"selftest\/mismatch\/join","attempt":3,"at_ns":\d+,"verdict":)"pass"(.*?"findings":)\[\]/$1"timeout"$2\[{"text":"late"}]/ or die;
    $reports = check_reports('retried in vain', write_file("$dir/vain.jsonl", $text), '34 4 4 0');
    is(() = $reports->{junit} =~ /<rerunFailure type="fail"/g, 2, 'JUnit: the other attempts are reruns');
    unlike($reports->{$_}, qr/flaky(?!"?:(?:0|false)|[ .{])/i, "$_: nothing is called flaky") for qw(junit tap text);
}

# ---- What a CI sets: GitHub's runner reads a file for the job's page and lines of the output ----
{
    my $summary = write_file("$dir/summary.md", "# another step wrote this\n");
    local $ENV{GITHUB_STEP_SUMMARY} = $summary;
    local $ENV{GITHUB_ACTIONS} = 'true';
    my $run = harness('run', '--journal', "$dir/ci.jsonl", '--markdown', "$dir/ci.md", 'gates/selftest/mismatch.gate');
    my $text = read_file($summary);
    is($text, "# another step wrote this\n" . report('markdown', "$dir/ci.jsonl"), 'the summary is appended to the file of the job');
    is(read_file("$dir/ci.md"), report('markdown', "$dir/ci.jsonl"), 'beside the file that was asked for');
    my ($gates, $failed) = markdown_tables($text);
    is($failed->[1][0], 'selftest/mismatch/join', 'Markdown: the failed case');
    like($failed->[1][2], qr/^\/joined: the content differs/, 'Markdown: its first finding');
    like($text, qr/<details><summary>selftest\/mismatch\/join<.*first difference at byte 28/s, 'Markdown: its details');
    my $annotations = report('annotations', "$dir/ci.jsonl");
    like($annotations, qr/^::error file=gates\/selftest\/mismatch\.gate,title=selftest\/mismatch\/join%3A fail::\/joined: the content differs/m, 'an annotation');
    like($run->{out}, qr/^\Q$annotations\E/m, 'run shows the annotations');
    $ENV{GITHUB_STEP_SUMMARY} = "$dir/none/summary.md";
    $run = harness('run', '--no-journal', '--filter', 'tier1/empty', 'gates/tier1.gate');
    is($run->{status}, 0, 'a run without a journal writes none of it');
    $run = harness('run', '--journal', "$dir/ci.jsonl", '--filter', 'tier1/empty', 'gates/tier1.gate');
    is($run->{status}, 3, 'a summary that cannot be written: exit status 3');
    like($run->{out}, qr/cannot write the markdown report to .*none\/summary\.md: /, 'with its name');
}

# ---- Journals that are cut off ----
{
    my $text = read_file($mixed);
    my ($plan) = $text =~ /\A(.*?)^\{"event":"start"/ms;
    is(harness('report', write_file("$dir/cut.jsonl", substr($text, 0, length($plan) - 1)))->{status}, 3, 'a journal cut in its plan: exit status 3');
    like(harness('report', "$dir/cut.jsonl")->{out}, qr/truncated before the end of its plan, when nothing had run/, 'and a message');
    my ($bad, $count, $skips) = (0, 0, 1000);
    my @xml;
    srand 4;
    my @offsets = sort { $a <=> $b } length $plan, length($text) - 1, map { length($plan) + int rand(length($text) - length $plan) } 1 .. 298;
    for my $offset (@offsets) {
        write_file("$dir/cut.jsonl", substr($text, 0, $offset));
        my $format = $FORMATS[$count++ % @FORMATS];
        my $totals = json_totals(report('json', "$dir/cut.jsonl"));
        my ($cases, undef, undef, $skipped) = split ' ', $totals;
        my $report = report($format, "$dir/cut.jsonl");
        # Python takes long to start: all XML at once, below.
        push @xml, [write_file("$dir/cut$offset.xml", $report), $totals] if $format eq 'junit';
        my $same = $format eq 'junit' ? $totals : $totals_of{$format}->($report, $cases, $skipped);
        if ($cases != 34 || $skipped > $skips || $same ne $totals) {
            $bad++;
            diag("cut at $offset: $totals, $format: $same, $skips skips before");
        }
        $skips = $skipped;
    }
    is($bad, 0, "$count cuts: every report counts every case, and no more skips than an earlier cut");
    is_deeply([count_files(map { $_->[0] } @xml)], [map { $_->[1] } @xml], scalar @xml . ' of them as XML');
    check_reports('cut', write_file("$dir/cut.jsonl", substr($text, 0, length($text) / 2)), json_totals(report('json', "$dir/cut.jsonl")));
    like(report('text', "$dir/cut.jsonl"), qr/; stopped early$/m, 'text says that it stopped early');
    like(report('tap', "$dir/cut.jsonl"), qr/^Bail out! the run stopped early$/m, 'TAP bails out');
    like(report('html', "$dir/cut.jsonl"), qr/The run stopped early/, 'HTML says so');

    my @lines = split /^/, $text;
    $lines[30] = substr($lines[30], 0, 20) . "\n";
    my $broken = harness('report', write_file("$dir/broken.jsonl", join '', @lines));
    is($broken->{status}, 3, 'a broken line in the middle: exit status 3');
    like($broken->{out}, qr/broken\.jsonl:31: the line is not JSON/, 'and its number');
}

# ---- A harness that is killed ----
{
    my $journal = "$dir/killed.jsonl";
    my $killed = start('run', '--journal', $journal, 'gates/selftest/killed.gate');
    wait_for_guest($killed, qr{killed/first});
    wait_for_content($journal, qr{"spawn","case":"selftest/killed/spin"});
    kill 'KILL', $killed->{pid};
    finish($killed);
    my $reports = check_reports('kill -9', $journal, '2 0 1 0');
    like($reports->{text}, qr/^pass    selftest\/killed\/first.*^error   selftest\/killed\/spin/ms, 'kill -9: what had ended is there');
    like($reports->{junit}, qr/<error type="error" message="the run stopped before it ended">/, 'kill -9: what had not is an error');
    like(read_file($journal), qr/"event":"spawn","case":"selftest\/killed\/spin"/, 'kill -9: the last event before it was written');

    my $stopped = start('run', '--journal', $journal, 'gates/selftest/killed.gate');
    wait_for_guest($stopped, qr{killed/first});
    kill 'INT', $stopped->{pid};
    is(finish($stopped)->{status}, 130, 'Ctrl-C: exit status 130');
    $reports = check_reports('Ctrl-C', $journal, '2 0 1 0');
    like($reports->{tap}, qr/^Bail out! the run was interrupted$/m, 'Ctrl-C: TAP bails out');
    ok(decode_json($reports->{json})->{interrupted}, 'Ctrl-C: JSON says so');
}

# ---- A flood: more programs and files than a page can show, and an argument of a megabyte ----
{
    harness('run', '--journal', "$dir/flood", '--out', "$dir/out", '--filter', 'drivers/children', 'gates/drivers.gate');
    # Copies of a program's two events behind the last program, and of a file behind the last file.
    my @lines = split /^/, read_file("$dir/flood");
    my ($spawn) = grep { /^\{"event":"spawn".*"spawn":1,/ } @lines;
    my ($exit) = grep { /^\{"event":"exit".*"spawn":1,/ } @lines;
    my ($file) = grep { /^\{"event":"file"/ } @lines;
    my ($last) = (grep { $lines[$_] =~ /^\{"event":"exit"/ } 0 .. $#lines)[-1];
    my $programs = grep { /^\{"event":"spawn"/ } @lines;
    my (@programs, @files);
    for my $n (1 .. 7000) {
        my $index = $programs + $n - 1;
        for my $line ($spawn, $exit) {
            my $copy = $line;
            $copy =~ s/"spawn":1,"pid":\d+/"spawn":$index,"pid":@{[100 + $index]}/;
            $copy =~ s/"host_ns":\d+/"host_ns":$n/;
            $copy =~ s/"status":0/"status":1/ if $n == 1;
            $copy =~ s/"argv":\[.*\]/'"argv":["' . 'x' x 1_000_000 . '"]'/e if $n == 7000;
            push @programs, $copy;
        }
        push @files, $file =~ s/"path":"/"path":"\/$n/r;
    }
    my ($at) = grep { $lines[$_] eq $file } 0 .. $#lines;
    splice @lines, $at + 1, 0, @files;
    splice @lines, $last + ($last > $at ? @files : 0), 0, @programs;
    write_file("$dir/flood", join '', @lines);
    my $page = report('html', "$dir/flood");
    my $bars = () = $page =~ /class="bar spawn/g;
    is($bars, 1000, 'HTML: a flood of programs is drawn in part');
    like($page, qr/6\d{3} more are not shown: the timeline and the cases show the programs that failed/, 'and says how many are not');
    my ($data) = $page =~ m{<script type="application/json" id="program-data"[^>]*>(.*?)</script>}s;
    is(scalar @{decode_json($data)}, $programs + 7000, 'the table of programs has all of them');
    like($page, qr/[67]\d{3} more are not shown: the page shows only the first files/, 'files too');
    like($page, qr/xxx \.\.\. \(10000\d\d characters\)/, 'and how long an argument is');
    cmp_ok(length $page, '<', 12_000_000, 'the page is small');
    my %ids = map { $_ => 1 } $page =~ / id="([^"]+)"/g;
    is(join(' ', grep { !$ids{$_} } $page =~ /href="#([^"]+)"/g), '', 'every link leads somewhere');
}

# ---- Bytes that no report may show as they are ----
{
    my $all = join '', map { chr } 0 .. 255;
    my $hostile = "$all\n]]> <![CDATA[ <script>alert(1)</script> &amp; \"'\n\xef\xbf\xbf\xe2\x80\xae\n...\n---\nnot ok 1\nBail out!\n\e[2J\e]0;title\a" . ('x' x 3000) . "\n";
    my $encoded = join '', map { sprintf '%%%02x', $_ } 1 .. 255;
    my $transcript = "=== BOOT mem=1 freq=62500000 ticks=1 nonce=\@NONCE\@ ===\n"
        . "=== SPAWN pid=1 ppid=0 argc=2 path=/init argv=$encoded,%3cb%3e ticks=2 nonce=\@NONCE\@ ===\n$hostile"
        . "=== EXIT pid=1 status=0 ticks=3 nonce=\@NONCE\@ ===\n=== DUMP-BEGIN nonce=\@NONCE\@ ===\n"
        . "=== FILE path=/%1b%ff%3c%22%5d%5d%3e size=1 nonce=\@NONCE\@ ===\n41\n=== DUMP-END nonce=\@NONCE\@ ===\n"
        . "=== PANIC $all" =~ s/[\n\0]/ /gr . " nonce=\@NONCE\@ ===\n";
    local $ENV{HARNESS_QEMU_PATHS} = $dir;
    local $ENV{FAKE_TRANSCRIPT} = write_file("$dir/transcript", $transcript);
    my $journal = "$dir/hostile.jsonl";
    my $hostile_run = harness('run', '--journal', $journal, '--out', "$dir/out", '--qemu', $Support::FAKE_QEMU, 'gates/selftest/panic.gate');
    is($hostile_run->{status}, 1, 'hostile bytes: exit status 1');
    my $reports = check_reports('hostile bytes', $journal, '1 1 0 0');
    my %escape = (tap => qr/\\\\x1b/, json => qr/\\u001b/, html => qr/\\x1b/, junit => qr/\\x1b/);
    ok($reports->{$_} =~ /$escape{$_}\[2J/, "hostile bytes: ESC is visible in $_") for sort keys %escape;
    unlike($reports->{html}, qr/<script>alert/, 'hostile bytes: HTML runs nothing of it');
    my ($data) = $reports->{html} =~ m{id="program-data"[^>]*>(.*?)</script>}s;
    like(decode_json($data)->[0][6], qr/<b>/, 'hostile bytes: markup is data in the table of programs');
    unlike($reports->{markdown}, qr/<script>alert/, 'hostile bytes: nor does Markdown');
    my ($finding) = $reports->{json} =~ /"findings":\[\{"text":"(PANIC[^"]{10})/i;
    is(scalar markdown_tables($reports->{markdown}), 3, 'hostile bytes: Markdown has its three tables');
    my ($parser) = parse_tap($reports->{tap});
    is($parser->tests_run, 1, 'hostile bytes: TAP sees one test');
    my $console = decode_json($reports->{json})->{cases}[0]{attempts}[0]{console};
    ok(index($console, "\x{ffff}\x{202e}\n") >= 0, 'hostile bytes: JSON keeps what is text');
    my $spawn = decode_json($reports->{json})->{cases}[0]{attempts}[0]{spawns}[0];
    is(length $spawn->{argv}[0], 127 + 4 * 128, 'hostile bytes: arguments are decoded, byte for byte');
    is($spawn->{argv}[1], '<b>', 'hostile bytes: and split');
}

# ---- The command line ----
{
    my @tier1 = ('run', '--out', "$dir/out", '--filter', 'tier1/*n*', 'gates/tier1.gate');
    my $out = `build/harness run --out $dir/out --filter 'tier1/*n*' gates/tier1.gate --journal $dir/j --json - 2>$dir/stderr`;
    is(json_totals($out), '8 0 0 0', 'a report on standard output is all that is there') if $Support::PROGRAM eq 'build/harness';
    like(read_file("$dir/stderr"), qr/^8 passed, 0 failed/m, 'and the text goes to standard error') if $Support::PROGRAM eq 'build/harness';
    my $full = harness(@tier1, '--journal', "$dir/j", '--html', '/dev/full', '--junit', "$dir/none/x.xml", '--tap', "$dir/t.tap");
    is($full->{status}, 3, 'a report that cannot be written: exit status 3');
    like($full->{out}, qr/^8 passed, 0 failed.*cannot write the junit report to .*none\/x\.xml: /ms, 'after the verdicts, with its name');
    is(tap_totals(read_file("$dir/t.tap")), '8 0 0 0', 'the other reports are written all the same');
    like(harness('report', '-f', 'html', '-o', '/dev/full', "$dir/j")->{out}, qr/cannot write the html report to \/dev\/full: .*No space left/, 'a full disk is reported');
    my $none = harness(@tier1, '--journal', "$dir/none/j");
    is($none->{status}, 3, 'a journal that cannot be written: exit status 3');
    like($none->{out}, qr/nothing was run \(use --no-journal .*: cannot write the journal/, 'before anything runs');
    unlike($none->{out}, qr/^pass/m, 'nothing ran');
    # The plan fits into 2 KiB, what follows does not.
    my $small = finish(start_limited(4, 'run', '--journal', "$dir/small", '--out', "$dir/out", 'gates/selftest/panic.gate'));
    is($small->{status}, 3, 'a journal that grows too large for its disk: exit status 3');
    like($small->{out}, qr/^panic   selftest.*^harness: the journal .*small: write: /ms, 'after the verdicts, with its name');
    check_reports('journal of a full disk', "$dir/small", '1 0 1 0');
    is(harness(@tier1, '--no-journal')->{status}, 0, '--no-journal');
    like(harness(@tier1, '--no-journal', '--json', 'x')->{out}, qr/reports need the journal/, '--no-journal leaves no reports');
    like(harness(@tier1, '--tap', '-', '--json', '-')->{out}, qr/only one report/, 'one report at most on standard output');
    like(harness('report', '--format', 'htm', $mixed)->{out}, qr/unknown format "htm"; did you mean "html"\?/, 'an unknown format');
    is(harness('report', "$dir/none")->{status}, 3, 'no such journal: exit status 3');
    like(harness('report', $XSD)->{out}, qr/junit\.xsd:1: the line is not JSON/, 'a file that is no journal');

}

# ---- The store: the newest journal is what "report" alone takes ----
{
    my $here = getcwd();
    local ($Support::PROGRAM, $Support::DEFAULT_PLACES) = ($Support::PROGRAM, 0);
    enter_root();
    my @run = ('run', '--filter', '*/first', 'gates/selftest/killed.gate');
    harness(@run);
    my %known = map { $_ => 1 } glob 'build/journal/*.jsonl';
    harness(@run);
    my ($fresh, @more) = grep { !$known{$_} } glob 'build/journal/*.jsonl';
    is(@more + keys %known, 1, 'every run leaves one journal');
    like($fresh // '', qr/\/\d{8}T\d{6}\.\d{6}Z-\d+\.jsonl$/, 'in build/journal');
    is(report('text', $fresh), harness('report')->{out}, 'harness report takes the newest');
    chdir $here or die;
}

# ---- One write for each line ----
SKIP: {
    skip 'no strace here', 1 if system('command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null');
    local $ENV{ASAN_OPTIONS} = 'detect_leaks=0'; # it traces the process itself
    system("strace -o $dir/trace -e trace=write,openat $Support::PROGRAM run --journal $dir/traced.jsonl --out $dir/out --filter 'tier1/*n*' gates/tier1.gate >/dev/null");
    my $lines = () = read_file("$dir/traced.jsonl") =~ /^\{"event":"(?!run|gate|case)/mg;
    my ($fd) = read_file("$dir/trace") =~ /traced\.jsonl".* = (\d+)$/m;
    my $writes = () = read_file("$dir/trace") =~ /write\($fd, "\{\\"event\\":\\"(?!run)[^\n]*\\n"\.*, \d+\)|write\($fd, "\{\\"event\\":\\"(?!run)/g;
    is($writes, $lines, 'as many writes as lines behind the plan');
}

# ---- The recipes of the document ----
{
    my @recipes = read_file('docs/reports.md') =~ /^    (jq .*)$/mg;
    my @want = (
        qr/^panic selftest\/panic\/no-program: the kernel panicked: /m,
        qr/\A(?:[\d.]+ ms \S+ .+\n){5}\z/,
        qr/^boot0 [\d.]+ s\n/m,
        qr/^[0-9a-f]{64}  tier1\/join\/joined$/m,
        qr/\Aselftest\/killed\/spin\n\z/,
        qr/^selftest\/fault\/null-read pid 1: signal 11 at 0x6\w+$/m,
    );
    is(scalar @recipes, scalar @want, 'each recipe has a test');
    for my $i (0 .. $#recipes) {
        my ($recipe) = $recipes[$i];
        my $journal = $recipe =~ /^jq -rs/ ? cut_at_start("$dir/killed.jsonl") : $mixed;
        $recipe =~ s/run\.jsonl$/$journal/ or $recipe =~ s/run\.json$/$file{json}/;
        my $got = `$recipe 2>&1`;
        is($?, 0, "recipe $i runs");
        like($got, $want[$i], "recipe $i: $recipes[$i]");
    }
    # A file that is left as it was put in is in the report, and not in the folder.
    my $run = harness('run', '--no-journal', '--out', "$dir/sums", '--filter', 'tier1/*n*', 'gates/tier1.gate');
    $run = harness('run', '--out', "$dir/sums", '--filter', 'tier1/*n*', '--json', "$dir/sums.json", '--journal', "$dir/sums.jsonl", 'gates/tier1.gate');
    my ($sums) = grep { /sha256/ } @recipes;
    $sums =~ s/run\.json$/$dir\/sums.json/;
    my $checked = `$sums >$dir/sums.txt; cd $dir/sums && sha256sum -c ../sums.txt 2>&1`;
    is($?, 0, 'sha256sum takes the hashes') or diag $checked;
    like($checked, qr{^tier1/join/joined: OK$}m, 'of all files that are there');
    like(scalar `build/harness report --format tap $mixed | sed '1s/14/13/' >$dir/doc.tap; prove --exec cat $dir/doc.tap 2>&1`, qr/Failed 8\/34/, 'the recipe for prove');
}

# ---- The line that runs a case again ----
{
    mkdir "$dir/a b" or die;
    system('cp', 'build/kernel/Image', 'build/kernel/kernel.elf', "$dir/a b") == 0 or die;
    my @same = ('--icount', '--kernel', "$dir/a b/Image", '--out', "$dir/a b/out's", '--qemu', '/usr/bin/qemu-system-aarch64');
    my $run = harness('run', '--journal', "$dir/again.jsonl", @same, 'gates/selftest/budget.gate');
    is($run->{status}, 1, 'a case that fails on the instruction counter alone');
    my ($again) = $run->{out} =~ /^ +again: (.*)$/m;
    my @words = split /\n/, `printf '%s\\n' $again`;
    is_deeply([@words[0 .. 1]], [$Support::PROGRAM, 'run'], 'again: the program');
    is_deeply({@words[3 .. $#words - 1]}, {@same[1 .. $#same], '--filter' => 'selftest/budget/hello'} , 'again: every option that matters, for a shell') or diag $again;
    is($words[-1], 'gates/selftest/budget.gate', 'again: and the gate');
    like(scalar(`$again 2>&1`), qr/init exceeded its budget/, 'again: it fails in the same way');
    like(report('text', "$dir/again.jsonl"), qr/^ +again: \Q$again\E$/m, 'again: the journal knows it');
}

# ---- Headlines ----
{
    my $journal = "$dir/skips.jsonl";
    harness('run', '--journal', $journal, '--out', "$dir/out2", '--driver', 'linux', '--filter', 'kernel/e*', '--filter', 'kernel/argv-default', 'gates/kernel.gate');
    like(report('html', $journal), qr{<title>\d+ of \d+ cases passed, \d+ skipped</title>}, 'HTML: a planned skip is no failure');
    like(report('text', $journal), qr/^\d+ passed, 0 failed, \d+ skipped in /m, 'text: nor there');
    harness('run', '--journal', $journal, '--out', "$dir/out2", 'gates/selftest/timeout.gate');
    like(report('html', $journal), qr{<title>1 of 1 cases failed</title>}, 'HTML: a timeout is');
    like(report('text', $journal), qr/^0 passed, 1 failed \(1 timed out\) in /m, 'text: a timeout is a failure');
}

# The part of a journal that a run has written when its last case has begun.
sub cut_at_start {
    my ($journal) = @_;
    my ($text) = read_file($journal) =~ /\A(.*"event":"start","case":"selftest\/killed\/spin"[^\n]*\n)/s;
    return write_file("$dir/begun.jsonl", $text);
}

done_testing();
