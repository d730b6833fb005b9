#!/usr/bin/perl
# What the kernel takes from whoever loads it: the Image header, the device tree, memory.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/..";
use Guest;

my %hello = ('init' => program('hello'));
my %symbol = map { (split)[2, 0] } split /\n/, qx(aarch64-linux-gnu-nm build/kernel/kernel.elf);
my ($start, $bss, $end) = map { hex $symbol{$_} } qw(_start bss_start _end);
my $image = read_file('build/kernel/Image');

# Linux, Documentation/arch/arm64/booting.rst, section 4. QEMU reads the text offset alone, and that
# only where the magic is right; other loaders keep image_size bytes free.
my ($text_offset, $image_size, $flags, $magic) = (unpack 'L< L< Q< Q< Q< Q< Q< Q< a4', $image)[2, 3, 4, 8];
is($magic, "ARM\x64", 'the Image has the magic of arm64');
is($text_offset, $start - 0x40000000, 'its text offset is that of the link');
ok($image_size >= $end - $start && $image_size <= 0x200000, 'its size covers BSS and stacks', $image_size);
is($flags & 15, 2, 'little endian, pages of 4 KiB');

# RAM that is not clean. Beyond the kernel there are the frames that it gives out.
my $junk = write_file(scratch('junk'), "\xa5" x (0x1000000 - ($bss - 0x40000000)));
my @dirty = ('-device', "loader,file=$junk,addr=$bss,force-raw=on");
my $console = boot(initrd => newc('init' => program('memory')), append => 'init clean', extra => \@dirty);
ok(line($console, 'END') =~ /status=0 files=1 leaked-pages=0 /, 'memory that is not clean', $console);
$console = boot(initrd => newc(%hello), extra => \@dirty, machine => 'virt,virtualization=on');
ok($console =~ /^hello\n=== END status=0 /m, 'nor is it at EL2', $console);

# Two nodes of memory.
$console = boot(initrd => newc(%hello), memory => '1G', extra => [map { ('-object', "memory-backend-ram,id=$_,size=512M",
    '-numa', "node,memdev=$_") } qw(a b)]);
ok($console =~ /\A=== BOOT mem=1073741824 .*\nhello\n=== END status=0 /, 'BOOT adds up all ranges of memory', $console);

sub with_tree {
    my ($change, %with) = @_;
    return boot(initrd => newc(%hello), append => 'nonce=3', extra => [tree_args($change)], %with);
}

# Changes one word of 64 bits where it is a property by itself.
sub word {
    my ($from, $to) = @_;
    s/\Q@{[pack 'NN', 0, $from]}\E/pack 'NN', 0, $to/e or die "no such word in the tree: $from";
}

$console = with_tree(sub { });
ok($console =~ /\A=== BOOT mem=\d+ freq=62500000 .*\nhello\n=== END status=0 .*\n\z/, 'a tree as QEMU makes it', $console);
# At its address there is a PL031, a clock, which is never ready to send.
is(with_tree(sub { word(0x9000000, 0x9010000) }, seconds => 1), "(killed after 1 s)\n", 'the UART is where the tree says');
# Where nothing is, each line of the panic is a fault of its own.
is(with_tree(sub { word(0x9000000, 0x3f000000) }, seconds => 10), '', 'a UART that faults does not keep the machine on');
$console = with_tree(sub { s/arm,pl011\0/arm,plxxx\0/ or die 'no UART in the tree' });
ok($console =~ /\A=== BOOT .*\nhello\n=== END status=0 /, 'a tree without a UART: that of virt', $console);
# What the secure world has for itself stands in the tree too, as status = "disabled": a PL011 and memory.
for my $machine ('virt,secure=on', 'virt,secure=on,virtualization=on', 'virt,secure=on,gic-version=3') {
    $console = boot(initrd => newc(%hello), machine => $machine);
    ok($console =~ /\A=== BOOT mem=1073741824 .*\nhello\n=== END status=0 /, "the secure world beside us: $machine", $console);
}
# /chosen's stdout-path decides between several: the clock, which QEMU puts before the UART, is called one too.
my $two = sub { s/arm,pl031\0/arm,pl011\0/ or die 'no clock in the tree' };
$console = with_tree($two, seconds => 10);
ok($console =~ /\A=== BOOT .*\nhello\n=== END status=0 /, 'the UART is the one that stdout-path names', $console);
$console = with_tree(sub { $two->(); s{/pl011\@9000000\0}{/pl031\@9010000\0} or die 'no path in the tree' }, seconds => 1);
is($console, "(killed after 1 s)\n", 'and no other');
# QEMU writes its nodes of memory and of PSCI anew; this one is of that type only.
$console = with_tree(sub {
    my ($structure, $strings, $strings_size, $size) = (unpack 'N10', $_)[2, 3, 8, 9];
    my $names = substr $_, $strings, $strings_size;
    my ($type, $reg) = map { index $names, "\0$_\0" } qw(device_type reg);
    my $node = pack 'N a4 N3 a8 N3 N4 N', 1, 'ram', 3, 7, $type + 1, 'memory', 3, 16, $reg + 1, 0, 0x20000000, 0, 0x1000, 2;
    substr($_, $structure + $size - 8, 0) = $node;
    substr($_, 12, 4) = pack 'N', $strings + length $node;
    substr($_, 36, 4) = pack 'N', $size + length $node;
});
is(line($console, 'PANIC'), '=== PANIC memory outside 1 GiB to 256 GiB at=0x20000000 nonce=3 ===',
    'memory where the kernel cannot map it is a panic', $console);
done_testing();
