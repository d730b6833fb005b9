#!/usr/bin/perl
# The kernel compiles with other compilers than gcc, and runs: clang if it is installed, and the arm64
# TinyCC that the variable ARM64_TCC names (with -I of its include folder).
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;

my %compilers;
$compilers{clang} = 'clang --target=aarch64-linux-gnu' if grep { -x "$_/clang" } split /:/, $ENV{PATH};
$compilers{tinycc} = $ENV{ARM64_TCC} if $ENV{ARM64_TCC};

for my $name (sort keys %compilers) {
    my $out = scratch($name);
    my $log = qx(make --no-print-directory SKIP_SETUP=1 kernel KERNEL_OUT=$out KERNEL_CC='$compilers{$name}' 2>&1);
    ok($? == 0, "compiles with $name", $log) or next;
    my $console = boot(image => "$out/Image", append => 'spawnlog init 6 2', seconds => 60,
        initrd => newc('init' => program('spawn'), 'spawn' => program('spawn')));
    ok(line($console, 'END') =~ /status=6 files=2 leaked-pages=0 /, "$name: a tree of 127 processes", $console);
    $console = boot(image => "$out/Image", append => 'init registers', seconds => 60,
        initrd => newc('init' => program('process')));
    ok(line($console, 'END') =~ /status=0 /, "$name: registers are kept across spawn", $console);
}
if (%compilers) { plan_done() }
else { print "1..0 # SKIP neither clang nor ARM64_TCC\n" }
