# What the kernel's guest tests share: archives in, QEMU, the console, archives out, TAP.
package Guest;
use strict;
use warnings;
use Exporter 'import';
use File::Basename;
use IO::Select;
use IPC::Open3;
use lib dirname(__FILE__) . "/../../tools/tests";
use Files;
use Test::More ();
our @EXPORT = (@Files::EXPORT, qw(ok is done_testing newc unnewc program boot lines line console_of files_of),
    qw(guest_memory disk_args tree_of tree_args scratch), '@ICOUNT');

our @ICOUNT = ('-icount', 'shift=0,sleep=off');
my $build = $ENV{KERNEL_BUILD} || 'build/kernel';
my $scratch = temp_folder();
*done_testing = \&Test::More::done_testing;

sub scratch { "$scratch/$_[0]" }

# With GUEST_COVERAGE=DIR each QEMU counts what it runs in a file of DIR, for `harness coverage`.
my $guests = 0;
sub coverage_args {
    my $folder = $ENV{GUEST_COVERAGE} or return ();
    my $suite = $0 =~ s{.*/|\.pl$}{}gr;
    return ('-plugin', sprintf 'build/libcoverage.so,into=%s/%s-%03d', $folder, $suite, ++$guests);
}

# The prototypes give what is judged scalar context: as a list, a match that fails is no value at all,
# and the name of the test would be taken for it. The notes are shown when the test fails.
sub ok($$@) {
    my ($good, $name, @notes) = @_;
    return Test::More::ok($good, $name) || !Test::More::diag(@notes);
}

sub is($$$@) {
    my ($got, $want, $name, @notes) = @_;
    return Test::More::is($got, $want, $name) || !Test::More::diag(@notes);
}

# The bytes of one of the kernel's test programs.
sub program { read_file("$build/user/$_[0]") }

