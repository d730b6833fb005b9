#!/usr/bin/perl
# Disks, flash memories and shares: what is made is judged by the tools of its file system, what comes back
# by what went in, and what a gate says wrongly or a guest leaves behind by what a user is told.
use strict;
use warnings;
use Cwd 'abs_path';
use Digest::SHA 'sha256_hex';
use File::Path 'make_path';
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

# A project whose guest powers off at once, so that a disk comes out as it went in.
my $root = temp_root();
unlink "$root/fixtures";
make_path("$root/fixtures/x/files/sub/empty", "$root/fixtures/x/plain");
write_file("$root/fixtures/x/files/hello", "hello\n");
write_file("$root/fixtures/x/files/sub/with blank", 'x' x 5000);
write_file("$root/fixtures/x/plain/hello", "hello\n");
write_file("$root/fixtures/x/files/run", "#!/bin/sh\n");
chmod 0755, "$root/fixtures/x/files/run" or die;
symlink '../hello', "$root/fixtures/x/files/sub/link" or die;
my $head = "[gate]\nproves = x\nkernel = build/selftest/answer.img\nstatus = 0\n[case c]\ndialog = wait \"ready> \" send \"o\"\n";

sub run_case {
    my ($lines, @options) = @_;
    write_file("$root/gates/x.gate", $head . $lines);
    return harness('run', '--out', "$root/out", @options, "$root/gates/x.gate");
}

# ---- What is made ----
my %judges = (
    ext4 => ['ext4 16M fixture:files', 'e2fsck -fn', qr/^\S+: 17\/2048 files/m],
    fat => ['fat 16M fixture:plain', 'fsck.fat -n', qr/1 files/],
    squashfs => ['squashfs fixture:files', 'unsquashfs -ll', qr/-rwxr-xr-x root\/root .* squashfs-root\/run$/m],
);
for my $format (sort keys %judges) {
    my ($value, $judge, $shows) = @{$judges{$format}};
    my $run = run_case("disk data = $value\ntake = /data.img\n");
    is($run->{status}, 0, "$format: a case with an image") or diag $run->{out};
    my $image = read_file("$root/out/x/c/data.img");
    my $said = qx{PATH=\$PATH:/sbin:/usr/sbin; $judge $root/out/x/c/data.img 2>&1};
    is($? >> 8, 0, "$format: $judge finds nothing wrong") or diag $said;
    like($said, $shows, "$format: and shows what is in it");

    # Whoever makes it, and when: other times, another mask, zone and place.
    my $moved = temp_folder();
    system("cp -r $root/fixtures $moved && touch -d 2001-01-01 $moved/fixtures/x/*/hello && chmod g+w $moved/fixtures/x/*/hello") == 0 or die;
    system("cp -r $root/gates $root/golden $moved") == 0 or die;
    symlink readlink("$root/build"), "$moved/build" or die;
    my $before = umask 077;
    local @ENV{'TZ', 'LC_ALL'} = ('Asia/Kathmandu', 'C');
    harness('run', '--out', "$moved/out", "$moved/gates/x.gate");
    umask $before;
    is(sha256_hex(read_file("$moved/out/x/c/data.img")), sha256_hex($image), "$format: the same bytes from the same files");
}
{
    run_case("disk data = ext4 16M fixture:files\ntake = /data.img\n");
    my $folder = temp_folder();
    system("PATH=\$PATH:/sbin:/usr/sbin; debugfs -R 'rdump / $folder' $root/out/x/c/data.img >/dev/null 2>&1");
    is(qx{cd $folder && find . -mindepth 1 ! -name lost+found -printf '%p|%y|%m|%l\n' | LC_ALL=C sort}, <<'END', 'ext4: files, folders, links and permissions');
./hello|f|644|
./run|f|755|
./sub/empty|d|755|
./sub/link|l|777|../hello
./sub/with blank|f|644|
./sub|d|755|
END
}

