#!/usr/bin/perl
# Disks with partitions, and boards without PCI: sfdisk, fdisk and the tools of the file systems judge what is
# made, U-Boot and Linux read it in gates/others/disks.gate.
use strict;
use warnings;
use Digest::SHA 'sha256_hex';
use File::Copy;
use File::Path 'make_path';
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use Test::More;

$ENV{PATH} .= ':/usr/sbin:/sbin';
sub is_there { my ($program) = @_; return grep { -x "$_/$program" } split /:/, $ENV{PATH} }
plan skip_all => 'sfdisk, mke2fs or mformat is not there (fdisk, e2fsprogs, mtools)' if grep { !is_there($_) } qw(sfdisk fdisk mke2fs mformat);

my $root = temp_root();
unlink "$root/fixtures";
make_path("$root/fixtures/x/boot/sub", "$root/fixtures/x/root");
write_file("$root/fixtures/x/boot/hello", "boot\n");
write_file("$root/fixtures/x/boot/sub/deep", "deep\n");
write_file("$root/fixtures/x/root/hello", "root\n");
my $head = "[gate]\nproves = x\nkernel = build/selftest/answer.img\nstatus = 0\n[case c]\ndialog = wait \"ready> \" send \"o\"\n";
sub run_case {
    my ($lines, @options) = @_;
    write_file("$root/gates/x.gate", $head . $lines);
    return harness('run', '--out', "$root/out", @options, "$root/gates/x.gate");
}
my $image = "$root/out/x/c/sd.img";
my $parts = "partition sd = fat 9M fixture:boot\npartition sd = ext4 16M fixture:root\npartition sd = empty 1500K\npartition sd = raw \"bytes\"\n";

