#!/usr/bin/perl
# The history of what programs cost: runs add to it, harness perf reads it. sqlite3 and jq judge
# what is in it; made-up runs judge what is said of it.
use strict;
use warnings;
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $dir = temp_folder();
my $history = "$dir/folder/history.db";
my @plain = ('--no-journal', '--out', "$dir/out", '--history', $history);

sub perf {
    my ($action, @arguments) = @_;
    return harness('perf', $action, '--history', $history, @arguments);
}

sub sql {
    my ($statement) = @_;
    open my $in, '-|', 'sqlite3', '-batch', $history, $statement or die;
    chomp(my @rows = <$in>);
    return join "\n", @rows;
}

# ---- What runs add ----
{
    is(perf('show')->{status}, 3, 'no history: exit status 3');
    like(perf('show')->{out}, qr/the history .* does not exist yet; "harness run" creates it/, 'and what adds to it');

    is(harness('run', @plain, '--label', 'v1.0', 'gates/boot0.gate')->{status}, 0, 'a run');
    is(harness('run', @plain, '--icount', 'gates/boot0.gate')->{status}, 0, 'one in instructions') for 1 .. 2;
    is(harness('run', @plain, '--repeat', 2, 'gates/drivers.gate')->{status}, 0, 'two with children');
    is(harness('run', @plain, 'gates/selftest/mismatch.gate')->{status}, 1, 'one that fails');
    is(sql('SELECT count(*) FROM run'), 6, 'each run is there once');
    is(sql('PRAGMA integrity_check'), 'ok', 'sqlite3 finds it sound');
    my ($spawns) = sql("SELECT count(*) FROM spawn JOIN attempt ON attempt.id = attempt JOIN item ON item.id = item"
        . " WHERE name = 'drivers/thousand'");
    is($spawns, 2 * 1001, 'a row for each spawn');
    is(sql("SELECT count(*) FROM attempt WHERE verdict = 'fail'"), 1, 'a case that failed is marked');
    my $counts = sql("SELECT count(DISTINCT guest_ns) FROM spawn JOIN attempt ON attempt.id = attempt JOIN run ON run.id = run"
        . " JOIN item ON item.id = item WHERE icount AND name = 'boot0/hex2'");
    is($counts, 1, 'two runs in instructions count the same');
    is_deeply([glob "$dir/folder/{*,.[!.]*}"], [$history], 'no journal of SQLite and no lock is left beside it');

    like(perf('runs')->{out}, qr/^ +1 .*  v1\.0$/m, 'perf runs shows its label');
    is(perf('export', 'v1.0')->{out}, perf('export', '1')->{out}, 'which is a range');
    for my $label ('last', '12', '1..2', 'a b', '') {
        is(harness('run', @plain, '--label', $label, 'gates/boot0.gate')->{status}, 2, "the label '$label' is refused");
    }
    my @lines = split /\n/, perf('export', '4')->{out};
    is(scalar @lines, 1 + 40 + 1001 + 5 + 1 + 1 + 1, 'export has a line for each spawn');
    my $line = decode_json($lines[1]);
    is_deeply([@$line{qw(run icount case verdict n program argv status)}],
        [4, 0, 'drivers/children', 'pass', 0, '/init', 'spawn 3 3', 3], 'with what it was');
    cmp_ok($line->{guest_ns}, '>', 0, 'and what it took');
}

# ---- The recipe of the document ----
{
    open my $in, '<', 'docs/perf.md' or die;
    my ($recipe) = grep { /perf export .*jq/ } <$in>;
    $recipe =~ s/^ +harness perf export last:3/$Support::PROGRAM perf export --history $history 4/ or die $recipe;
    like(scalar `$recipe`, qr/^\d{5,}$/m, 'jq adds up what the inits took');
}

