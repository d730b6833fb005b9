#!/usr/bin/perl
# Every rule that makes a file below build/ makes that file's folder first and writes to no other, so
# that rules may run in any order, side by side, in a fresh clone. Judged from make's own list of its
# rules; nothing is made.
use strict;
use warnings;
use File::Basename 'dirname';
use Test::More;

local $ENV{MAKEFLAGS} = '';
my $judged = 0;
# Paragraphs of the list: "target: prerequisites", comments, the recipe behind tabs.
for my $rule (split /\n\n/, qx{make SKIP_SETUP=1 -pnq tests benches fuzzers 2>/dev/null}) {
    my ($target) = $rule =~ m{^(build/[^\s:\$]+):}m or next;
    my $recipe = join "\n", $rule =~ /^\t(.*)/mg or next;
    $judged++;
    like($recipe, qr/\A(\@mkdir -p \$\(\@D\)|\$\(call begin,\w+\))$/m, "$target: the recipe makes the folder first");
    my @elsewhere = grep { dirname($_) ne dirname($target) } $recipe =~ m{>\s*(build/\S+)}g;
    is("@elsewhere", '', "$target: nothing is written to another folder");
}
cmp_ok($judged, '>', 60, 'the rules were found');
# A suite that runs where Perl is named, but not by itself, would fail in CI alone.
is(join(' ', grep { !-x && !/\.c$/ } glob '{tools,kernel,harness,fixtures/*}{/tests,}/test_*'), '', 'every suite can be executed');
done_testing;