# ---- What comes back ----
{
    my $run = run_case("disk data = ext4 16M fixture:files\ndisk raw = \"0123456789\" + random:1:1K\ndisk zero = empty 1M\nshare s = fixture:files\n"
            . "expect /data/hello = fixture:files/hello\n"
            . "expect /raw.img = \"0123456789\" + random:1:1K\nexpect /s/run = fixture:files/run\ntake = /zero.img /data/none /s/none /data/sub /s/sub\n");
    is($run->{status}, 0, 'files of disks and shares, and a disk as a whole') or diag $run->{out};
    is(-s "$root/out/x/c/zero.img", 1 << 20, 'an empty disk has its size');
    ok(!-e "$root/out/x/c/data/none" && !-e "$root/out/x/c/data/sub" && !-e "$root/out/x/c/s/sub", 'what is not there, and folders, are not taken');
    like(run_case("disk data = ext4 16M fixture:files\nexpect /data/hello = \"other\\n\"\n")->{out}, qr{/data/hello: the content differs from what the gate gives}, 'other bytes fail');
    like(run_case("disk data = ext4 16M fixture:files\nexpect /data/none = \"x\"\n")->{out}, qr{/data/none: the guest did not leave this file}, 'a missing file fails');
    like(run_case("disk data = ext4 16M fixture:files\nexpect /data/sub/link = \"hello\\n\"\n")->{out}, qr{/data/sub/link: the guest did not leave this file}, 'a link is no file');
    like(run_case("share s = fixture:files\nexpect /s/sub/none/x = \"x\"\n")->{out}, qr{/s/sub/none/x: the guest did not leave this file}, 'nor is a path through one that is missing');
}

# ---- The cache ----
{
    my $case = "disk data = ext4 16M fixture:files\nexpect /data/hello = fixture:plain/hello\ntake = /data.img\n";
    my $outcome = sub { my $run = run_case($case, '--cache', "$root/cache"); $run->{out} =~ /unchanged since/ ? 'unchanged' : $run->{out} =~ /^pass/m ? 'pass' : $run->{out} };
    is($outcome->(), 'pass', 'a case with a disk runs');
    is($outcome->(), 'unchanged', 'once');
    ok(-s "$root/out/x/c/data", 'and its files are there all the same');
    chmod 0644, "$root/fixtures/x/files/run" or die;
    is($outcome->(), 'pass', 'permissions of a file on the disk: it runs');
    write_file("$root/fixtures/x/files/sub/new", '');
    is($outcome->(), 'pass', 'another file on the disk: it runs');
    unlink "$root/fixtures/x/files/sub/link" or die;
    symlink '../run', "$root/fixtures/x/files/sub/link" or die;
    is($outcome->(), 'pass', 'another target of a link on the disk: it runs');
    $case =~ s/16M/17M/;
    is($outcome->(), 'pass', 'another size: it runs');
    is($outcome->(), 'unchanged', 'once');
}

# ---- What a guest may have left: no answer, and never more than the disk ----
{
    my $image = read_file("$root/out/x/c/data.img");
    my $broken = sub { write_file("$root/fixtures/x/broken", $_[0]); run_case("disk data = fixture:broken\nexpect /data/hello = \"hello\\n\"\n") };
    is($broken->($image)->{status}, 0, 'an image of a file system, as it is');
    like($broken->('x' x 4096)->{out}, qr{/hello: there is no ext or FAT file system at its beginning}, 'no file system');
    like($broken->(substr($image, 0, 8192))->{out}, qr{^fail .*\n +the disk "data": debugfs: }m, 'one that is cut');
    for my $seed (1 .. 8) {
        srand $seed;
        my $hurt = $image;
        substr($hurt, 1024 + int rand 200_000, 1) = chr int rand 256 for 1 .. 400;
        my $run = $broken->($hurt);
        ok($run->{status} <= 1 && $run->{out} =~ /^(?:pass|fail) /m, "400 wrong bytes, $seed: a verdict") or diag $run->{out};
    }
}

