#!/usr/bin/perl
# The tutorial and the page about differences, as a reader follows them: their files are written, their commands run in one shell after the
# other, and what they say that these print is what they print, but for "...".
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

delete $ENV{HARNESS_HISTORY};
delete $ENV{$_} for grep { /^GITHUB_/ } keys %ENV;
# A pattern for a text of the page: "..." is anything within a line, on a line of its own any lines.
sub pattern_of {
    my ($text) = @_;
    my $pattern = join '', map { $_ eq "...\n" ? '(?:.*\n)*?' : join('.*', map { quotemeta s/ +/ /gr } split /\.\.\./, $_, -1) } split /^/, $text;
    return qr/\A$pattern\z/;
}

sub follow {
    my ($name, $begin, $kinds, $at_least) = @_;
    my $page = read_file("docs/$name.md");
    my $home = temp_folder();
    local $ENV{HOME} = $home;
    my %mentioned = map { $_ => 1 } $page =~ /^```(\w+)/mg;
    is(join(' ', sort keys %mentioned), $kinds, "$name: the kinds of its blocks");
    my ($count, $printed, $command) = (0, '', '');
    my $state = "cd '$begin'\n";
    while ($page =~ /^```(\w+)(?: (\S+))?\n(.*?)^```$/msg) {
        my ($kind, $word, $text) = ($1, $2 // '', $3);
        $count++;
        if ($kind eq 'sh') {
            next if $word eq 'not-run';
            write_file("$home/script", "${state}set -e\n$text");
            $printed = qx{bash $home/script 2>&1};
            my $status = $? >> 8;
            $command = (split /\n/, $text)[-1];
            ok($word eq 'fails' ? $status != 0 : $status == 0, "$command: exit status $status") or diag $printed;
            # What a later command needs of the shell.
            $state .= join '', grep { /^(?:export|cd) / } split /^/, $text;
        } elsif ($kind eq 'text') {
            my $shown = $printed =~ s/ +/ /gr;
            like($shown, pattern_of($text), "$command prints what the page shows");
        } else {
            write_file("$home/first/$word", $text);
        }
    }
    cmp_ok($count, '>', $at_least, "$name: the blocks were found");
    is(join(' ', grep { !-e "docs/$_" } $page =~ /\]\(([^)#]+)/g), '', "$name: what it links to is there");
}

my $root = Cwd::getcwd();
follow('tutorial', $root, 'S c gate sh text', 20);
# Its commands need no root; the program is the one of PATH.
$ENV{PATH} = "$1:$ENV{PATH}" if Cwd::abs_path($Support::PROGRAM) =~ m{^(.*)/};
follow('diff', temp_folder(), 'sh text', 5);
done_testing;
