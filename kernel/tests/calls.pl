#!/usr/bin/perl
# Runs every case of the guest programs fileops, names, process and memory, each in a guest of its own:
# /init exits 0 and no page is leaked.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Guest;

# Cases that other cases run as a child, and what they need.
my %children = map { $_ => 1 } qw(process:crash process:exit process:inherited process:dirty process:fresh
    process:args-child process:stack-child memory:eat memory:dirty memory:stack-overflow);
my %with = (
    'names:look-up' => [extra => \@ICOUNT],
    'memory:out-of-memory' => [memory => '256M'],
    'memory:enospc' => [memory => '128M'],
    'memory:initial-enospc' => [memory => '64M', initrd => newc('init' => program('memory'), 'input' => 'x' x (24 << 20))],
    'memory:brk-enomem' => [memory => '256M'],
    'memory:second-gib' => [memory => '4G'],
);
my $input = pack 'N*', map { $_ * 2654435761 % 2**32 } 1 .. 5000;

for my $name (qw(fileops names process memory)) {
    my $initrd = newc('init' => program($name), 'child' => program('child'), 'true' => program('true'),
        'rwx' => program('rwx'), 'notelf' => "#!/bin/sh\n", 'folder/file' => 'x', 'input' => $input);
    my @cases = split /\n/, console_of(boot(initrd => $initrd));
    ok(@cases >= 3, "$name lists its cases");
    for my $case (@cases) {
        next if $children{"$name:$case"};
        my $console = boot(initrd => $initrd, append => "init $case", @{$with{"$name:$case"} // []});
        ok(line($console, 'END') =~ /^=== END status=0 files=\d+ leaked-pages=0 /, "$name $case", $console);
    }
}

my %signals = (
    (map { $_ => 11 } qw(null-read null-write null-call low-read text-write const-write data-jump
        stack-jump kernel-read kernel-write device-read high-read guard-write brk-beyond)),
    'undefined' => 4, 'privileged' => 4, 'breakpoint' => 5, 'misaligned-pc' => 7);
my $fault = newc('init' => program('fault'));
for my $kind (sort keys %signals) {
    my $console = boot(initrd => $fault, append => "init $kind");
    my $signal = $signals{$kind};
    ok(line($console, 'EXIT') =~ /^=== EXIT pid=1 signal=$signal elr=0x\w+ far=0x\w+ esr=0x\w+ ticks=\d+ ===$/
            && line($console, 'END') =~ /status=@{[128 + $signal]} files=1 leaked-pages=0 /,
        "fault $kind is signal $signal", $console);
}
# QEMU's TCG does not check the alignment of SP; where it is checked, it is SIGBUS.
my $console = boot(initrd => $fault, append => 'init misaligned-sp');
ok(line($console, 'END') =~ /status=(1|135) /, 'fault misaligned-sp leaves the kernel alone', $console);
$console = boot(initrd => newc('init' => program('memory')), append => 'init stack-overflow');
ok(line($console, 'END') =~ /status=139 /, 'a stack overflow is signal 11', $console);

my $spawn = newc('init' => program('spawn'), 'spawn' => program('spawn'));
$console = boot(initrd => $spawn, append => 'spawn 64 1');
ok(line($console, 'END') =~ /status=64 .*leaked-pages=0 /, '64 levels of spawn', $console);
$console = boot(initrd => $spawn, append => 'spawn 7 3');
ok(line($console, 'END') =~ /status=7 .*leaked-pages=0 /, 'a tree of 3280 processes', $console);
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
        scalar(() = slurp($log) =~ /^0x/mg);
    } 20, 200;
    ok($translated[0] > 1000 && $translated[1] < $translated[0] + 50, "$path is translated once", "@translated");
}
plan_done();
