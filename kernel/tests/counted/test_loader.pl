#!/usr/bin/perl
# A loader of our own. QEMU's takes no damaged device tree, writes the nodes of memory itself and finds the
# registers of EL2 as after reset; this one copies the Image and hands over what each test gives it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/..";
use Guest;

my ($loader_at, $image_from, $image_at, $initrd_at) = (0x60000000, 0x60100000, 0x40080000, 0x48000000);
my ($registers_at, $tree_at) = (0x61000000, 0x5f000000);
my $image = 'build/kernel/Image';
my $hello = newc('init' => program('hello'));

# The bytes of instructions that set up registers, copy the Image and enter it.
sub loader {
    my ($setup, $tree) = @_;
    my ($source, $object, $binary) = map { scratch("loader.$_") } qw(S o bin);
    my $size = -s $image;
    write_file($source, <<"END");
        ldr     x0, =$image_from
        ldr     x1, =$image_at
        ldr     x2, =$size
    1:  ldr     x3, [x0], #8
        str     x3, [x1], #8
        subs    x2, x2, #8
        b.hi    1b
        dsb     sy
        isb
        $setup
        ldr     x0, =$tree
        ldr     x1, =$image_at
        br      x1
END
    my $log = qx(aarch64-linux-gnu-as -o $object $source 2>&1 && aarch64-linux-gnu-objcopy -O binary -j .text $object $binary 2>&1);
    $? == 0 or die $log;
    return read_file($binary);
}

