# The readers of reports: programs that none of us wrote count what a report says: cases, wrong answers,
# errors, skips.
package Readers;
use strict;
use warnings;
use Exporter 'import';
use JSON::PP;
use Support;
use TAP::Parser;
use Test::More;

our @EXPORT = qw($PYTHON $XSD @FORMATS %totals_of $dir report json_totals count_files junit_totals parse_tap tap_totals text_totals
    html_totals markdown_tables markdown_totals annotations_totals check_reports);

# Debian's, for which python3-junitparser is installed.
our $PYTHON = '/usr/bin/python3';
our $XSD = 'harness/tests/junit.xsd';
# All formats, from the program's own list of them.
my ($formats) = harness('docs', 'bash')->{out} =~ /formats='([^']+)'/;
our @FORMATS = split ' ', $formats;
our $dir = temp_folder();

# The report of a journal in a format.
sub report {
    my ($format, $journal) = @_;
    my $run = harness('report', '--format', $format, $journal);
    return $run->{status} == 0 ? $run->{out} : diag("report $format $journal: $run->{out}");
}

sub json_totals {
    my ($text) = @_;
    my $t = decode_json($text)->{totals};
    return "$t->{cases} " . ($t->{fail} + $t->{panic}) . ' '
        . ($t->{error} + $t->{timeout} + $t->{hang}) . " $t->{skip}";
}

# junitparser counts elements itself; the attributes of the document must say the same. A line for
# each file.
my $COUNT_XML = <<'PY';
import sys
from junitparser import JUnitXml, Failure, Error, Skipped
for name in sys.argv[1:]:
    xml = JUnitXml.fromfile(name)
    cases = [case for suite in xml for case in suite]
    assert len(cases) == len(set(case.name for case in cases)), 'names are not unique'
    assert all(case.time is not None for case in cases), 'a case without time'
    kinds = [type(case.result[0]) if case.result else None for case in cases]
    counts = [len(cases)] + [kinds.count(kind) for kind in (Failure, Error, Skipped)]
    said = [sum(getattr(suite, what) for suite in xml) for what in ('tests', 'failures', 'errors', 'skipped')]
    assert counts == said, '%s counted, %s said' % (counts, said)
    assert (xml.tests, xml.failures, xml.errors) == tuple(counts[:3])
    print(*counts)
PY

sub count_files {
    my $program = write_file("$dir/count.py", $COUNT_XML);
    chomp(my @counts = `$PYTHON $program @_ 2>&1`);
    return @counts;
}

sub junit_totals {
    my ($text) = @_;
    return (count_files(write_file("$dir/totals.xml", $text)))[-1];
}

# TAP::Parser of before Test::Harness 3.48 takes version 13 at most; nothing else differs.
sub parse_tap {
    my ($text) = @_;
    $text =~ s/\ATAP version 14$/TAP version 13/m or return;
    my $parser = TAP::Parser->new({tap => $text});
    my (@results, %yaml);
    while (my $result = $parser->next) {
        push @results, $result if $result->is_test;
        $yaml{$results[-1]->number} = $result->data if $result->is_yaml;
    }
    return ($parser, \@results, \%yaml);
}

