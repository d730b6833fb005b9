#!/usr/bin/perl
# The kernel's console lines, arguments, dump, machines, and what a damaged initramfs gets.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/..";
use Guest;

my %hello = ('init' => program('hello'));
my %child = ('init' => program('child'));

for my $machine (
    [cpu => 'cortex-a57'], [cpu => 'cortex-a72'], [cpu => 'max'], [memory => '4G'], [memory => '64M'],
    [machine => 'virt,virtualization=on'], [machine => 'virt,virtualization=on', cpu => 'max', memory => '4G'],
    [machine => 'virt,gic-version=2,highmem=off'])
{
    my $console = boot(initrd => newc(%hello), @$machine);
    ok($console =~ /\A=== BOOT mem=\d+ freq=\d+ ticks=\d+ ===\nhello\n=== END status=0 files=1 leaked-pages=0 ticks=\d+ ===\n\z/,
        "boots with @$machine", $console);
}
my $console = boot(initrd => newc(%hello), memory => '4G');
ok($console =~ /BOOT mem=4294967296 /, 'BOOT tells the size of memory');

$console = boot(initrd => newc(%child), append => "  one\ttwo  nonce=zz nonce= dumpfsx ");
is(console_of($console), "one\ntwo\nnonce=zz\nnonce=\ndumpfsx\n", 'argv is bootargs at white space');
$console = boot(initrd => newc(%child, 'init.argv' => "init\n3\n\nwith space\n"), append => 'spawnlog');
is(console_of($console), "init\n3\n\nwith space\n", 'argv comes from /init.argv without bootargs');
ok(line($console, 'END') =~ /status=3 /, 'argv of /init.argv counts');
is(console_of(boot(initrd => newc(%child), append => 'spawnlog nonce=ab')), "init\n", 'else argv is init');
is(console_of(boot(initrd => newc(%child, 'init.argv' => ''))), "init\n", 'also beside an empty /init.argv');
is(console_of(boot(initrd => newc(%child, 'init.argv' => "init\n4\n"), append => 'one')), "one\n", 'bootargs come before /init.argv');
$console = boot(initrd => newc(%child, 'init.argv' => 'x' x (4 << 20)));
is(line($console, 'PANIC'), '=== PANIC no room for the arguments of /init ===', 'too much in /init.argv is a panic', $console);
$console = boot(initrd => newc(%child, 'init.argv' => "a\0b\n"));
ok($console =~ /^=== PANIC \/init.argv: NUL at=0x1 ===$/m, 'a NUL in /init.argv is a panic', $console);
$console = boot(initrd => newc(%child, 'init.env' => "A=\0\n"));
ok($console =~ /^=== PANIC \/init.env: NUL at=0x2 ===$/m, 'a NUL in /init.env too', $console);
$console = boot(initrd => newc(%child, 'init.env' => 'x' x (4 << 20)));
is(line($console, 'PANIC'), '=== PANIC no room for the arguments of /init ===', 'and too much in it', $console);

$console = boot(initrd => newc(%child, 'init.argv' => "init\n0\na,b=c%d\n\x80 x\x7f\xab\n\n"), append => 'nonce=0aF9 spawnlog');
my $nonce = 'nonce=0aF9';
ok(line($console, 'BOOT') =~ / $nonce ===$/, 'BOOT has the nonce');
ok(line($console, 'SPAWN') =~ /^=== SPAWN pid=1 ppid=0 argc=5 path=\/init argv=init,0,a%2Cb%3Dc%25d,%80%20x%7F%AB, ticks=\d+ $nonce ===$/,
    'SPAWN line, percent-encoded', $console);
my @long = map { $_ x 3000 } qw(p q r);
is(line(boot(initrd => newc(%child, 'init.argv' => join "\n", 'init', '0', @long), append => 'spawnlog'), 'SPAWN') =~ s/ ticks=.*//r,
    '=== SPAWN pid=1 ppid=0 argc=5 path=/init argv=' . join(',', 'init', '0', @long), 'SPAWN line of arguments that fill pages');
