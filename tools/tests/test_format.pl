#!/usr/bin/perl
# C sources are as clang-format leaves them (make format). Versions format differently, so one judges.
use strict;
use warnings;
use Test::More;

my $VERSION = 14;
my ($version) = qx{clang-format --version 2>/dev/null} =~ /version (\d+)/;
plan skip_all => 'clang-format ' . ($version // 'is missing') . ", the sources are as version $VERSION formats them"
    if ($version // 0) != $VERSION;
my @files = split ' ', qx{make -s SKIP_SETUP=1 --eval 'show:;\@echo \$(FORMATTED)' show};
cmp_ok(scalar @files, '>', 200, 'the sources were found');
my @wrong = grep { length } map { /^(\S+?):\d+:\d+: / ? $1 : () } qx{clang-format --dry-run @files 2>&1};
my %seen;
is(join(' ', grep { !$seen{$_}++ } @wrong), '', 'they are as make format leaves them');
done_testing;
