#!/usr/bin/perl
# What leaves a history and comes into another: Prometheus' own parser, python's csv, jq and sqlite3 judge it.
use strict;
use warnings;
use Cwd;
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $dir = temp_folder();

sub perf {
    my ($history, $action, @arguments) = @_;
    return harness('perf', $action, '--history', "$dir/$history", @arguments);
}

sub sql {
    my ($history, $statement) = @_;
    open my $in, '-|', 'sqlite3', '-batch', "$dir/$history", $statement or die;
    chomp(my @rows = <$in>);
    return join "\n", @rows;
}

sub put_file {
    my ($name, $content) = @_;
    open my $out, '>:raw', "$dir/$name" or die;
    print $out $content;
    close $out or die;
    return "$dir/$name";
}

# A new history with a machine, and runs of times and, every fourth, of instructions; names are as
# unpleasant as guests can make them.
my $HOSTILE = qq{say "a,b"\\ <i>\ntwo};
sub make_history {
    my ($history, $uuid, $runs) = @_;
    put_file($history, '');
    put_file("$history.empty.jsonl", '{}');
    perf($history, 'import', "$dir/$history.empty.jsonl"); # fails, and makes the tables in the empty file
    my $quoted = $HOSTILE =~ s/'/''/gr;
    my $statement = "BEGIN; DELETE FROM machine; INSERT INTO machine VALUES (1, '$uuid', 'machine $uuid');"
        . "INSERT INTO item VALUES (1, 'g/a'), (2, 'g/b'), (3, 'g/c'); INSERT INTO program VALUES (1, '/init', 'init'), (2, '/x', '$quoted');"
        . "INSERT INTO label VALUES (1, 'first');";
    for my $run (1 .. $runs) {
        my $icount = $run % 4 == 0 ? 1 : 0;
        $statement .= sprintf "INSERT INTO run VALUES (%d, '2026-01-%02dT00:00:00.000000Z', %d, '7.2', 'abc');", $run, 1 + $run % 28, $icount;
        for my $item (1, 2, 3) {
            my $id = 3 * $run + $item;
            my $ns = (100 + 10 * $item + $run) * 1000000;
            my $verdict = $item == 3 && $run % 2 ? 'fail' : 'pass';
            $statement .= "INSERT INTO attempt VALUES ($id, $run, $item, '$verdict', $ns);";
            $statement .= "INSERT INTO flake VALUES ($id, 'it passed before');" if $verdict eq 'fail' && $run == 3;
            # Case c spawns nothing, as a kernel of others.
            $statement .= "INSERT INTO spawn VALUES ($id, 0, 1, 1, $ns, 0), ($id, 1, 2, 1, -1, 3);" if $item != 3;
        }
    }
    sql($history, "$statement COMMIT");
}
make_history('one.db', 'aaaa', 12);
make_history('two.db', 'bbbb', 7);

