#!/usr/bin/perl
# Files in and out by virtio disk.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/..";
use Guest;

my $out = scratch('out.img');
my @big = map { pack 'N*', map { ($_ * 2654435761) % 2**32 } 1 .. $_ } 700_000, 1, 300_001;
my %hello = ('init' => program('hello'));

sub image {
    my ($name, $bytes) = @_;
    return write_file(scratch($name), $bytes . "\0" x (-length($bytes) % 512));
}

sub blank { write_file($out, "\xaa" x $_[0]) }

sub check_out {
    my ($name, @want) = @_;
    my @got = unnewc($out);
    is(join('|', @got[grep { $_ % 2 == 0 } 0 .. $#got]), join('|', @want[grep { $_ % 2 == 0 } 0 .. $#want]), "$name: names and order");
    ok("@got" eq "@want", "$name: bytes");
}

blank(8 << 20);
my @files = ('init' => program('hello'), 'empty' => '', map { ("d/f$_" => $big[$_]) } 0 .. 2);
my $console = boot(extra => [disk_args('seed-in', image('in.img', newc(@files)), 1), disk_args('seed-out', $out)]);
ok($console =~ /^hello\n=== END status=0 files=5 leaked-pages=0 /m, 'in by disk', $console);
check_out('out by disk', @files);

blank(8 << 20);
$console = boot(initrd => newc(%hello), extra => [disk_args('seed-in', image('in.img', newc('x' => $big[2])), 1), disk_args('seed-out', $out)],
    append => 'dumpfs');
check_out('initrd and seed-in together', %hello, 'x' => $big[2]);
is(join('|', map { $_->[0] } files_of($console)), '/init|/x', 'the dump has the same files');

blank(1 << 20);
$console = boot(initrd => newc('init' => program('fault'), 'kept' => 'k'), extra => [disk_args('seed-out', $out)], append => 'init null-read');
ok($console =~ /END status=139 /, 'a fault of init', $console);
check_out('files are out after a fault', 'init' => program('fault'), 'kept' => 'k');

blank(1 << 20);
$console = boot(initrd => newc('kept' => 'kept', 'x' => ['', 0120777, 1]), extra => [disk_args('seed-out', $out)]);
ok($console =~ /^=== PANIC initramfs: neither /m && $console !~ /END/, 'a panic', $console);
check_out('files are out after a panic', 'kept' => 'kept');

blank(512);
$console = boot(initrd => newc('kept' => 'k' x 4000, 'x' => ['', 0120777, 1]), extra => [disk_args('seed-out', $out)]);
is(line($console, 'LOST'), '=== LOST seed-out is too small for the files ===', 'files that cannot go out after a panic are said to be lost', $console);

blank(4096);
$console = boot(initrd => newc(%hello), extra => [disk_args('seed-out', $out)]);
ok($console =~ /^=== PANIC seed-out is too small for the files ===$/m && $console !~ /^=== (END|LOST)/m, 'a disk too small is a panic', $console);
blank(8192 * 2);
write_file($out, "\xaa" x (int((length(newc(%hello)) + 511) / 512) * 512));
boot(initrd => newc(%hello), extra => [disk_args('seed-out', $out)]);
check_out('a disk just large enough', %hello);
$console = boot(extra => [disk_args('seed-in', image('in.img', 'x' x 600), 1)]);
ok($console =~ /^=== PANIC initramfs: bad magic, in the entry at=0x0 ===$/m, 'a damaged disk is a panic', $console);
my @legacy = disk_args('seed-out', $out);
$legacy[1] = 'virtio-mmio.force-legacy=true';
$console = boot(initrd => newc(%hello), extra => \@legacy);
ok($console =~ /^=== PANIC disk is legacy virtio/m, 'a legacy disk is a panic that says so', $console);
$console = boot(initrd => newc(%hello), extra => [disk_args('seed-out', $out, 1)]);
ok($console =~ /^=== PANIC disk reports an error ===$/m && $console !~ /^=== (END|LOST)/m, 'a disk that cannot be written is a panic, once', $console);
# Virtio 1.1, 3.1.1: the order of steps, and the features that the driver takes: FLUSH, without which QEMU
# would sync its file after each request, READ_ONLY where it is offered, VERSION_1. QEMU works without any
# of them, so that its trace of the registers is what tells.
for my $read_only (0, 1) {
    my $log = scratch('trace.log');
    boot(extra => [disk_args('seed-in', image('in.img', newc(%hello)), $read_only), '-d', 'trace:virtio_mmio_write_offset', '-D', $log]);
    my @writes = read_file($log) =~ / offset 0x([0-9a-f]+) value 0x([0-9a-f]+)$/mg;
    my @steps = map { my ($at, $value) = @writes[2 * $_, 2 * $_ + 1]; $at =~ /^(?:20|24|44|70)$/ ? "$at=$value" : () } 0 .. $#writes / 2;
    is("@steps[0 .. 8]", join(' ', '70=0', '70=3', '24=0', '20=2' . ($read_only ? '2' : '0') . '0', '24=1', '20=1', '70=b', '44=1', '70=f'),
        $read_only ? 'a read-only disk is known to be one' : 'a disk is set up in the order of the specification', "@writes");
}

# One byte a second: after the sector that QEMU itself reads, a request waits for minutes. A guest instruction
# takes a microsecond here, so that the half a minute which the kernel waits is soon over.
my @stalls = disk_args('seed-in', image('in.img', "\0" x (2 << 20)), 1);
$stalls[3] .= ',throttling.bps-total=1';
$console = boot(extra => [@stalls, '-icount', 'shift=10,sleep=off'], append => 'nonce=4', seconds => 20);
ok($console =~ /^=== BOOT .*\n=== REGISTERS .*\n=== BACKTRACE .*\n=== PANIC disk does not answer at=0x(?:0|100000) nonce=4 ===\n\z/m,
    'a disk that does not answer is a panic', $console);
blank(8192);
$console = boot(initrd => newc(%hello), extra => [disk_args('other', $out)]);
ok($console =~ /END status=0/ && read_file($out) eq "\xaa" x 8192, 'another disk is left alone', $console);

# A device tree that names a transport where nothing is: the kernel's own access faults.
my $no_transport = sub { s/\Q@{[pack 'NN', 0, 0x0a000000]}\E/pack 'NN', 0, 0x3f000000/e or die 'no transport in the tree' };
$console = boot(initrd => newc(%hello), extra => [tree_args($no_transport)], append => 'nonce=9', seconds => 20);
ok($console =~ /^=== PANIC exception in the kernel vector=4 esr=0x9600\w+ elr=0x4008\w+ far=0x403f0000\w\w nonce=9 ===$/m
        && $console =~ /^=== REGISTERS .* nonce=9 ===$/m && $console =~ /^=== BACKTRACE pc=0x4008\w+(?: lr=0x4008\w+)+ nonce=9 ===$/m,
    'an exception in the kernel is a panic with registers', $console);
done_testing();
