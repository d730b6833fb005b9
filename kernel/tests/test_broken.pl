#!/usr/bin/perl
# What the kernel says of its own faults, which a sound one does not have: kernels broken on purpose, by a
# change of one line each.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;

# Boots a kernel whose `file` has `new` for the one place that is `old`; its console and its symbols. What runs
# is a tree of spawns, or tier3 with the argument `case`.
sub broken {
    my ($file, $old, $new, $case) = @_;
    my $tree = scratch('broken');
    qx(rm -rf $tree && mkdir -p $tree && cp -r Makefile kernel $tree);
    my $source = read_file("$tree/kernel/$file");
    1 == ($source =~ s/\Q$old\E/$new/g) or die "$file has not one place that is $old";
    write_file("$tree/kernel/$file", $source);
    my $log = qx(make --no-print-directory -C $tree SKIP_SETUP=1 kernel 2>&1);
    my $console = boot(image => "$tree/build/kernel/Image", append => 'nonce=1 init ' . ($case // '1 1'), seconds => 20,
        initrd => newc('init' => program($case ? 'tier3' : 'spawn'), 'spawn' => program('spawn')));
    return ($log . $console, map { (split)[2, 0] } split /\n/, qx(aarch64-linux-gnu-nm $tree/build/kernel/kernel.elf));
}

my ($console) = broken('space.c', 'frame_free_zero(space->level2);', '');
ok(line($console, 'END') =~ / leaked-pages=[1-9]/, 'END counts pages that are not freed', $console);
($console) = broken('spawn.c', 'heap_free(result, sizeof *result);', '');
ok(line($console, 'END') =~ / leaked-pages=[1-9]/, 'and small objects', $console);

for my $leak (['space.c', 'if (space->map_low) space_unmap(space, space->map_low, STACK_BASE);', 'memory that mmap gave'],
    ['space.c', 'if (space->map_low) free_tables(space, space->map_low, STACK_BASE);', 'its tables'],
    ['process.c', 'if (process->actions) frame_free(process->actions);', 'the actions of signals']) {
    ($console) = broken($leak->[0], $leak->[1], '', 'leave');
    ok(line($console, 'END') =~ / status=0 files=\d+ leaked-pages=[1-9]/, "and $leak->[2]", $console);
}

# 9 KiB on a stack of 8 reach into the page below it, which is not mapped.
($console, my %symbol) = broken('path.c', 'path->length = 0;' . "\n", 'volatile char deep[0x2400]; path->length = (u32)(deep[0] = 0);' . "\n");
my ($at) = line($console, 'PANIC') =~ /^=== PANIC exception in the kernel vector=4 esr=0x9600\w+ elr=0x4008\w+ far=0x(\w+) nonce=1 ===$/;
my $guard = hex $symbol{stack_guard};
ok(defined $at && hex $at >= $guard && hex $at < $guard + 4096, 'a stack that overflows is a panic', $console);
ok($console =~ /^=== REGISTERS .* nonce=1 ===\n=== BACKTRACE .* nonce=1 ===\n=== PANIC .* ===\n\z/m, 'all of which is printed', $console);

# A breakpoint with a number of its own in each register, in the middle of the BOOT line.
my @known = map { sprintf 'x%d=0x%x', $_, 0x1000 + $_ } 0 .. 30;
my $loads = join '', map { sprintf "mov x%d, #0x%x\n", $_, 0x1000 + $_ } 0 .. 30;
($console, %symbol) = broken('machine.S', 'routine_of counter_hz, <mrs x0, cntfrq_el0>', "routine counter_hz\n${loads}brk #0\n");
my ($pc, $sp) = $console =~ /^=== REGISTERS pc=0x(4008\w+) sp=0x(\w+) pstate=0x\w+3c5 @known newline=added nonce=1 ===$/m;
ok(defined $pc && hex $pc == hex($symbol{counter_hz}) + 4 * 31, 'an exception shows all registers', $console);
ok(defined $sp && hex $sp > $guard && hex $sp <= hex $symbol{stack_top}, 'and the stack that it came from', $console);
done_testing();
