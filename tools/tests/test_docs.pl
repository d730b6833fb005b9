#!/usr/bin/perl
# What documents name exists: files, links and their headings, targets of make, commands and options of
# harness, keys of gate files. The workflows of docs/ci pass yamllint.
use strict;
use warnings;
use File::Basename 'dirname';
use FindBin;
use lib $FindBin::Bin;
use Files;
use Test::More;

my $program = $ENV{HARNESS} || 'build/harness';
my %options; # of each command
for my $command (qx{$program --help} =~ /^  (\w+) /mg) {
    my %known = map { $_ => 1 } qx{$program $command --help} =~ /--([\w-]+)/g;
    $options{$command} = \%known;
}
my %keys = map { $_ => 1 } qx{$program check --keys} =~ /^  (\w+)(?: \/PATH)? = /mg;
my %targets = map { map { $_ => 1 } split ' ' } map { read_file($_) =~ /^\.PHONY: (.*)$/mg } 'Makefile', glob('*/*.mk */*/*.mk');
cmp_ok(scalar keys %$_, '>', 5, 'the names of the program were found') for \%options, \%keys, \%targets;

# The heading's name in a link, as GitHub makes it.
sub anchor_of { return lc($_[0]) =~ s/[^\w\- ]//gr =~ s/ /-/gr }

my @pages = split /\n/, qx{git ls-files '*.md'};
cmp_ok(scalar @pages, '>', 10, 'the pages were found');
for my $page (@pages) {
    my $text = read_file($page);
    my $folder = dirname($page);
    my @wrong;
    while ($text =~ /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g) {
        my ($path, $anchor) = ($1, $2);
        my $file = $path eq '' ? $page : "$folder/$path";
        push @wrong, "link to $path" if !-e $file;
        push @wrong, "heading $path#$anchor"
            if defined $anchor && -f $file && !grep { anchor_of($_) eq $anchor } read_file($file) =~ /^#+ (.*)$/mg;
    }
    # Code: between backquotes, in fences and in indented lines.
    my @code = ($text =~ /`([^`\n]+)`/g, map { split /\n/ } $text =~ /^```\w+[^\n]*\n(.*?)^```/msg, $text =~ /^    (\S.*)$/mg);
    for my $code (@code) {
        # A path of the repository; what is built or a name to be filled in is not looked for.
        for my $path ($code =~ m{(?<![\w/.:])((?:kernel|harness|gates|fixtures|golden|tools|docs)/[\w./-]*\w)}g) {
            next if $path =~ /[A-Z]{2,}|^gates\/(?:first|mine|x)\b|^fixtures\/first|^golden\/first|^docs\/ci$/ && !-e $path;
            push @wrong, "path $path" if !-e $path && !-e "$folder/$path" && !glob("$path*");
        }
        push @wrong, "make $_" for grep { !$targets{$_} } $code =~ /(?<![\w-])make ((?!SKIP)[a-z]+)\b/g;
        while ($code =~ /(?:^|\/|\s)harness (\w[\w-]*)((?:[^|;#`]|'[^']*')*)/g) {
            my ($command, $rest) = ($1, $2);
            next if $command eq 'help' || $code =~ /^pass|^harness:/;
            push(@wrong, "command harness $command"), next if !$options{$command};
            push @wrong, "harness $command --$_" for grep { !$options{$command}{$_} } $rest =~ /(?<=\s)--([a-z][\w-]*)/g;
        }
    }
    push @wrong, "key $_" for grep { !$keys{$_} } map { /`(\w+)`/g } $text =~ /\bkeys? ((?:`\w+`(?:, | and )?)+)/g;
    is(join('; ', @wrong), '', "$page: what it names exists");
}

# ---- Workflows ----
for my $workflow (glob 'docs/ci/*.yml') {
    is(qx{yamllint -s -d '{extends: default, rules: {line-length: {max: 100}}}' $workflow 2>&1}, '', "$workflow: yamllint finds nothing");
    my @unknown = grep { !$targets{$_} } read_file($workflow) =~ /^ +(?:- |run: )?(?:make) ([a-z]+)/mg;
    is("@unknown", '', "$workflow: its targets exist");
}

# ---- What a checkout must not have ----
is(qx{git ls-files | xargs grep -lI 'DESIGN\\.md' 2>/dev/null | grep -v tests/test_docs.pl}, '', 'no file cites a document that is not here');
is(join(' ', grep { length > 72 } qx{git log --no-merges --format=%s -20 2>/dev/null}), '', 'subjects of commits have at most 72 characters');
cmp_ok(scalar(() = read_file('README.md') =~ /\n/g), '<=', 150, 'README.md has at most 150 lines');
done_testing;