sub tap_totals {
    my ($text) = @_;
    my ($parser, $results, $yaml) = parse_tap($text);
    my @errors = $parser ? $parser->parse_errors : 'no version 14';
    return "TAP: @errors" if @errors;
    my %severities;
    $severities{$_}++ for map { $yaml->{$_->number}{severity} } grep { !$_->is_actual_ok } @$results;
    my ($wrong, $errors) = map { my $sum = 0; $sum += $severities{$_} // 0 for @$_; $sum }
        [qw(fail panic)], [qw(error timeout hang)];
    return join ' ', scalar @$results, $wrong, $errors, scalar grep { $_->has_skip } @$results;
}

sub text_totals {
    my ($text) = @_;
    my ($line) = $text =~ /^(\d+ passed.*) in [\d.]+ s/m or return 'no line of totals';
    my ($pass, $skip) = map { $line =~ /(\d+) $_/ ? $1 : 0 } 'passed', 'skipped';
    my $failed = $line =~ /(\d+) failed/ ? $1 : 0;
    my $errors = 0;
    $errors += $line =~ /(\d+) $_/ ? $1 : 0 for 'ended by an error', 'timed out', 'hung';
    my $wrong = $failed - $errors;
    return join ' ', $pass + $wrong + $errors + $skip, $wrong, $errors, $skip;
}

sub html_totals {
    my ($text) = @_;
    my %n = map { $_ => 0 } qw(pass fail panic error timeout hang skip);
    $n{$1} = $2 while $text =~ m{<li class="(\w+)"><b>(\d+)</b> \1</li>}g;
    my $cases = () = $text =~ /<details class="case /g;
    my $sum = 0;
    $sum += $_ for values %n;
    return "HTML shows $cases cases and counts $sum" if $sum != $cases;
    return join ' ', $cases, $n{fail} + $n{panic}, $n{error} + $n{timeout} + $n{hang}, $n{skip};
}

# The reader of Markdown is GitHub's own. Each table as a list of rows, each a list of its cells' text.
sub markdown_tables {
    my ($text) = @_;
    my $html = qx{cmark-gfm -e table --unsafe ${\write_file("$dir/totals.md", $text)}};
    my @tables = $html =~ m{<table>(.*?)</table>}gs;
    return map { [map { [map { s/&lt;/</gr =~ s/&gt;/>/gr =~ s/&quot;/"/gr =~ s/&amp;/&/gr } m{<td[^>]*>(.*?)</td>}gs] } m{<tr>(.*?)</tr>}gs] } @tables;
}

sub markdown_totals {
    my ($text) = @_;
    my ($gates, @others) = markdown_tables($text);
    my ($passed, $failed, $skipped) = (0, 0, 0);
    for my $row (grep { @$_ } @$gates) {
        $passed += $row->[1]; $failed += $row->[2]; $skipped += $row->[3];
    }
    my @failed = $failed ? grep { @$_ } @{$others[0]} : ();
    return "$failed failed, the table has " . @failed if $failed != @failed;
    my $errors = grep { $_->[1] =~ /^(?:error|timeout|hang)$/ } @failed;
    return join ' ', $passed + $failed + $skipped, $failed - $errors, $errors, $skipped;
}

# Annotations tell of failures alone: the counts of cases and of skips are those of another format.
sub annotations_totals {
    my ($text, $cases, $skips) = @_;
    my @titles = $text =~ /^::error file=[^:,]+,title=[^:,]+%3A (\w+)::.+$/mg;
    my $lines = () = $text =~ /\n/g;
    return "a line is no annotation: $text" if $lines != @titles + (() = $text =~ /^::warning /mg);
    my $errors = grep { /^(?:error|timeout|hang)$/ } @titles;
    return join ' ', $cases, @titles - $errors, $errors, $skips;
}

our %totals_of = (markdown => \&markdown_totals, json => \&json_totals, junit => \&junit_totals, tap => \&tap_totals,
    text => \&text_totals, html => \&html_totals, annotations => \&annotations_totals);

# Every report of a journal: the totals are the same, the XML is valid, nothing is in it that must not be.
sub check_reports {
    my ($name, $journal, $totals) = @_;
    my %reports = map { $_ => report($_, $journal) } @FORMATS;
    is($totals_of{$_}->($reports{$_}, (split ' ', $totals)[0, 3]), $totals, "$name: totals of $_") for @FORMATS;
    ok($reports{$_} !~ /[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/, "$name: no control character in $_")
        for @FORMATS;
    ok(utf8::decode(my $copy = $reports{$_}), "$name: $_ is UTF-8") for @FORMATS;
    write_file("$dir/valid.xml", $reports{junit});
    is(`xmllint --noout --schema $XSD $dir/valid.xml 2>&1`, "$dir/valid.xml validates\n", "$name: JUnit is valid");
    # xmllint knows the elements of HTML 4 alone; everything else that it finds counts.
    write_file("$dir/page.html", $reports{html});
    is(join('', grep { /HTML parser error/ && !/Tag (?:details|header|main|summary) invalid/ } `xmllint --html --noout $dir/page.html 2>&1`),
        '', "$name: HTML is well-formed");
    return \%reports;
}

1;