ok(line($console, 'EXIT') =~ /^=== EXIT pid=1 status=0 ticks=\d+ $nonce ===$/, 'EXIT line', $console);
ok(line($console, 'END') =~ /^=== END status=0 files=2 leaked-pages=0 ticks=\d+ $nonce ===$/, 'END line', $console);

$console = boot(initrd => newc('init' => program('spawn'), 'spawn' => program('spawn')), append => 'spawnlog init 2 2');
is(join(';', $console =~ /^=== ((?:SPAWN|EXIT) pid=\d+ (?:ppid|status)=\d+)/mg),
    join(';', 'SPAWN pid=1 ppid=0', 'SPAWN pid=2 ppid=1', 'SPAWN pid=3 ppid=2', 'EXIT pid=3 status=0', 'SPAWN pid=4 ppid=2',
        'EXIT pid=4 status=0', 'EXIT pid=2 status=1', 'SPAWN pid=5 ppid=1', 'SPAWN pid=6 ppid=5', 'EXIT pid=6 status=0',
        'SPAWN pid=7 ppid=5', 'EXIT pid=7 status=0', 'EXIT pid=5 status=1', 'EXIT pid=1 status=2'),
    'SPAWN and EXIT lines nest', $console);
my @ticks = $console =~ / ticks=(\d+)/g;
ok(@ticks == 16 && !(grep { $ticks[$_] <= $ticks[$_ - 1] } 1 .. $#ticks), 'ticks grow from line to line', "@ticks");

$console = boot(initrd => newc('init' => program('fileops')), append => "nonce=7 init unknown-call");
is(join('|', lines($console, 'ENOSYS')), join('|', map { "=== ENOSYS nr=$_ pid=1 nonce=7 ===" } 220, 99999),
    'an unknown call is reported once for each number', $console);
$console = boot(initrd => newc('init' => program('fileops')), append => 'init unknown-calls');
is(join(' ', map { /nr=(\d+)/ } lines($console, 'ENOSYS')), join(' ', 2000 .. 2048), 'and the numbers from 2048 on once together', $console);

$console = boot(initrd => newc(%hello), append => 'init no-newline');
ok($console =~ /^hello\n=== END /m, "the kernel's line begins in column 0");
$console = boot(initrd => newc('init' => program('forge')), append => 'nonce=77 init 5');
ok(line($console, 'END [^=]*=5 .*') =~ / nonce=77 ===$/ && 1 == (() = $console =~ / nonce=77 ===/g) - 1,
    'forged lines do not carry the nonce', $console);

my @files = ('init' => program('hello'), 'empty' => '', 'one' => 'x', 'b64' => 'y' x 64, 'b65' => 'z' x 65,
    'd/sp ace=,%' => join('', map chr, 0 .. 255), 'page' => 'p' x 4096 . 'q');
$console = boot(initrd => newc(@files), append => 'dumpfs nonce=1');
my @dumped = files_of($console);
is(join('|', map { $_->[0] } @dumped), join('|', map { "/$files[2 * $_]" } 0 .. 6), 'the dump has every file in order');
ok(!(grep { $dumped[$_][1] ne $files[2 * $_ + 1] } 0 .. $#dumped), 'with its bytes');
ok(line($console, 'END') =~ / files=7 /, 'END counts the files');
ok(7 == (() = $console =~ /^=== FILE .* nonce=1 ===$/mg), 'FILE lines have the nonce');
ok($console =~ /^=== DUMP-BEGIN nonce=1 ===$/m && $console =~ /^=== DUMP-END nonce=1 ===$/m, 'as have their ends');

# Names of every length go back to the memory that they came from.
$console = boot(initrd => newc(%hello, map { ('n' x $_ => '') } 1 .. 255));
ok(line($console, 'END') =~ / files=256 leaked-pages=0 /, 'names of 1 to 255 bytes are freed', $console);

$console = boot(initrd => newc('init' => program('spin')), seconds => 2);
ok($console =~ /\A=== BOOT .* ===\n\(killed after 2 s\)\n\z/, 'spin says nothing and does not end', $console);
$console = boot(initrd => newc('init' => program('chatter')), seconds => 2);
ok((() = $console =~ /^still here$/mg) > 1000, 'chatter does not stop');

# A damaged initramfs: reason and offset.
my %symbol = map { (split)[2, 0] } split /\n/, qx(aarch64-linux-gnu-nm build/kernel/kernel.elf);
my $good = newc('a' => 'data', %hello);
# Where the instruction at this address calls: the target of a bl in the Image.
sub call_at {
    my ($pc) = @_;
    open my $image, '<:raw', 'build/kernel/Image' or die;
    seek $image, $pc - 0x40080000, 0 and read($image, my $word, 4) == 4 or return 'nothing';
    $word = unpack 'V', $word;
    return $word >> 26 == 0x25 ? sprintf '%016x', $pc + 4 * (($word & 0x3ffffff) - (($word & 0x2000000) << 1)) : 'no bl';
}
sub damaged {
    my ($what, $archive, $reason, $at) = @_;
    my $got = boot(initrd => $archive, append => 'nonce=5', seconds => 20);
    my $where = defined $at ? sprintf ' at=0x%x', $at : '';
    is(line($got, 'PANIC'), "=== PANIC $reason$where nonce=5 ===", $what, $got);
    my ($last) = $got =~ /^=== BACKTRACE pc=0x4008\w+(?: lr=0x4008\w+)* lr=0x(4008\w+) nonce=5 ===$/m;
    # The caller's frame record is the lowest of its chain, and what it pushed lies at most below it.
    my ($sp, $frame) = map { hex } $got =~ /^=== REGISTERS pc=0x\w+ sp=0x(\w+) .* x29=0x(\w+) /m;
    ok(defined $frame && $sp % 16 == 0 && $sp <= $frame && $sp > $frame - 512, "$what: the stack pointer is the caller's", $got);
    my ($pc) = $got =~ /^=== REGISTERS pc=0x(\w+) /m;
    is(call_at(hex $pc // 0), $symbol{panic}, "$what: pc is the call of panic");
    ok($got =~ /^=== REGISTERS pc=0x\w+ sp=0x\w+ .* x30=0x\w+ nonce=5 ===$/m
            && defined $last && hex $last < hex $symbol{vectors} && $got !~ /^\(killed/m,
        "$what: registers, return addresses down to reset, power off", $got);
}
my $entry = 'in the entry';
my $second = 116;
damaged('cut in the first header', substr($good, 0, 50), "initramfs: header is cut short, or TRAILER!!! is missing, $entry", 0);
damaged('cut in a name', substr($good, 0, $second + 112), "initramfs: name is cut short, $entry", $second);
damaged('cut in the data', substr($good, 0, $second + 2000), "initramfs: data is cut short, or absurd size, $entry", $second);
damaged('no trailer', substr($good, 0, -124), "initramfs: header is cut short, or TRAILER!!! is missing, $entry", length($good) - 124);
damaged('bad magic', 'x' x 512, "initramfs: bad magic, $entry", 0);
damaged('bad hex', $good =~ s/^070701../070701zz/r, "initramfs: a header field is not hex, $entry", 0);
my $absurd = $good;
substr($absurd, 54, 8) = 'ffffffff';
damaged('absurd file size', $absurd, "initramfs: data is cut short, or absurd size, $entry", 0);
$absurd = $good;
substr($absurd, 94, 8) = '80000000';
damaged('absurd name size', $absurd, "initramfs: absurd name size, $entry", 0);
substr($absurd, 94, 8) = '00000001';
damaged('name without NUL', $absurd, "initramfs: name does not end in NUL, $entry", 0);
damaged('..', newc('d/../x' => '', %hello), "initramfs: name with .. $entry", 0);
damaged('empty name', newc('a' => 'data', '' => '', %hello), "initramfs: name too long or empty, $entry", 116);
damaged('file with the name of a folder', newc('a' => 'data', 'd/' => '', %hello), "initramfs: a file with the name of a folder, $entry", 116);
damaged('duplicate', newc('d//x' => '', './d/x' => '', %hello), "initramfs: duplicate name $entry", 116);
damaged('file below a file', newc('x' => '', 'x/y' => '', %hello), "initramfs: a file lies below a file, or memory is out, $entry", 112);
damaged('symbolic link', newc('x' => ['y', 0120777, 1], %hello), "initramfs: neither a regular file nor a folder, $entry", 0);
damaged('hard link', newc('x' => ['y', 0100644, 2], %hello), "initramfs: hard link, $entry", 0);
damaged('no /init', newc('x' => 'y'), 'no /init in the initramfs');
damaged('/init is no program', newc('init' => 'y'), '/init is no static aarch64 executable that this kernel can load');
damaged('no initramfs', undef, 'no initramfs and no disk seed-in');
$console = boot(initrd => newc('.' => ['', 0040755, 2], 'd' => ['', 0040755, 2], %hello));
ok($console =~ /END status=0 files=1 /, 'folders in the initramfs are skipped', $console);

# What the translation tables map, out of the guest's memory while a program runs: all of it is found by
# walking them from the level-1 table on (Arm ARM, D5.3).
my ($level1, $text, $text_end, $guard) = map { hex $symbol{$_} } qw(kernel_level1 _start _etext stack_guard);
my $ram_base = 0x40000000;
my $ram = guest_memory($ram_base, 64 << 20, initrd => newc('init' => program('chatter')), memory => '2G');

# [ADDRESS, ENTRY] of each block or page below a table.
sub mapped {
    my ($table, $shift, $base) = @_;
    my @entries = unpack 'Q<512', substr $ram, $table - $ram_base, 4096;
    return map {
        my ($entry, $address) = ($entries[$_], $base + ($_ << $shift));
        !($entry & 1) ? () : $shift > 12 && $entry & 2 ? mapped($entry & (1 << 48) - 4096, $shift - 9, $address) : [$address, $entry];
    } 0 .. 511;
}

my ($user, $read_only, $no_execute, $no_execute_user) = (1 << 6, 1 << 7, 1 << 53, 1 << 54);
my @mapped = mapped($level1, 30, 0);
my @kernel = grep { $_->[0] >= $ram_base } @mapped;
my @program = grep { $_->[0] < $ram_base } @mapped;
my @text = grep { $_->[0] >= $text && $_->[0] < $text_end } @kernel;
ok(@text * 4096 >= $text_end - $text && !(grep { !($_->[1] & $read_only) || $_->[1] & $no_execute } @text), 'kernel text is mapped read-only');
ok(@kernel > 1000 && !(grep { !($_->[1] & $read_only) && !($_->[1] & $no_execute) } @kernel), 'the kernel can write no page that it can execute');
ok(@text == (grep { !($_->[1] & $no_execute) } @mapped), 'it can execute nothing else, least of all a page of a program');
ok(!(grep { $_->[1] & $user || !($_->[1] & $no_execute_user) } @kernel), 'no page of the kernel is open to EL0');
ok(!(grep { $_->[0] == $guard } @kernel), 'the page below the stack is not mapped');
ok(@program > 1 && !(grep { !($_->[1] & $user) || $_->[0] < 0x200000 } @program), 'a program has its own pages, from 2 MiB on');
ok(!(grep { !($_->[1] & $read_only) && !($_->[1] & $no_execute_user) } @program), 'and can write none that it can execute');
done_testing();
