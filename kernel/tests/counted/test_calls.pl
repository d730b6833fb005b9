#!/usr/bin/perl
# Runs the cases of the guest programs fileops, names, process, memory and tier3 that gates/kernel.gate lacks,
# each in a guest of its own: /init exits 0 and no page is leaked. Then what a gate cannot say: where a
# fault was, what random calls leave behind, and what calls cost in instructions.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/..";
use Guest;

# Cases that other cases run as a child, and what they need.
my %children = map { $_ => 1 } qw(process:crash process:exit process:inherited process:dirty process:fresh
    process:args-child process:stack-child tier3:write-protected tier3:read-none tier3:jump-to-data tier3:use-after
    tier3:run-mapped tier3:leave tier3:fresh memory:eat memory:data memory:dirty memory:stack-overflow);
my %with = (
    'names:look-up' => [extra => \@ICOUNT],
    'fileops:growth' => [extra => \@ICOUNT],
    'memory:sequence' => [extra => \@ICOUNT],
    'process:sparse' => [extra => \@ICOUNT],
);
# PROGRAM:CASE of the gate's cases.
my %in_gate;
for my $case (split /^\[case /m, read_file('gates/kernel.gate')) {
    my ($program) = $case =~ m{^file /init = build:kernel/user/(\w+)$}m;
    my ($name) = $case =~ /^argv = init (\S+)$/m;
    $in_gate{"$program:$name"} = 1 if defined $program && defined $name;
}
ok(keys %in_gate > 30, 'the cases of the gate were found');
my $input = pack 'N*', map { $_ * 2654435761 % 2**32 } 1 .. 5000;

for my $name (qw(fileops names process memory tier3)) {
    my $initrd = newc('init' => program($name), 'child' => program('child'), 'true' => program('true'),
        'rwx' => program('rwx'), 'notelf' => "#!/bin/sh\n", 'folder/file' => 'x', 'input' => $input);
    my @cases = split /\n/, console_of(boot(initrd => $initrd));
    ok(@cases >= 3, "$name lists its cases");
    for my $case (@cases) {
        next if $children{"$name:$case"} || $in_gate{"$name:$case"};
        my $console = boot(initrd => $initrd, append => "init $case", @{$with{"$name:$case"} // []});
        ok(line($console, 'END') =~ /^=== END status=0 files=\d+ leaked-pages=0 /, "$name $case", $console);
    }
}

# Faults: the signal, the class of the exception in ESR (Arm ARM, D13.2.37), and where: FAR for aborts,
# else ELR. What is not known before the program runs is undef.
my %at = map { (split)[2, 0] } split /\n/, qx(aarch64-linux-gnu-nm build/kernel/user/fault);
my ($fetch, $misaligned, $data, $unknown, $breakpoint) = (0x20, 0x22, 0x24, 0, 0x3c);
my %faults = (
    'null-read' => [11, $data, 0], 'null-write' => [11, $data, 0], 'null-call' => [11, $fetch, 0],
    'low-read' => [11, $data, 0x1ffffc], 'text-write' => [11, $data, hex $at{main}],
    'const-write' => [11, $data, hex $at{constants}], 'data-jump' => [11, $fetch, hex $at{data}],
    'stack-jump' => [11, $fetch, undef], 'kernel-read' => [11, $data, 0x40080000],
    'kernel-write' => [11, $data, 0x40100000], 'device-read' => [11, $data, 0x4009 << 24],
    'high-read' => [11, $data, 0xffff << 48], 'guard-write' => [11, $data, 0x3efffffc],
    'brk-beyond' => [11, $data, undef], 'brk-shrunk' => [11, $data, undef],
    'undefined' => [4, $unknown, hex $at{fault_undefined}],
    'privileged' => [4, $unknown, hex $at{fault_privileged}],
    'breakpoint' => [5, $breakpoint, hex $at{fault_breakpoint}],
    'misaligned-pc' => [7, $misaligned, hex($at{main}) + 2]);
my $fault = newc('init' => program('fault'));
for my $kind (sort keys %faults) {
    my $console = boot(initrd => $fault, append => "init $kind");
    my ($signal, $class, $where) = @{$faults{$kind}};
    no warnings 'portable'; # addresses have 64 bits
    my ($elr, $far, $esr) = map { hex } line($console, 'EXIT') =~
        /^=== EXIT pid=1 signal=$signal elr=0x(\w+) far=0x(\w+) esr=0x(\w+) ticks=\d+ ===$/;
    ok(defined $esr && $esr >> 26 == $class
            && (!defined $where || ($class == $unknown || $class == $breakpoint ? $elr : $far) == $where)
            && ($class == $fetch || $class == $misaligned ? $elr == $far : $elr >= 0x600000 && $elr < hex $at{data})
            && line($console, 'END') =~ /status=@{[128 + $signal]} files=1 leaked-pages=0 /,
        "fault $kind is signal $signal, where it happened", $console);
}
# QEMU's TCG does not check the alignment of SP; where it is checked, it is SIGBUS.
my $console = boot(initrd => $fault, append => 'init misaligned-sp');
ok(line($console, 'END') =~ /status=(1|135) /, 'fault misaligned-sp leaves the kernel alone', $console);

# Random sequences of calls with odd arguments. Linux judges their answers (harness/tests/test_differ.pl).
my $differ = newc('init' => program('differ'), (map { ($_ => program($_)) } qw(true child fault)), 'text' => "no program\n", 'd/keep' => 'x');
$console = boot(initrd => $differ, append => 'init 0 1000');
ok(line($console, 'END') =~ /^=== END status=0 files=\d+ leaked-pages=0 /, '1,000 random sequences of calls leak nothing', substr $console, -300);

my $spawn = newc('init' => program('spawn'), 'spawn' => program('spawn'));
$console = boot(initrd => $spawn, append => 'spawn 100000 1', memory => '64M');
ok($console =~ / gave -12$/m && line($console, 'END') =~ /leaked-pages=0 /,
    'spawn without end is -ENOMEM at some depth, and all of it is freed', substr $console, -300);

# Budgets in guest instructions, the same on every machine: 62.5 ticks are 1000 instructions.
$console = boot(initrd => newc('init' => program('spawnbench'), 'true' => program('true')),
    append => 'init 1000', extra => \@ICOUNT);
my ($median) = $console =~ /median=(\d+)/;
ok($median && $median * 16 < 6000, 'spawn, exit and waitid take under 6,000 instructions', $console);
my ($boot) = (boot(initrd => newc('init' => program('true')), append => 'spawnlog', extra => \@ICOUNT)) =~
    /SPAWN.*ticks=(\d+)/;
ok($boot && $boot * 16 < 250_000, 'start to /init takes under 250,000 instructions', $boot);

# Text stays where it is from spawn to spawn: QEMU translates no more code for 200 spawns than for 20.
for my $path ('/true', '/rwxtrue') {
    my @translated = map {
        my $log = scratch('asm.log');
        boot(initrd => newc('init' => program('spawnbench'), 'true' => program('true'), 'rwxtrue' => program('rwxtrue')),
            append => "init $_ $path", extra => ['-d', 'in_asm', '-D', $log]);
        scalar(() = read_file($log) =~ /^0x/mg);
    } 20, 200;
    ok($translated[0] > 1000 && $translated[1] < $translated[0] + 50, "$path is translated once", "@translated");
}
done_testing();
