#!/usr/bin/perl
# early: it takes minutes
# Runs the suites of counted/, each QEMU of which counts what it runs (docs/coverage.md), and the gate of
# the kernel. Together they run every function, at least 99.5 % of the lines, of which README.md names each
# that is left, and at least 95 % of the sides of branches.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../tools/tests";
use Files;
use Test::More;

chdir "$FindBin::Bin/../.." or die;
my $program = $ENV{HARNESS} || 'build/harness';
my $folder = temp_folder();
my $counts = qx(qemu-system-aarch64 -M none -display none -plugin build/libcoverage.so,probe=on 2>&1) =~ /^coverage plugin loaded$/m;

mkdir "$folder/counters" or die;
for my $suite (glob 'kernel/tests/counted/test_*.pl') {
    local $ENV{GUEST_COVERAGE} = $counts ? "$folder/counters" : '';
    my $said = qx($suite 2>&1);
    is($? >> 8, 0, "$suite passes") or diag $said;
}

# What the gate and the suites above have counted.
sub judge {
    my $said = qx($program run --quiet --no-history --no-journal --out $folder/out --coverage $folder/gate gates/kernel.gate 2>&1);
    is($? >> 8, 0, 'the gate passes while it is counted') or diag $said;
    is(system("$program coverage --elf build/kernel/kernel.elf --into $folder/tests $folder/counters/* >$folder/log 2>&1") >> 8,
        0, 'what they count is read') or diag read_file("$folder/log");

    # The sums of both tracefiles, of the kernel's own sources.
    my (%lines, %functions, %sides, $file);
    for (map { split /\n/, read_file("$folder/$_/lcov.info") } qw(gate tests)) {
        $file = m{/kernel/([^/]+)$} ? $1 : undef if /^SF:/;
        next if !defined $file;
        $lines{$file}{$1} += $2 if /^DA:(\d+),(\d+)/;
        $functions{"$file: $2"} += $1 if /^FNDA:(\d+),(.*)/;
        $sides{"$file:$1"} += $2 eq '-' ? 0 : $2 if /^BRDA:(.*),(-|\d+)$/;
    }
    my @never = grep { !$functions{$_} } sort keys %functions;
    cmp_ok(scalar keys %functions, '>', 200, 'the functions were found');
    is("@never", '', 'every function is entered');

    my ($all, @left) = 0;
    for my $name (sort keys %lines) {
        my @text = split /\n/, read_file("kernel/$name");
        for my $number (sort { $a <=> $b } keys %{$lines{$name}}) {
            $all++;
            push @left, "$name: " . $text[$number - 1] =~ s/^\s+|\s*(?:\/\/.*)?$//gr if !$lines{$name}{$number};
        }
    }
    cmp_ok($all, '>', 1500, 'the lines were found');
    cmp_ok(scalar @left, '<=', $all * 0.005, 'at least 99.5 % of them run: all but ' . @left . " of $all");

    my $taken = grep { $_ } values %sides;
    cmp_ok($taken, '>=', 0.95 * keys %sides, "at least 95 % of the sides of branches: $taken of " . keys %sides);

    my ($table) = read_file('kernel/README.md') =~ /^## Lines that no test runs\n(.*?)^## /ms;
    my %named = $table =~ /^\| (`[^`]+`: `[^|]+`) \| (\S[^|]*) \|$/mg;
    # Another QEMU can have what the reason says that this one lacks.
    my ($version) = qx(qemu-system-aarch64 --version) =~ /version ([\d]+\.\d+)/;
    my %free = map { s/`//gr => 1 } grep { $named{$_} =~ /\bQEMU ([\d.]+)'s/ && $1 ne $version } keys %named;
    is(join("\n", sort grep { !$free{$_} } map { s/`//gr } keys %named), join("\n", sort grep { !$free{$_} } @left), 'README.md names each line that is left');
}

SKIP: {
    skip 'this QEMU takes no plugins', 1 if !$counts;
    judge();
}
done_testing;