# A newc archive of NAME => BYTES pairs; BYTES may be a reference to [bytes, mode, nlink].
sub newc {
    my $archive = '';
    my $inode = 1;
    my @entries = @_;
    while (my ($name, $what) = splice @entries, 0, 2) {
        my ($bytes, $mode, $links) = ref $what ? @$what : ($what, 0100755, 1);
        $archive .= entry($name, $bytes, $mode, $links // 1, $inode++);
    }
    return $archive . entry('TRAILER!!!', '', 0, 1, 0);
}

sub entry {
    my ($name, $bytes, $mode, $links, $inode) = @_;
    my $entry = '070701' . join '', map { sprintf '%08x', $_ }
        $inode, $mode, 0, 0, $links, 0, length $bytes, 0, 0, 0, 0, 1 + length $name, 0;
    for my $part ("$name\0", $bytes) {
        $entry .= $part;
        $entry .= "\0" x (-length($entry) % 4);
    }
    return $entry;
}

# The (NAME, BYTES) pairs of a newc archive, by Debian's cpio: names first, then the bytes of each.
sub unnewc {
    my ($archive) = @_;
    my $names = qx(cpio -t --quiet <$archive 2>&1);
    return map { ($_ => scalar qx(cpio -i --quiet --to-stdout $_ <$archive)) } split /\n/, $names;
}

# Boots the kernel; takes initrd (bytes), append, machine, cpu, memory, seconds, extra ([arguments]), or
# raw => 1, which leaves all that goes into memory to `extra`.
# Returns the console. What does not end in time is killed and noted at its end. until => PATTERN is for what
# will not end: QEMU is stopped when the console has it and has been still for 0.3 s, which is noted too.
sub boot {
    my (%with) = (seconds => 60, @_);
    my @command = ('timeout', '-s', 'KILL', $with{seconds}, 'qemu-system-aarch64',
        '-M', $with{machine} // 'virt,gic-version=3', '-cpu', $with{cpu} // 'cortex-a57',
        '-m', $with{memory} // '1G', '-nodefaults', '-nographic', '-serial', 'stdio',
        '-monitor', 'none', '-no-reboot', coverage_args(), @{$with{extra} // []});
    push @command, '-kernel', $with{image} // "$build/Image", '-append', $with{append} // '' if !$with{raw};
    push @command, '-initrd', write_file(scratch('initrd'), $with{initrd}) if defined $with{initrd};
    open my $null, '<', '/dev/null' or die $!;
    my $pid = open3('<&' . fileno $null, my $out, undef, @command);
    binmode $out;
    my ($console, $ready) = ('', IO::Select->new($out));
    1 while !($with{until} && $console =~ $with{until} && !$ready->can_read(0.3)) && sysread $out, $console, 1 << 16, length $console;
    my $stopped = $with{until} && $console =~ $with{until} && !$ready->can_read(0) && kill TERM => $pid;
    waitpid $pid, 0;
    return "$console(stopped)\n" if $stopped;
    $console =~ s/^qemu-system-aarch64: warning: icount sleep.*\n//m;
    $console .= "(killed after $with{seconds} s)\n" if $? >> 8 == 137 || $? == 9;
    return $console;
}

# Boots a program that prints and does not end, and returns `size` bytes of guest memory at physical
# `address`, taken out through QMP once it has printed: what it runs with is mapped then.
sub guest_memory {
    my ($address, $size, %with) = @_;
    my ($serial, $dump) = (scratch('serial'), scratch('memory'));
    write_file($serial, '');
    my $pid = open3(my $in, my $out, '>&STDERR', 'timeout', '-s', 'KILL', 20, 'qemu-system-aarch64',
        qw(-M virt -cpu cortex-a57 -nodefaults -display none -no-reboot -qmp stdio), '-serial', "file:$serial", '-m', $with{memory} // '1G',
        '-kernel', "$build/Image", '-initrd', write_file(scratch('initrd'), $with{initrd}), '-append', 'spawnlog', coverage_args());
    my $reply = sub { my $text; do { $text = <$out> // die 'QEMU has gone' } until $text =~ /"return"|"QMP"|"error"/; $text };
    my $ask = sub { print $in "$_[0]\n"; $in->flush; $reply->() };
    $reply->();
    $ask->('{"execute":"qmp_capabilities"}');
    select undef, undef, undef, 0.02 until read_file($serial) =~ /SPAWN.*\n./;
    $ask->(qq({"execute":"pmemsave","arguments":{"val":$address,"size":$size,"filename":"$dump"}}));
    $ask->('{"execute":"quit"}');
    waitpid $pid, 0;
    return read_file($dump);
}

# The kernel's lines of one kind, and the only one of them.
sub lines {
    my ($console, $kind) = @_;
    return $console =~ /^(=== $kind(?: .*)? ===)$/mg;
}

sub line {
    my @found = lines(@_);
    return @found == 1 ? $found[0] : "(" . @found . " lines $_[1])";
}

# The console without the kernel's lines.
sub console_of {
    my ($console) = @_;
    $console =~ s/^=== .* ===\n//mg;
    return $console;
}

# The [PATH, BYTES] pairs of a dump, in order.
sub files_of {
    my ($console) = @_;
    my ($dump) = $console =~ /^=== DUMP-BEGIN[^\n]*\n(.*)^=== DUMP-END/ms or return;
    my @files;
    while ($dump =~ /\G=== FILE path=(\S+) size=(\d+)(?: nonce=\w+)? ===\n((?:[0-9a-f]+\n)*)/g) {
        my ($path, $size, $hex) = ($1, $2, $3);
        $path =~ s/%(..)/chr hex $1/ge;
        my @rows = split /\n/, $hex;
        my $last = pop @rows;
        die "a line of $path is not 64 bytes" if grep { length != 128 } @rows;
        die "the last line of $path is too long" if defined $last && length $last > 128;
        $hex =~ tr/\n//d;
        my $bytes = pack 'H*', $hex;
        die "$path has " . length($bytes) . " bytes, not $size" if length $bytes != $size;
        push @files, [$path, $bytes];
    }
    return @files;
}

# The device tree of virt with further QEMU arguments, after `change` was called with its bytes in $_.
sub tree_of {
    my ($change, @arguments) = @_;
    my $tree = scratch('tree.dtb');
    my @command = ('qemu-system-aarch64', '-M', "virt,gic-version=3,dumpdtb=$tree", qw(-cpu cortex-a57 -nodefaults -nographic), @arguments);
    my $pid = open3(my $in, my $out, undef, @command);
    my $said = do { local $/; <$out> };
    waitpid $pid, 0;
    $? == 0 or die "no device tree: $said";
    local $_ = read_file($tree);
    my ($strings, $size) = (unpack 'N8 N', $_)[3, 8];
    $_ = substr $_, 0, $strings + $size; # QEMU dumps a megabyte and doubles it again
    substr($_, 4, 4) = pack 'N', length $_;
    $change->();
    return $_;
}

# The same as QEMU arguments. QEMU writes some of its nodes anew.
sub tree_args {
    my ($change) = @_;
    return ('-dtb', write_file(scratch('changed.dtb'), tree_of(sub { $change->(); substr($_, 4, 4) = pack 'N', length $_ })));
}

# QEMU arguments for a modern virtio disk.
sub disk_args {
    my ($serial, $image, $read_only) = @_;
    return ('-global', 'virtio-mmio.force-legacy=false',
        '-drive', "if=none,id=$serial,file=$image,format=raw" . ($read_only ? ',readonly=on' : ''),
        '-device', "virtio-blk-device,drive=$serial,serial=$serial");
}

1;
