#!/usr/bin/perl
# Data flows one way: a room of the harness includes only rooms that stand before it in harness.mk's
# HARNESS_ROOMS, and neither in the harness nor in the kernel do two source files need each other.
# What a file needs is judged by the linker's view of it: the symbols that its object takes from
# another.
use strict;
use warnings;
use Test::More;

# ---- The order of the rooms ----

my %variable = qx{make SKIP_SETUP=1 -pnq 2>/dev/null} =~ /^(\w+) := (.*)$/mg;
my @rooms = split ' ', $variable{HARNESS_ROOMS} // '';
my %rank = map { $rooms[$_] => $_ } 0 .. $#rooms;
cmp_ok(scalar @rooms, '>', 5, 'the order of the rooms was found');

my @loose = grep { !m{/(?:tests|fuzz|bench|linux|report/html|coverage/plugin|modules)/} } split /\n/, qx{git ls-files 'harness/*.[ch]'};
is(join(' ', grep { !m{^harness/(\w+)/\w+\.[ch]$} || !exists $rank{$1} } @loose), '', 'every source of the harness is in a room');
for my $file (@loose) {
    my ($room) = $file =~ m{^harness/(\w+)/} or next;
    open my $in, '<', $file or die "$file: $!";
    while (my $line = <$in>) {
        my ($included) = $line =~ /^#include "([^"]+)"/ or next;
        my ($other) = $included =~ m{^(\w+)/\w+\.h$};
        ok(0, "$file:$.: \"$included\" names no room") if !defined $other || !exists $rank{$other};
        ok(0, "$file:$.: room $room stands before $other and must not include it")
            if defined $other && ($rank{$other} // 0) > $rank{$room};
    }
}
pass('no room includes one that stands behind it') if Test::More->builder->is_passing;

# ---- Cycles ----

# The objects of a program: name -> [symbols it defines], [symbols it needs].
sub read_objects {
    my ($nm, @files) = @_;
    my (%defines, %needs);
    for my $file (@files) {
        for (qx{$nm $file}) {
            my ($type, $symbol) = /([A-Za-z]) (\S+)$/ or next;
            if ($type eq 'U') { push @{$needs{$file}}, $symbol }
            elsif ($type =~ /[TDBRVWC]/) { $defines{$symbol} = $file }
        }
    }
    my %edges;
    for my $file (@files) {
        my %to = map { $_ => 1 } grep { defined && $_ ne $file } map { $defines{$_} } @{$needs{$file} // []};
        $edges{$file} = [sort keys %to];
    }
    return \%edges;
}

# Tarjan's strongly connected components of more than one node.
sub find_cycles {
    my ($edges) = @_;
    my ($count, %index, %low, @stack, %on, @cycles) = 0;
    my $visit;
    $visit = sub {
        my ($node) = @_;
        $index{$node} = $low{$node} = $count++;
        push @stack, $node;
        $on{$node} = 1;
        for my $next (@{$edges->{$node}}) {
            if (!defined $index{$next}) {
                $visit->($next);
                $low{$node} = $low{$next} if $low{$next} < $low{$node};
            } elsif ($on{$next} && $index{$next} < $low{$node}) {
                $low{$node} = $index{$next};
            }
        }
        return if $low{$node} != $index{$node};
        my @component;
        do { push @component, pop @stack; delete $on{$component[-1]} } until $component[-1] eq $node;
        push @cycles, join ' ', sort @component if @component > 1;
    };
    for my $node (sort keys %$edges) {
        $visit->($node) if !defined $index{$node};
    }
    return sort @cycles;
}

# A checker that finds no cycle where there is one would prove nothing.
is(join(';', find_cycles({a => ['b'], b => ['c'], c => ['b', 'd'], d => [], e => ['e']})), 'b c', 'a cycle is found');

my %programs = (
    harness => ['nm', split ' ', $variable{HARNESS_OBJ}],
    kernel => ['aarch64-linux-gnu-nm', split ' ', $variable{KERNEL_OBJECTS}],
);
for my $name (sort keys %programs) {
    my ($nm, @files) = @{$programs{$name}};
    my $edges = read_objects($nm, @files);
    my $edge_count = 0;
    $edge_count += @$_ for values %$edges;
    cmp_ok($edge_count, '>', @files, "$name: the objects and what they need were found");
    is(join("\n", find_cycles($edges)), '', "$name: no source files need each other");
}
done_testing;