# ---- Every format that the program lists is valid to a reader of others ----
my ($listed) = perf('one.db', 'export', '--format', 'none')->{out} =~ /the formats (.*), not "none"/;
my @formats = split /, /, $listed // "";
my %readers = (
    jsonl => sub { `jq -s 'length' $_[0]` == 12 * 5 },
    csv => sub { `python3 -c 'import csv, sys; rows = list(csv.DictReader(open(sys.argv[1], newline=""))); print(len(rows), sum(r["argv"] == sys.argv[2] for r in rows))' $_[0] '$HOSTILE'` eq "60 24\n" },
    openmetrics => sub {
        my $parsed = `/usr/bin/python3 -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
for family in parse(open(sys.argv[1]).read()):
    for s in family.samples:
        print(family.type, family.unit, s.name, s.labels["case"], s.labels.get("program", "-").replace(" ", "_"), s.labels["machine"], s.value)
' $_[0] 2>&1`;
        return $parsed =~ m{^gauge seconds harness_case_seconds g/a - machine aaaa 0\.121$}m
            && $parsed =~ m{^gauge seconds harness_program_most_seconds g/b /init:_init machine aaaa 0\.131$}m
            && $parsed =~ m{g/b /x:_say_"a,b"\\_<i>_two }
            && ($parsed =~ tr/\n//) == 3 * (2 + 4) || diag $parsed;
    },
    'github-action-benchmark' => sub {
        my $all = decode_json(read_file($_[0]));
        my ($one) = grep { $_->{name} eq 'g/a' } @$all;
        return @$all == 6 && $one->{unit} eq 'ms' && $one->{value} == 121 && $one->{range} eq "\x{b1} 0" && $one->{extra} =~ /in 1 runs$/;
    },
    bencher => sub { `jq -r '."g/a".latency | .value, .lower_value, .upper_value' $_[0]` eq "121000000\n" x 3 },
);
is_deeply([sort @formats], [sort keys %readers], 'there is a reader for every format');
for my $format (@formats) {
    my $file = "$dir/out.$format";
    my $run = perf('one.db', 'export', '--format', $format, '-o', $file, $format =~ /^(?:jsonl|csv)$/ ? () : '11');
    is($run->{status}, 0, "$format is written") or diag $run->{out};
    ok($readers{$format} && $readers{$format}->($file), "$format: another reader takes it, with the values of the history");
    is(perf('one.db', 'export', '--format', $format, $format =~ /^(?:jsonl|csv)$/ ? () : '11')->{out}, read_file($file), "$format: the same on standard output");
    my $help = harness('perf', '--help')->{out};
    like($help, qr/--format \Q$format\E\b/, "$format: help names it");
}
{
    my $summary = decode_json(perf('one.db', 'export', '--format', 'bencher', '1..3')->{out});
    is_deeply($summary->{'g/b: /init: init'}{latency}, {value => 122e6, lower_value => 121e6, upper_value => 123e6}, 'the median of a range');
    $summary = decode_json(perf('one.db', 'export', '--format', 'bencher', '--icount')->{out});
    is($summary->{'g/a: /init: init'}{instructions}{value}, 122000000, 'and in instructions, of the newest such run');
    my $empty = perf('one.db', 'export', '--format', 'openmetrics', '4');
    is($empty->{status}, 2, 'a range without times: exit status 2');
    like($empty->{out}, qr/the runs 4 to 4 have no times of a case that passed/, 'and not an empty answer');
    my $refused = perf('one.db', 'export', '--format', 'openmetric');
    is($refused->{status}, 2, 'an unknown format: exit status 2');
    like($refused->{out}, qr/did you mean "?openmetrics/, 'and which may be meant');
    is(perf('one.db', 'export', '-o', "$dir/none/file")->{status}, 3, 'a file that cannot be written: exit status 3');
}

# ---- The recipes of the document ----
{
    my @recipes = read_file('docs/perf.md') =~ /^    harness (perf export --format .*)$/mg;
    cmp_ok(scalar @recipes, '>=', 4, 'the document has recipes');
    my $program = Cwd::abs_path($Support::PROGRAM);
    for (@recipes) {
        my $recipe = s/last:5/1..9/r =~ s/1\.\.20/1..9/r;
        is(system("cd $dir && HARNESS_HISTORY=$dir/one.db $program $recipe") >> 8, 0, "runs: $_");
    }
    cmp_ok(-s "$dir/$_", '>', 100, "and writes $_") for qw(harness.prom benchmark.json bencher.json costs.csv);
}

# ---- Import: of each kind, twice, and apart ----
for my $kind ('two.db', 'two.jsonl', 'two.csv') {
    my $format = $kind =~ s/.*\.//r;
    perf('two.db', 'export', '--format', $format, '-o', "$dir/$kind") if $format ne 'db';
    unlink "$dir/here.db";
    system("cp $dir/one.db $dir/here.db");
    my $run = perf('here.db', 'import', "$dir/$kind");
    like($run->{out}, qr/^7 runs added, 0 known already; 1 new machine /, "$kind comes in");
    is(perf('here.db', 'import', "$dir/$kind")->{out}, "0 runs added, 7 known already (harness perf machines)\n", 'and once only');
    is(sql('here.db', 'PRAGMA integrity_check; PRAGMA foreign_key_check; SELECT count(*) FROM run'), "ok\n19", 'sqlite3 finds it sound');
    is(perf('here.db', 'export')->{out}, perf('one.db', 'export')->{out}, 'what is of this machine is as before');
    is(perf('here.db', 'export', '--machine', 'machine bbbb')->{out}, perf('two.db', 'export')->{out}, 'what is of the other is as there');
    for my $action (['runs'], ['show', '--all'], ['steps'], ['compare', '--all', '1..3', '5..7'], ['plot', 'g/a']) {
        is(perf('here.db', @$action)->{out}, perf('one.db', @$action)->{out}, "perf $action->[0] shows this machine alone");
        is(perf('here.db', @$action, '--machine', 'bbbb')->{out}, perf('two.db', @$action)->{out}, 'or the other alone');
    }
    like(perf('here.db', 'machines')->{out}, qr/^aaaa +12  machine aaaa \(this one\)\nbbbb +7  machine bbbb$/m, 'perf machines lists both');
}
{
    my $own = perf('one.db', 'import', "$dir/one.db");
    is($own->{out}, "0 runs added, 12 known already (harness perf machines)\n", 'its own file adds nothing');
    like(perf('here.db', 'prune', '3', '--machine', 'bbbb')->{out}, qr/^removed 4 runs$/, 'prune takes one machine');
    is(perf('here.db', 'runs')->{out}, perf('one.db', 'runs')->{out}, 'and leaves the other');
    is(perf('here.db', 'name', 'slow one', '-m', 'bbbb')->{status}, 0, 'a machine gets a name');
    is(perf('here.db', 'runs', '-m', 'slow one')->{status}, 0, 'by which it is then known');
    my $unknown = perf('here.db', 'runs', '-m', 'nobody');
    is($unknown->{status}, 2, 'a machine that is none: exit status 2');
    like($unknown->{out}, qr/no machine "nobody"; harness perf machines lists/, 'and where they are listed');
    # A run after an import is of this machine, with the next number.
    is(harness('run', '--history', "$dir/here.db", 'gates/boot0.gate')->{status}, 0, 'a run after an import');
    like(perf('here.db', 'runs', '-n', 1)->{out}, qr/^ +13  /m, 'gets the next number of this machine');
    is(sql('here.db', 'PRAGMA user_version'), 2, 'a harness that knows no machines refuses the file');
    # A history that an older harness made.
    sql('two.db', 'DROP TABLE machine; DROP TABLE flake');
    my $nameless = perf('here.db', 'import', "$dir/two.db");
    is($nameless->{status}, 2, 'a file that names no machine: exit status 2');
    like($nameless->{out}, qr/does not say which machine it is of; name it with --machine NAME/, 'and what to do');
    like(perf('here.db', 'import', '--machine', 'old', "$dir/two.db")->{out}, qr/^7 runs added, .* 1 new machine/, 'with a name it comes in');
    like(perf('here.db', 'import', '--machine', 'old', "$dir/two.db")->{out}, qr/^0 runs added, 7 known/, 'once');
}

# ---- What is cut, foreign or hostile changes nothing ----
my $before = perf('one.db', 'export')->{out} . sql('one.db', 'SELECT * FROM machine; SELECT count(*) FROM program');
make_history('two.db', 'bbbb', 7);
my $database = read_file("$dir/two.db");
my $jsonl = perf('two.db', 'export')->{out};
my $csv = perf('two.db', 'export', '--format', 'csv')->{out};
my @lines = split /^/, $jsonl;
my %bad = (
    'empty' => ['', qr/:1: the file is empty/],
    'noise' => ["\0\1\2 noise\n" x 99, qr/:1: this is no history/],
    'cut.db' => [substr($database, 0, length($database) / 2), qr/damaged|malformed/],
    'head.db' => [substr($database, 0, 50), qr/not a database|damaged|malformed/],
    'cut.jsonl' => [substr($jsonl, 0, -10), qr/:35: the file ends within a line/],
    'rows.jsonl' => [join('', @lines[0 .. 31]), qr/run 7 has 2 rows and should have 5: the file was cut/],
    'rows2.jsonl' => [join('', @lines[0 .. 3, 5 .. 34]), qr/run 1 has 4 rows and should have 5/],
    'twice.jsonl' => [join('', @lines[0, 0 .. 34]), qr/:2: attempts and spawns of a run must be in order/],
    'back.jsonl' => [join('', @lines[5 .. 9, 0 .. 4]), qr/run 1 comes after run 2/],
    'cut.csv' => [substr($csv, 0, -3), qr/the file ends within a line/],
    'quote.csv' => [$csv . '"', qr/a field in quotes does not end/],
    'fields.csv' => [$csv . "1,2\n", qr/another number of columns/],
    'time.jsonl' => [$jsonl =~ s/2026-01-02/<script>/r, qr/:1: the row has a time that is none/],
    'cost.jsonl' => [$jsonl =~ s/"host_ns":1/"host_ns":-5/r, qr/:1: the row has a host_ns that cannot be/],
    'verdict.jsonl' => [$jsonl =~ s/"pass"/"great"/r, qr/:1: the row has a verdict that is none/],
    'run.jsonl' => [$jsonl =~ s/"run":1,/"run":9007199254740991,/r, qr/:1: the row has a run that cannot be/],
    'deep.jsonl' => ['{' . '"a":[' x 100 . "\n", qr/:1: the line is nested too deep/],
);
for my $name (sort keys %bad) {
    my ($content, $message) = @{$bad{$name}};
    my $run = perf('one.db', 'import', put_file($name, $content));
    cmp_ok($run->{status}, '>=', 2, "$name is refused");
    like($run->{out}, $message, 'and why');
    cmp_ok(perf('new/none.db', 'import', "$dir/$name")->{status}, '>=', 2, 'also where there is no history yet');
    ok(!-e "$dir/new", 'and then there is none, nor its folder');
}
my %hostile = (
    trigger => 'CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END',
    view => 'CREATE VIEW v AS SELECT 1',
    foreign => 'DROP TABLE spawn',
    columns => 'ALTER TABLE spawn RENAME COLUMN host_ns TO other',
    version => 'PRAGMA user_version = 99',
    text => "UPDATE spawn SET host_ns = 'DROP TABLE run'",
    blob => "UPDATE item SET name = zeroblob(9) WHERE id = 1",
    orphan => 'UPDATE attempt SET duration_ns = -9',
);
for my $name (sort keys %hostile) {
    make_history("$name.db", 'cccc', 3);
    sql("$name.db", $hostile{$name});
    my $run = perf('one.db', 'import', "$dir/$name.db");
    cmp_ok($run->{status}, '>=', 2, "hostile: $name is refused") or diag $run->{out};
    like($run->{out}, qr/\Qharness: \E.*\Q$name.db\E/, 'and the file is named');
}
make_history('other.db', 'aaaa', 2);
sql('other.db', "UPDATE run SET time = '2020-01-01T00:00:00.000000Z'");
like(perf('one.db', 'import', "$dir/other.db")->{out}, qr/the history has another run 1 of this machine, of another time/, 'a machine that is not the one it says');
is(perf('one.db', 'import', "$dir/nothing")->{status}, 2, 'no such file: exit status 2');
ok(perf('one.db', 'export')->{out} . sql('one.db', 'SELECT * FROM machine; SELECT count(*) FROM program') eq $before, 'none of them changed anything');

# ---- A history that an import makes ----
is(perf('new/made.db', 'import', "$dir/two.db")->{out}, "7 runs added, 0 known already; 1 new machine (harness perf machines)\n", 'an import makes the history');
is(join(' ', map { s{.*/}{}r } glob "$dir/new/*"), 'made.db', 'and nothing else');
like(perf('new/made.db', 'export', '--machine', 'machine bbbb')->{out}, qr/"run":1,/, 'which has the runs');
done_testing();