# ---- Why a case fails that passed: the file that changed, though others have other permissions ----
{
    chmod 0755, "$root/fixtures/x/files/run" or die;
    my @run = ("disk data = ext4 16M fixture:files\ndisk other = ext4 16M fixture:plain\nexpect /data/hello = \"hello\\n\"\n", '--cache', "$root/cache");
    is(run_case(@run)->{status}, 0, 'a case with two disks');
    write_file("$root/fixtures/x/files/hello", "changed\n");
    is(run_case(@run)->{status}, 1, 'fails when a file of one changes');
    my $why = qx{cd $root && @{[abs_path($Support::PROGRAM)]} diff --why x/c --out $root/out 2>&1};
    like($why, qr{\Ax/c: input data:/hello changed: [0-9a-f]{12}}, 'diff --why names it first') or diag $why;
    is(join('', $why =~ /changed: /g), 'changed: ', 'and nothing else') or diag $why;
    write_file("$root/fixtures/x/files/hello", "hello\n");
    # Of a key with several lines, the one that changed.
    is(run_case(@run)->{status}, 0, 'the same passes again');
    $run[0] .= "panic = \"ready\"\n";
    write_file("$root/gates/x.gate", $head =~ s/send "o"/wait "o" send "o"/r . $run[0]);
    harness('run', '--out', "$root/out", @run[1, 2], "$root/gates/x.gate");
    $why = qx{cd $root && @{[abs_path($Support::PROGRAM)]} diff --why x/c --all --out $root/out 2>&1};
    my @changes = $why =~ /the gate file changed: (.*)/g;
    is_deeply([sort @changes], ['none at the last pass, dialog = wait "o" now', 'none at the last pass, panic = "ready" now'], 'lines that were added, and no others') or diag $why;
}

# ---- What a gate says wrongly ----
my @wrong = (
    ["disk = fixture:files\n", qr/"disk" needs a name: disk NAME = /],
    ["disk a/b = fixture:files\n", qr/a name has letters, digits/],
    ["disk a123456789012345678901 = empty 1M\n", qr/has at most 20 characters/],
    ["disk a = empty\n", qr/an empty disk wants its size: empty 64M/],
    ["disk a = empty 1M x\n", qr/an empty disk wants its size/],
    ["disk a = ext4 fixture:files\n", qr/ext4 wants a size: ext4 64M fixture:DIR/],
    ["disk a = ext4 16M \"text\"\n", qr/expected one folder: /],
    ["disk a = ext4 9999G fixture:files\n", qr/the limit is \d+ bytes/],
    ["disk a = squashfs 1M fixture:files\n", qr/squashfs takes the size that its files want/],
    ["disk a = raw 1M fixture:broken\n", qr/has the size of its source/],
    ["disk a = empty 1M\nshare a = empty\n", qr/two of disks, shares and serial ports are "a"/],
    [join('', map { "serial s$_ = log\n" } 1 .. 17), qr/has 17 disks, shares and serial ports; 16 are the most/],
    ["serial a = logs\n", qr/expected log/],
    ["serial a = log\nexpect /a\/x = \"\"\n", qr{/a/x is on no disk or share}],
    ["share a = fixture:files/hello\n", qr/Not a directory|Error opening directory/],
    ["disk a = fixture:none\n", qr{fixtures/x/none: No such file}],
    ["flash = \"x\"\n", qr/"flash" needs a "firmware" that is a file/],
    ["disk a = empty 1M\nexpect /b/x = \"\"\n", qr{/b/x is on no disk or share of the case: /NAME/PATH}],
    ["share a = empty\ntake = /a\n", qr{/a is on no disk or share}],
    ["disk a = qcow2 fixture:broken\ntake = /a/x\n", qr/the files of a qcow2 image cannot be read/],
    ["disk a = empty 1M\ntake = x\n", qr/the guest path x must be absolute|must begin/],
    ["node /dev/x = c 1\n", qr/expected c or b, the two numbers of the device/],
);
for (@wrong) {
    my ($lines, $says) = @$_;
    write_file("$root/gates/x.gate", $head . $lines);
    my $run = harness('check', "$root/gates/x.gate");
    is($run->{status}, 2, "refused: $lines") or diag $run->{out};
    like($run->{out}, $says, 'and why');
}
{
    write_file("$root/gates/x.gate", "[gate]\nproves = x\n[case c]\nfile /init = \"x\"\ndisk a = empty 1M\nexit = 0\n");
    like(harness('check', "$root/gates/x.gate")->{out}, qr/"disk", "flash", "share", "serial" and "take" need the key "kernel" or "firmware"/, 'the seed kernel has no such disks');
    symlink '/etc', "$root/fixtures/x/outside" or die;
    like(run_case("disk a = ext4 16M fixture:outside\n")->{out}, qr/leads out of the project by a symbolic link/, 'a folder that leads out of the project');
    write_file("$root/fixtures/x/plain/quo\"te", '');
    like(run_case("disk a = ext4 16M fixture:plain\n")->{out}, qr/has a character that the image cannot be given/, 'a name that debugfs cannot be told');
    like(run_case("disk a = ext4 1M fixture:big\n")->{out}, qr/No such file/, 'a folder that is missing');
    make_path("$root/fixtures/x/big");
    write_file("$root/fixtures/x/big/file", 'x' x (4 << 20));
    like(run_case("disk a = ext4 1M fixture:big\n")->{out}, qr{^error .*\n.*cannot make the disk "a": the disk "a": debugfs: .*[Nn]o (?:free )?(?:space|blocks)|Could not allocate}m, 'a disk that is too small: ext4');
    like(run_case("disk a = fat 1M fixture:big\n")->{out}, qr{^error .*\n.*cannot make the disk "a": the disk "a": mcopy: .*full}m, 'FAT');
    like(run_case("disk a = fat 16M fixture:files\n")->{out}, qr{FAT has no links}, 'links on FAT');
}