# ---- Two harnesses at once, and what is in the way ----
{
    my @both = map { start('run', '--no-journal', '--out', "$dir/out$_", '--history', $history, 'gates/drivers.gate') } 1 .. 2;
    is(finish($_)->{status}, 0, 'side by side') for @both;
    is(sql('SELECT count(*) FROM run'), 8, 'both are in the history');
    open my $out, '>', "$dir/noise" or die;
    print $out 'no database ' x 100;
    close $out;
    my $run = harness('run', '--no-journal', '--out', "$dir/out", '--history', "$dir/noise", 'gates/boot0.gate');
    is($run->{status}, 0, 'a history that is none changes no verdict');
    like($run->{out}, qr/the run was not added to the history: the history .*noise: file is not a database; move it away/, 'but is reported');
    is(harness('perf', 'show', '--history', "$dir/noise")->{status}, 3, 'perf refuses it');
    $run = harness('run', '--no-journal', '--out', "$dir/out", '--history', '/proc/none/history.db', 'gates/boot0.gate');
    is($run->{status}, 0, 'nor does a folder that cannot be written');
    like($run->{out}, qr/the run was not added to the history: .*unable to open/, 'which is reported');
}

# ---- What perf says, of made-up times: case a is the same throughout, case b becomes slower ----
{
    sql('DELETE FROM spawn; DELETE FROM attempt; DELETE FROM label; DELETE FROM run; DELETE FROM item');
    my $program = sql("SELECT min(id) FROM program");
    sql("INSERT INTO item (id, name) VALUES (1, 'g/a'), (2, 'g/b')");
    my $statement = 'BEGIN;';
    for my $run (1 .. 30) {
        $statement .= "INSERT INTO run VALUES ($run, 't', 0, 'q', 'k');";
        for my $item (1, 2) {
            my $id = 2 * $run + $item;
            my $ns = (100 + $run * 7 % 11 + ($item == 2 && $run > 25 ? 50 : 0)) * 1000000;
            $statement .= "INSERT INTO attempt VALUES ($id, $run, $item, 'pass', $ns);"
                . "INSERT INTO spawn VALUES ($id, 0, $program, 1, $ns, 0);";
        }
    }
    sql("$statement COMMIT");
    my $shown = perf('compare', '..25', 'last:5')->{out};
    unlike($shown, qr/^same/m, 'compare: what did not change is not shown');
    $shown = perf('compare', '--all', '..25', 'last:5')->{out};
    like($shown, qr{^same +105\.0 .*g/a  \(whole run\)$}m, 'compare: the same');
    like($shown, qr{^slower +105\.0 +15\d\.\d +\+4\d\.\d% +p=0\.000\d  25   5  g/b  \(whole run\)$}m, 'compare: slower, and how sure');
    like($shown, qr/^2 slower, 0 faster, 2 the same$/m, 'compare: counts');
    like(perf('compare', '..25', 'last:4', 'g/a')->{out}, qr/0 the same, 2 with too few runs \(5 are needed on each side\)/, 'compare: too few runs');
    # By size of the change, and no more rows than asked for.
    like(perf('compare', '--top', 1, '..25', 'last:5')->{out}, qr/\Achange .*\nslower .*\n1 more rows not shown; use --top N or --all\n2 slower/, 'compare: --top');
    for (['..25', '25..30', '25 to 25'], ['last', 'last:5', '30 to 30'], ['1..30', '10..12', '10 to 12']) {
        my ($before, $after, $shared) = @$_;
        my $refused = perf('compare', $before, $after);
        is($refused->{status}, 2, "compare $before $after: exit status 2");
        like($refused->{out}, qr/the ranges \S+ and \S+ share the runs $shared; /, 'since they overlap');
    }
    like(perf('show', '--top', 1)->{out}, qr{\A +runs .*\n.*  g/b  .*\n3 more programs not shown; use --top N or --all\n\z}, 'show: the costliest first');
    is(() = perf('show', '--all')->{out} =~ /  g\//g, 4, 'show --all');
    is(perf('show', '--top', 0)->{status}, 2, '--top 0 is refused');
    like(perf('compare', '1..2', '40..50')->{out}, qr/no case ran in both ranges/, 'compare: empty ranges');
    like(perf('show', 'g/*')->{out}, qr{^ +20 +15\d\.\d +10\d\.\d +10\d\.\d +\d\.\d%  \S{60}  g/b  \(whole run\)$}m, 'show: newest, median, least, trend');
    sql("INSERT INTO label VALUES (1, 'old'), (2, 'old'), (28, 'new'), (30, 'new')");
    like(perf('compare', 'old', 'last')->{out}, qr/^0 slower, .*4 with too few runs/m, 'compare takes labels');
    like(perf('compare', 'old', 'new')->{out}, qr/the runs 28 to 30 of label new have 1 other runs between them/, 'whose runs stand side by side');
    like(perf('compare', 'none', 'new')->{out}, qr/no run has the label none/, 'and which there are');
    like(perf('plot', 'g/b')->{out}, qr/^g\/b  \(whole run\): 10\d\.\d to 15\d\.\d ms\n +15\d\.\d \|.*##\n.*run 11 to 30/ms, 'plot');
    # The step is found by itself: at run 26, in the case and in its program, and nowhere else.
    my $steps = perf('steps')->{out};
    is(() = $steps =~ m{^slower +26 .* +105\.0 +15\d\.\d +\+4\d\.\d% +p=0\.00\d\d  g/b  }mg, 2, 'steps: where it became slower');
    like($steps, qr/^2 steps in 4 series$/m, 'steps: and nothing else');
    like(perf('steps', 'g/a')->{out}, qr/\A0 steps in 2 series\n\z/, 'steps: of one case');
    my $root = temp_folder();
    mkdir "$root/gates" or die;
    open my $out, '>', "$root/gates/g.gate" or die;
    print $out "[gate]\nproves = x\nslower = 20%\n[case a]\nfile /init = \"x\"\nexit = 0\n[case b]\nfile /init = \"x\"\nexit = 0\n"
        . "[case c]\nfile /init = \"x\"\nexit = 0\n";
    close $out;
    my $run = perf('check', "$root/gates/g.gate");
    is($run->{status}, 1, 'check: exit status 1');
    like($run->{out}, qr{^slower   g/b  \(whole run\): 10\d\.\d ms before, 15\d\.\d now: \+4\d\.\d %, more than the 20 % of its gate, p=0\.000\d$}m, 'check names it');
    like($run->{out}, qr/^4 programs checked, 2 slower than their gate allows, 1 with too few runs$/m, 'check counts');
    edit("$root/gates/g.gate", sub { s/20%/60%/ });
    $run = perf('check', "$root/gates/g.gate");
    is($run->{status}, 0, 'check: within the limit');
    edit("$root/gates/g.gate", sub { s/60%/60/ });
    is(perf('check', "$root/gates/g.gate")->{status}, 2, 'check: a limit without unit is a gate error');
    for (['shw'], ['compare', '1'], ['compare', 'x', '1'], ['plot'], ['check'], ['runs', 'x'], ['show', '--last', '0']) {
        is(perf(@$_)->{status}, 2, "perf @$_: exit status 2");
    }
    for (['prune'], ['prune', '0'], ['prune', 'x'], ['prune', '5', '6']) {
        is(perf(@$_)->{status}, 2, "perf @$_: exit status 2");
    }
    like(perf('prune', '40')->{out}, qr/^removed 0 runs$/m, 'prune: nothing');
    like(perf('prune', '10')->{out}, qr/^removed 20 runs$/m, 'prune');
    is(sql('SELECT min(id), max(id), count(*) FROM run'), '21|30|10', 'the newest stay');
    is(sql('SELECT count(*) FROM attempt') . sql(' SELECT count(*) FROM spawn') . sql('SELECT count(*) FROM label'), '20202', 'with what is theirs');
    is(sql('PRAGMA integrity_check; PRAGMA foreign_key_check'), 'ok', 'and sqlite3 finds it sound');
    is(perf('show', 'nothing')->{status}, 2, 'perf show nothing: exit status 2');
}

# ---- The trend in the page ----
{
    unlink $history;
    is(harness('run', '--journal', "$dir/run.jsonl", '--out', "$dir/out", '--history', $history, '--repeat', 3, '--html',
        "$dir/run.html", @Support::TIER1)->{status}, 0, 'three runs');
    open my $in, '<', "$dir/run.html" or die;
    my $page = do { local $/; <$in> };
    my @trends = $page =~ /<span class="trend" title="the last (\d) passes: [\d.]+ to [\d.]+ ms/g;
    is(scalar @trends, 9, 'every case has its trend');
    is($trends[0], 3, 'of this run and those before');
}
done_testing();