# ---- What is made ----
my %shows = (
    gpt => [qr/^Disklabel type: gpt\n/m, 'EFI System', 'Linux filesystem', qr/No errors detected/],
    mbr => [qr/^Disklabel type: dos\n/m, 'W95 FAT32 \(LBA\)', 'Linux', qr/No errors detected/],
);
for my $table (sort keys %shows) {
    my ($label, $fat, $linux, $verified) = @{$shows{$table}};
    my $run = run_case("disk sd = $table\n${parts}take = /sd.img\n"
            . "expect /sd/1/hello = fixture:boot/hello\nexpect /sd/1/sub/deep = \"deep\\n\"\nexpect /sd/2/hello = \"root\\n\"\n");
    is($run->{status}, 0, "$table: files of partitions come back") or diag $run->{out};
    my $said = qx{sfdisk --verify $image 2>&1};
    is($? >> 8, 0, "$table: sfdisk --verify");
    like($said, $verified, "$table: finds nothing wrong");
    my $listed = qx{fdisk -l $image 2>&1};
    like($listed, $label, "$table: fdisk knows the table");
    like($listed, qr/sd\.img1 .*2048 .*9M.* $fat\n.*sd\.img2 .* 16M .*$linux\n.*sd\.img3 .* 2M .*\n.*sd\.img4 .* 1M /, "$table: and the partitions, at whole MiB") or diag $listed;
    unlike($listed, qr/does not start|overlap|corrupt/i, "$table: without a complaint");
    my $json = decode_json(scalar qx{sfdisk -J $image})->{partitiontable};
    my @found = @{$json->{partitions}};
    my $part = sub { my ($number) = @_; my $of = $found[$number - 1]; system("dd if=$image of=$root/part bs=512 skip=$of->{start} count=$of->{size} status=none") == 0 or die; return "$root/part" };
    is(system('fsck.fat', '-n', $part->(1)) >> 8, 0, "$table: a FAT file system in the first") if is_there('fsck.fat');
    is(qx{mtype -i $root/part ::/sub/deep}, "deep\n", "$table: with its files");
    is(system("e2fsck -fn @{[$part->(2)]} >/dev/null 2>&1") >> 8, 0, "$table: ext4 in the second");
    ok(read_file($part->(3)) eq "\0" x (2 << 20), "$table: zeros in the third");
    ok(read_file($part->(4)) eq "bytes" . "\0" x ((1 << 20) - 5), "$table: bytes in the fourth");
    is($json->{id} // '', $table eq 'gpt' ? '00000000-0000-4000-8000-000000000000' : '0x00004000', "$table: a fixed id");
    is($found[1]{uuid}, '00000000-0000-4000-8000-000000000002', 'gpt: and of a partition') if $table eq 'gpt';

    my $before = sha256_hex(read_file($image));
    local @ENV{'TZ', 'LC_ALL'} = ('Asia/Kathmandu', 'C');
    system('touch', '-d', '2001-01-01', "$root/fixtures/x/root/hello");
    run_case("disk sd = $table\n${parts}take = /sd.img\n");
    is(sha256_hex(read_file($image)), $before, "$table: the same bytes from the same files");

    # The same image, given as it is.
    copy($image, "$root/fixtures/x/image") or die;
    $run = run_case("disk sd = fixture:image\nexpect /sd/2/hello = \"root\\n\"\nexpect /sd/1/hello = \"boot\\n\"\ntake = /sd/3/none /sd/9/none\n");
    is($run->{status}, 1, "$table: of an image that comes with partitions") or diag $run->{out};
    like($run->{out}, qr{^ +the disk "sd": /none: there is no ext or FAT file system}m, 'a partition without a file system is told');
    unlike($run->{out}, qr{/sd/[12]/hello}, 'and files of the others are read');
}
is(run_case("disk sd = gpt\n" . "partition sd = empty 1M\n" x 9 . "take = /sd.img\n")->{status}, 0, 'nine partitions of a GPT');
is(() = qx{sfdisk -d $image} =~ /start=/g, 9, 'are there');
is(run_case("disk sd = gpt\n${parts}expect /sd/2/hello = \"other\\n\"\n")->{status}, 1, 'other bytes fail');
like(run_case("disk sd = gpt\n${parts}expect /sd/2/none = \"x\"\n")->{out}, qr{/sd/2/none: the guest did not leave this file}, 'a missing file fails');

# ---- A table that a guest has damaged ----
{
    run_case("disk sd = gpt\n${parts}take = /sd.img\n");
    my $bytes = read_file($image);
    for my $seed (1 .. 8) {
        srand $seed;
        my $hurt = $bytes;
        substr($hurt, int rand 17408, 1) = chr int rand 256 for 1 .. 600;
        write_file("$root/fixtures/x/hurt", $hurt);
        my $run = run_case("disk sd = fixture:hurt\nexpect /sd/2/hello = \"root\\n\"\n");
        ok($run->{status} <= 1 && $run->{out} =~ /^(?:pass|fail) /m, "600 wrong bytes, $seed: a verdict") or diag $run->{out};
    }
    write_file("$root/fixtures/x/hurt", substr($bytes, 0, 1 << 20));
    like(run_case("disk sd = fixture:hurt\nexpect /sd/2/hello = \"root\\n\"\n")->{out}, qr{^fail }m, 'a disk that ends before its partitions');
}

# ---- Copies, the cache, mistakes ----
write_file("$root/gates/x.gate", $head . "disk sd = gpt\n$parts" . "[case d]\nlike = c\npartition sd = ext4 8M fixture:root\ntake = /sd.img\nexpect /sd/1/hello = \"root\\n\"\n");
is(harness('run', '--out', "$root/out", "$root/gates/x.gate")->{status}, 0, 'a case takes the place of the partitions that it copies');
is(() = qx{sfdisk -d $root/out/x/d/sd.img} =~ /start=/g, 1, 'of all');
like(harness('check', "$root/gates/x.gate")->{out}, qr/ disk sd = gpt\n +partition sd = fat 9M fixture:boot\n|partition sd = fat 9M/, 'check shows them');
{
    my $case = "disk sd = gpt\n${parts}expect /sd/2/hello = \"root\\n\"\n";
    my $outcome = sub { my $run = run_case($case, '--cache', "$root/cache"); $run->{out} =~ /unchanged since/ ? 'unchanged' : $run->{out} =~ /^pass/m ? 'pass' : $run->{out} };
    is($outcome->(), 'pass', 'a case with partitions runs');
    is($outcome->(), 'unchanged', 'once');
    write_file("$root/fixtures/x/boot/hello", "changed\n");
    is($outcome->(), 'pass', 'another file of a partition: it runs');
    $case =~ s/gpt/mbr/;
    is($outcome->(), 'pass', 'another table: it runs');
}
for (["partition sd = empty 1M\n", qr/a partition needs the line "disk sd = gpt", or mbr, before it/],
    ["disk sd = empty 1M\npartition sd = empty 1M\n", qr/a partition needs the line "disk sd = gpt"/],
    ["disk sd = gpt\n", qr/the disk "sd" has no "partition sd = \.\.\." after it/],
    ["disk sd = gpt fixture:boot\n", qr/is said by "partition sd = \.\.\.", a line for each/],
    ["disk sd = mbr\n" . "partition sd = empty 1M\n" x 5, qr/an mbr has room for 4 partitions/],
    ["disk sd = gpt\npartition sd = gpt\n", qr/expected|source/],
    ["disk sd = gpt\npartition sd = qcow2 fixture:boot/hello\n", qr/a partition is no qcow2 image/],
    ["disk sd = gpt\npartition sd = ext4 fixture:root\n", qr/ext4 wants a size/],
    ["disk sd = gpt\npartition sd = empty 1M\ntake = /sd/2/x\n", qr{/sd/2/x is on no disk or share}],
    ["disk sd = on floppy empty 1M\n", qr/expected pci, mmio, sd, mtd or none after "on"/]) {
    my ($lines, $why) = @$_;
    my $run = run_case($lines);
    is($run->{status}, 2, "refused: $lines");
    like($run->{out}, $why, 'and why') or diag $run->{out};
}

# ---- Boards: what QEMU is given, as it says itself ----
sub board {
    my ($machine, $disk, $more) = @_;
    write_file("$root/gates/x.gate", "[gate]\nproves = x\nkernel = build/selftest/answer.img\nmachine = $machine\nhang = 1s\ntimeout = 20s\n" . ($more // '') . "[case c]\ndisk sd = $disk\ndialog = wait \"ready> \" send \"o\"\nstatus = 0\n");
    return harness('run', '--out', "$root/out", "$root/gates/x.gate")->{out};
}
like(board('virt', "on $_ empty 1M"), qr/^pass/m, "on $_") for qw(pci mmio none);
like(board('virt', 'on none empty 1M', "qemu = -device nvme,drive=disk-sd,serial=1\n"), qr/^pass/m, 'on none: a device of the key qemu');
like(board('virt', 'on none empty 1M', "qemu = -device nvme,drive=disk-other,serial=1\n"), qr/^error .*\n.*disk-other/m, 'of that name alone');
like(board('virt', 'on sd empty 1M'), qr/^error .*\n.*this board has no such place for a disk: write "disk NAME = on pci/m, 'a board without a place for cards');
like(board('raspi3b', 'on pci empty 1M'), qr/^error .*\n.*this machine has no PCI: write "disk NAME = on mmio/m, 'a board without PCI');
like(board('raspi3b', 'on mmio empty 1M'), qr/^error .*\n.*this machine has no virtio-mmio/m, 'and without virtio-mmio');
unlike(board('raspi3b', 'empty 1M', "memory = 1G\n"), qr/^error /m, 'takes an SD card by itself');
like(board('raspi3b', 'empty 3M'), qr/^error .*\n.*SD card size/m, 'as QEMU says of one whose size cannot be');
SKIP: {
    my $said = board('vexpress-a15', 'empty 1M', "cpu = cortex-a15\nqemu-program = qemu-system-aarch64\nmemory = 1G\n");
    skip 'this QEMU does not start vexpress without a sound card (qemu = -audio none)', 1 if $said =~ /no default audio driver available/;
    unlike($said, qr/^error /m, 'vexpress takes virtio-mmio by itself');
}
SKIP: {
    skip 'qemu-system-x86_64 is not there (qemu-system-x86)', 1 if !is_there('qemu-system-x86_64');
    make_path("$root/build/others") if !-d "$root/build/others";
    write_file("$root/gates/x.gate", "[gate]\nproves = x\narch = x86_64\nmachine = microvm\nkernel = build/others/multiboot.img\nqemu = -device isa-debug-exit,iobase=0xf4,iosize=0x4\n[case c]\ndisk sd = empty 1M\ndialog = wait \"ready> \" send \"0\"\nstatus = 1\n");
    my $run = harness('run', '--out', "$root/out", "$root/gates/x.gate");
    unlike($run->{out}, qr/No 'PCI' bus/, 'microvm takes virtio-mmio by itself') or diag $run->{out};
}
done_testing();