# ---- A machine that lacks a tool; recordings; nothing is left ----
{
    my $bin = temp_folder();
    my ($qemu) = grep { -x } map { "$_/qemu-system-aarch64" } split /:/, $ENV{PATH};
    symlink $qemu, "$bin/qemu-system-aarch64" or die;
    {
        local $ENV{PATH} = $bin;
        local $ENV{HARNESS_QEMU_PATHS} = '/usr';
        write_file("$root/gates/x.gate", $head . "disk a = fat 16M fixture:plain\n");
        like(harness('run', '--out', "$root/out", "$root/gates/x.gate")->{out}, qr{^skip    x/c +this machine cannot run it: mformat is not installed, which the disk "a" needs$}m, 'a tool that is missing: skipped')
            if !grep { -x "$_/mformat" } qw(/usr/sbin /sbin);
    }
    my $records = temp_folder();
    write_file("$root/gates/x.gate", $head =~ s/send "o"/wait "never"/r . "hang = 2s\ndisk a = empty 1M\n");
    like(harness('run', '--out', "$root/out", '--record', $records, "$root/gates/x.gate")->{out}, qr/a case with disks, shares, a flash memory or further serial ports cannot be recorded/, 'a case with a disk is not recorded');
    write_file("$root/gates/x.gate", $head =~ s/send "o"/wait "never"/r . "hang = 2s\n");
    harness('run', '--out', "$root/out", '--record', $records, "$root/gates/x.gate");
    ok(-s "$records/x/c.replay" && !-e "$records/x/c.cpio", 'one of another kernel without an initrd is');
}
{
    my $tmp = temp_folder();
    local $ENV{TMPDIR} = $tmp;
    run_case("share s = fixture:files\ndisk a = ext4 16M fixture:files\n");
    is_deeply([glob "$tmp/harness-*"], [], 'nothing is left of shares and images');
    write_file("$root/gates/x.gate", $head =~ s/send "o"/wait "never"/r . "share s = fixture:files\n");
    my $run = start('run', '--out', "$root/out", "$root/gates/x.gate");
    wait_for_guest($run, qr/^/);
    kill 'INT', $run->{pid};
    is(finish($run)->{status}, 130, 'a run that is interrupted');
    is_deeply([glob "$tmp/harness-*"], [], 'leaves nothing either');
}
done_testing();