# The tree that QEMU makes for a kernel, with the nonce 3, after `change`.
sub tree {
    my ($change, %with) = @_;
    return tree_of($change, '-m', $with{memory} // '1G', '-kernel', $image, '-append', $with{append} // 'nonce=3',
        '-initrd', write_file(scratch('initrd'), $with{initrd} // $hello));
}

# Boots with this tree (undef: none at all) and this set-up of registers.
sub load {
    my ($tree, %with) = @_;
    my $at = defined $tree ? $with{tree_at} // $tree_at : 0;
    my %parts = ($loader_at => loader($with{setup} // '', $at), $image_from => read_file($image), $initrd_at => delete $with{initrd} // $hello);
    $parts{$at} = $tree if defined $tree;
    my @extra = map { ('-device', "loader,addr=$_,force-raw=on,file=" . write_file(scratch("part-$_"), $parts{$_})) } sort keys %parts;
    return boot(seconds => 10, %with, raw => 1, extra => [@extra, @{$with{extra} // []}, '-device', "loader,cpu-num=0,addr=$loader_at"]);
}

# Exchanges the only place of some bytes.
sub exchange {
    my ($from, $to) = @_;
    1 == s/\Q$from\E/$to/g or die 'the tree has not one ' . unpack 'H*', $from;
}

my $console = load(tree(sub { }));
ok($console =~ /\A=== BOOT mem=1073741824 .* nonce=3 ===\nhello\n=== END status=0 files=1 leaked-pages=0 .* nonce=3 ===\n\z/,
    'a loader that is not QEMU', $console);

# A damaged tree. What was read before the damage holds: the nonce, and the way to power off.
sub damaged {
    my ($what, $reason, $change) = @_;
    my $got = load(tree($change));
    is(line($got, 'PANIC'), "=== PANIC $reason nonce=3 ===", "tree with $what: a panic that says so", $got);
    ok($got =~ /^=== REGISTERS pc=0x4008\w+ .*\n=== BACKTRACE pc=0x4008.*\n=== PANIC .*\n\z/m && $got !~ /BOOT/, "tree with $what: nothing else, power off", $got);
}
sub end_of_structure { my ($structure, $size) = (unpack 'N10', $_)[2, 9]; return $structure + $size }
damaged('an unknown token', 'device tree: damaged', sub { substr($_, end_of_structure() - 4, 4) = pack 'N', 7 });
damaged('a node too many that ends', 'device tree: damaged', sub { substr($_, end_of_structure() - 4, 4) = pack 'N', 2 });
damaged('a structure that is cut', 'device tree: damaged', sub { substr($_, 36, 4) = pack 'N', (unpack 'N10', $_)[9] - 4 });
damaged('an initrd that ends before it starts', 'device tree: initrd ends before it starts',
    sub { my $end = $initrd_at + length $hello; exchange(pack('N', $end), pack 'N', $initrd_at - 1) });

# Nothing of it can be read: no nonce, no way to power off, and the UART is where virt has it.
sub unreadable {
    my ($what, $reason, $tree) = @_;
    my $got = load($tree, until => qr/PANIC.*\n/);
    ok($got =~ /^=== PANIC \Q$reason\E ===\n\(stopped\)\n\z/m, "$what: a panic that says so", $got);
}
unreadable('no tree', 'device tree: bad header', undef);
unreadable('a tree that is cut', 'device tree: bad header', tree(sub { substr($_, 4, 4) = pack 'N', length($_) - 1 }));
unreadable('a tree of another version', 'device tree: bad header', tree(sub { substr($_, 20, 8) = pack 'NN', 18, 18 }));
unreadable('a tree with addresses of 3 cells', 'device tree: #address-cells or #size-cells of the root', tree(sub {
    my $property = pack 'N3', 3, 4, 1 + index substr($_, (unpack 'N10', $_)[3]), "\0#address-cells\0";
    s/(\Q$property\E)\0{3}\x02/$1\0\0\0\x03/ or die 'no cells in the tree'; # the first are the root's
}));

# Ranges of memory that overlap come to more pieces than the kernel keeps.
$console = load(tree(sub {
    my ($structure, $strings, $size) = (unpack 'N10', $_)[2, 3, 9];
    my $names = substr $_, $strings;
    my ($type, $reg) = map { 1 + index $names, "\0$_\0" } qw(device_type reg);
    my @ranges = map { (0, 0x40000000, 0, 0x40000000) } 1 .. 4;
    my $node = pack 'N a4 N3 a8 N3 N* ', 1, 'ram', 3, 7, $type, 'memory', 3, 4 * @ranges, $reg, @ranges, 2;
    substr($_, $structure + $size - 8, 0) = $node;
    substr($_, 4, 4) = pack 'N', length $_;
    substr($_, 12, 4) = pack 'N', $strings + length $node;
    substr($_, 36, 4) = pack 'N', $size + length $node;
}));
ok(line($console, 'PANIC') =~ /^=== PANIC memory is in too many pieces at=0x5f00\w000 nonce=3 ===$/, 'memory in too many pieces is a panic', $console);

# Next to no memory: page by page it gets further, and each thing that is short has a panic of its own until
# there is enough. The tree and the initramfs need none of it.
my @reasons;
for my $pages (0 .. 40) {
    $console = load(tree(sub { exchange(pack('Q>2', 1 << 30, 1 << 30), pack 'Q>2', 1 << 30, (2 << 20) + 4096 * $pages) }));
    push @reasons, $console =~ /^=== PANIC (.*?)(?: at=0x0)? nonce=3 ===\n\z/m ? $1 : $console =~ /^hello\n=== END status=0 .*\n\z/m ? 'enough' : $console;
    last if $reasons[-1] eq 'enough';
}
my %seen;
is(join('; ', grep { !$seen{$_}++ } @reasons), 'initramfs: a file lies below a file, or memory is out, in the entry; no memory for /init; '
    . 'no room for the arguments of /init; enough', 'each page short of memory has its panic', "@reasons");

# All memory lies above 4 GiB, and the tree is in none of it: tables, programs, files and the queue of a disk
# have addresses of 33 bits.
my $program = newc('init' => program('process'), 'true' => program('true'));
my $out = write_file(scratch('out.img'), "\0" x (1 << 20));
$console = load(tree(sub { exchange(pack('Q>2', 1 << 30, 4 << 30), pack 'Q>2', 4 << 30, 1 << 30) },
        memory => '4G', initrd => $program, append => 'init args'),
    initrd => $program, memory => '4G', tree_at => 0x9f000000, extra => [disk_args('seed-out', $out)]);
ok($console =~ /\A=== BOOT mem=1073741824 / && line($console, 'END') =~ /status=0 files=2 leaked-pages=0 /, 'memory above 4 GiB alone', $console);
ok("@{[unnewc($out)]}" eq "@{['init' => program('process'), 'true' => program('true')]}", 'files go out of it by disk');

# Registers as no reset leaves them: EL2 that traps whatever can be trapped, and a counter with an offset.
my %setup = (
    'EL2 with traps and offsets left set' => ['virt,virtualization=on', <<'END'],
        msr     cnthctl_el2, xzr                // the physical counter traps
        ldr     x0, =0x123456789a
        msr     cntvoff_el2, x0
        ldr     x0, =0x37ff                     // FP traps
        msr     cptr_el2, x0
        ldr     x0, =0xe00                      // as do debug registers
        msr     mdcr_el2, x0
        ldr     x0, =0x4000001                  // the tables of EL1; its tables have a second stage
        msr     hcr_el2, x0
        ldr     x0, =0x30d0180f                 // SCTLR_EL1: MMU and caches on
        msr     sctlr_el1, x0
        msr     spsr_el2, xzr
END
    'EL1 on the stack of EL0' => ['virt', <<'END'],
        msr     spsel, #0
END
);
for my $what (sort keys %setup) {
    my ($machine, $setup) = @{$setup{$what}};
    for my $case ('counters', 'registers') {
        $console = load(tree(sub { exchange("hvc\0", "smc\0") if $machine ne 'virt' }, append => "init $case", initrd => $program), initrd => $program, machine => $machine, setup => $setup);
        ok(line($console, 'END') =~ /status=0 files=2 leaked-pages=0 / && $console !~ /\(killed/, "$what: $case", $console);
    }
}
done_testing();
