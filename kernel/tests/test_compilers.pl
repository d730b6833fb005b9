#!/usr/bin/perl
# The kernel's sources stay small enough to be read in an afternoon. They compile in other ways than
# the usual, and run: by gcc at -O2 and -O0, by clang, and by the arm64 TinyCC that tools/fetch-tcc
# builds.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;

my %compilers = (
    'gcc -O2' => 'aarch64-linux-gnu-gcc -O2',
    'gcc -O0' => 'aarch64-linux-gnu-gcc -O0',
    clang     => 'clang --target=aarch64-linux-gnu',
    tinycc    => 'build/tcc/arm64-tcc -Ibuild/tcc/include',
);

for my $name (sort keys %compilers) {
    my $out = scratch($name =~ tr/ //dr);
    my ($compiler, $optimize) = $compilers{$name} =~ /^(.*?)(?: (-O\d))?$/;
    my $log = qx(make --no-print-directory SKIP_SETUP=1 kernel KERNEL_OUT=$out KERNEL_CC='$compiler' @{[$optimize ? "KERNEL_OPTIMIZE=$optimize" : '']} 2>&1);
    ok($? == 0, "compiles with $name", $log) or next;
    my $console = boot(image => "$out/Image", append => 'nonce=1 spawnlog init 6 2',
        initrd => newc('init' => program('spawn'), 'spawn' => program('spawn')));
    ok($console =~ /\A=== BOOT mem=1073741824 freq=\d+ ticks=\d+ nonce=1 ===\n/
            && 127 == (() = $console =~ /^=== EXIT pid=\d+ status=\d ticks=\d+ nonce=1 ===$/mg)
            && line($console, 'END') =~ /status=6 files=2 leaked-pages=0 /, "$name: a tree of 127 processes", $console);
    $console = boot(image => "$out/Image", append => 'init registers', initrd => newc('init' => program('process')));
    ok(line($console, 'END') =~ /status=0 /, "$name: registers are kept across spawn", $console);
}

my %lines = map { $_ => scalar(() = read_file($_) =~ /\n/g) } glob 'kernel/*.c kernel/*.S kernel/*.h';
# Tier 3 of the calls (abi/syscalls.h) has files of its own, which the chain does not need.
my ($code, $tier3) = (0, 0);
$code += $lines{$_} for grep { !/\.h$/ } keys %lines;
$tier3 += $lines{"kernel/syscall_$_.c"} for qw(map self stat vector);
ok($code - $tier3 > 1000 && $code - $tier3 <= 3000,
    "what the chain needs, where tier 3 meets it, and the environment and input of init, have at most 3,000 lines of C and assembly: @{[$code - $tier3]}");
ok($tier3 > 100 && $tier3 <= 300, "tier 3 at most 300: $tier3");
my @long = grep { $lines{$_} > 400 } sort keys %lines;
ok(!@long, 'no file has more than 400 lines', "@long");
done_testing();
