#!/usr/bin/perl
# The page over a history: xmllint and Chromium read it, harness perf and the planted runs say what it must show.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $dir = temp_folder();
my $LABEL = '</script><script>document.title = 3</script>';
my $NAME = q{<img src=x onerror="document.title = 1">/'&quot;"};

sub dashboard {
    my ($history) = @_;
    my $run = harness('dashboard', '--history', "$dir/$history", "$dir/page.html");
    is($run->{status}, 0, "$history: the page is made") or diag $run->{out};
    return read_file("$dir/page.html");
}

sub sql {
    my ($history, $statement) = @_;
    open my $out, '|-', 'sqlite3', '-batch', "$dir/$history" or die;
    print $out $statement;
    close $out or die;
}

# A history of so many runs: case a becomes slower by 40 % at run 31, in time and in instructions, b stays
# and is flaky in runs 7 (told by the cache) and 9 (a retry), c never passes.
sub make_history {
    my ($history, $machine, $runs) = @_;
    write_file("$dir/$history", '');
    harness('perf', 'import', '--history', "$dir/$history", '/dev/null'); # fails, and makes the tables in the empty file
    my $quoted = $NAME =~ s/'/''/gr;
    my $statement = "BEGIN; DELETE FROM machine; INSERT INTO machine VALUES (1, '$machine', 'machine <b>$machine');"
        . "INSERT INTO item VALUES (1, 'g/a'), (2, '$quoted'), (3, 'g/never'); INSERT INTO program VALUES (1, '/init', 'init');";
    my $id = 0;
    for my $run (1 .. $runs) {
        my $icount = $run % 5 == 0 ? 1 : 0;
        my $ns = sub { int(1e6 * ($_[0] == 1 && $run > 30 ? 140 : 100) * ($icount ? 1 : 1 + $run * 7 % 11 / 200)) };
        $statement .= "INSERT INTO run VALUES ($run, '2026-01-01T00:00:00.000000Z', $icount, 'q', 'k'); INSERT INTO label VALUES ($run, '"
            . ($run == 31 ? $LABEL : "commit$run") . "');";
        for my $item (1, 1 + 1, 3) {
            my $fails = $item == 3 || ($item == 2 && ($run == 7 || $run == 9));
            for my $verdict ($fails ? 'fail' : 'pass', $item == 2 && $run == 9 ? 'pass' : ()) {
                $id++;
                $statement .= sprintf "INSERT INTO attempt VALUES ($id, $run, $item, '$verdict', %d); INSERT INTO spawn VALUES ($id, 0, 1, 1, %d, 0);",
                    $ns->($item), $ns->($item);
            }
            $statement .= "INSERT INTO flake VALUES ($id, 'it passed <u>before</u>');" if $item == 2 && $run == 7;
        }
    }
    sql($history, "$statement COMMIT;");
}

# What a browser makes of the page, as HTML.
sub browse {
    my $profile = temp_folder();
    return scalar `timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-background-networking --disable-dev-shm-usage --no-first-run --user-data-dir=$profile --dump-dom file://$dir/page.html 2>/dev/null`;
}

sub check_page {
    my ($page, $what) = @_;
    is(() = $page =~ /<script/g, 1, "$what: one script, the page's own");
    # Not within a value in quotes, where it is text.
    unlike($page =~ s/<style>.*?<\/style>//sr =~ s/="[^"]*"/=""/gr, qr/<[^>]*\b(?:src|href|srcset|on\w+)=|\@import|url\(/, "$what: nothing beside the page is named");
    like($page, qr/default-src 'none'/, "$what: and nothing may be loaded");
    my $said = `xmllint --html --noout $dir/page.html 2>&1`;
    # libxml2 knows HTML 4, which has no section, article, main, header or svg.
    my @wrong = grep { /parser error/ && !/Tag (?:section|article|main|header|svg|path) invalid/ } split /\n/, $said;
    is("@wrong", '', "$what: xmllint reads it");
}

make_history('long.db', 'aaaa', 60);
make_history('other.db', 'bbbb', 3);
make_history('empty.db', 'cccc', 0);
make_history('one.db', 'dddd', 1);

# ---- One machine ----
{
    my $page = dashboard('long.db');
    check_page($page, 'a history');
    my $steps = harness('perf', 'steps', '--all', '--history', "$dir/long.db")->{out};
    my $exact = harness('perf', 'steps', '--all', '--icount', '--history', "$dir/long.db")->{out};
    like($steps, qr/^2 steps in/m, 'perf finds the planted step in the case and in its program');
    like($exact, qr/^1 steps in/m, 'and in instructions');
    is(() = $page =~ /<h3>Run 31 .*?<\/ul>/gs, 1, 'the step in time stands below its run');
    my ($group) = $page =~ /<h3>Run 31 (.*?)<\/ul>/s;
    is(() = $group =~ /<li><b class="slower">slower \+\d\d\.\d %<\/b>/g, 2, 'the case and its program, by how much');
    like($group, qr/&lt;\/script&gt;&lt;script&gt;/, 'with the label of the run, escaped');
    my ($counted) = $page =~ /<h3>Run 35 (.*?)<\/ul>/s;
    like($counted // '', qr/slower \+40\.0 %.*100\x{e2}\x{80}\x{af}000\x{e2}\x{80}\x{af}000 → 140.* instructions<.*exact/s, 'the one in instructions is exact');
    is(() = $page =~ /<path class="step slower" d="M162\.7 0V80"/g, 1, 'the chart marks it at its place: 30 of 59 runs of 320');
    my ($flaky) = $page =~ /<h2>Flaky cases<\/h2>(.*?)<h2>/s;
    like($flaky, qr/&lt;img src=x .*>2<\/td>.*>61<\/td>.*>9<\/td>.*it passed at another attempt/s, 'the flaky case, how often, and when last');
    unlike($flaky, qr/g\/never|g\/a</, 'a case that always fails is not flaky');
    like($page, qr/g\/never<\/h3><p class="soft">no time of a pass; <b class="fail">60 did not pass/, 'but is there');
    my $dom = browse();
    SKIP: {
        skip 'no Chromium', 4 if `sh -c 'command -v chromium'` eq '';
        like($dom, qr/<title>What programs cost<\/title>/, 'Chromium ran nothing that a name or label holds');
        like($dom, qr/<html lang="en" class="js">/, 'but the script of the page');
        is(() = $dom =~ /<article class="card"/g, 5, 'a card for each case and unit that has values');
        unlike($dom, qr/<img/, 'no name became an element');
    }
}

# ---- Several machines; none, one run ----
{
    is(harness('perf', 'import', '--history', "$dir/long.db", "$dir/other.db")->{status}, 0, 'another machine comes in');
    my $page = dashboard('long.db');
    check_page($page, 'two machines');
    is(() = $page =~ /<section id="m\d+" class="machine">/g, 2, 'a section for each');
    like($page, qr/<option value="m2">machine &lt;b&gt;bbbb<\/option>/, 'which can be chosen');
    my ($second) = $page =~ /<section id="m2"(.*)/s;
    like($second, qr/3 runs, from/, 'with its own runs');
    unlike($second, qr/<h3>Run 3[15]/, 'and no steps of the other');
    SKIP: {
        skip 'no Chromium', 1 if `sh -c 'command -v chromium'` eq '';
        is(() = browse() =~ /class="machine" hidden=""/g, 1, 'the script shows one at a time');
    }
    check_page(dashboard('empty.db'), 'no run');
    like(read_file("$dir/page.html"), qr/No run yet/, 'no run: the page says so');
    check_page(dashboard('one.db'), 'one run');
    like(read_file("$dir/page.html"), qr/No step: .*five runs/, 'one run: no step, and why');
    is(harness('dashboard', '--history', "$dir/one.db", '-')->{out}, read_file("$dir/page.html"), '- is standard output');
    is(harness('dashboard', '--history', "$dir/none.db", "$dir/page.html")->{status}, 3, 'no history: exit status 3');
    is(harness('dashboard', '--history', "$dir/one.db")->{status}, 2, 'no file: exit status 2');
    is(harness('dashboard', '--history', "$dir/one.db", "$dir/none/page.html")->{status}, 3, 'a file that cannot be written: exit status 3');
}

# ---- What counted runs covered ----
{
    unlike(dashboard('one.db'), qr/Coverage over time/, 'nothing was counted: no chart');
    my $row = "INSERT INTO coverage (time, cases, lines, lines_hit, functions, functions_hit) VALUES ('2026-01-0";
    sql('one.db', join '', map { "$row$_->[0]T00:00:00Z', 'kernel', 1000, $_->[1], 50, 50);" } [1, 900], [2, 970], [3, 950]);
    sql('one.db', "${row}4T00:00:00Z', '<script>x</script>', 10000, 9999, 0, 0);${row}5T00:00:00Z', 'damaged', -1, 7, 3, 99);");
    my $page = dashboard('one.db');
    check_page($page, 'coverage');
    my ($card) = $page =~ m{<article class="card"><h3 class="id wrap">kernel</h3>(.*?)</article>}s;
    like($card, qr{^<p class="soft">95\.0 % of 1000 lines <b class="slower">-2\.0</b>, 100\.0 % of 50 functions; 3 runs</p>}, 'the newest run, and its change');
    like($card, qr{<path class="middle" d="M0\.0 80\.0L160\.0 24\.0L320\.0 40\.0"/>}, 'a point for each, from 90 to 100 %');
    like($page, qr/99\.9 % of 10000 lines/, 'nearly all is not all');
    like($page, qr/0\.0 % of 0 lines, 100\.0 % of 3 functions/, 'numbers that cannot be are bounded');
}

# ---- The page of a long history stays small ----
{
    make_history('big.db', 'eeee', 10000);
    sql('big.db', "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO coverage (time, cases, lines, lines_hit,"
        . " functions, functions_hit) SELECT '2026-01-01', 'gate' || (i % 100), 100, i % 100, 1, 1 FROM n;");
    cmp_ok(length dashboard('big.db'), '<', 10_000_000, '10,000 runs: below 10 MB');
}

done_testing();
