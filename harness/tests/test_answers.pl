#!/usr/bin/perl
# Another kernel's answer: the exit status of QEMU, resets, panics and forbidden lines, what this machine
# lacks, and what QEMU's options may reach.
use strict;
use warnings;
use File::Copy;
use File::Path 'make_path';
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

# ---- Verdicts ----
{
    my $run = harness('run', 'gates/others/answers.gate');
    is($run->{status}, 0, 'the right statuses pass, and a skip by the guest is no failure') or diag $run->{out};
    like($run->{out}, qr{^skip    others/answers/skip +the guest cannot run here, it says by exit status 7$}m, 'but shown, with the reason');
    # A QEMU that is sent a command while its guest powers off may stop for ever: one in thirty did.
    $run = harness('run', '--repeat', 30, '--filter', 'others/answers/off', 'gates/others/answers.gate');
    is($run->{status}, 0, 'a guest may power off as soon as it is sent something') or diag $run->{out};
}
{
    my $tap = temp_folder();
    my $run = harness('run', '-j', 2, '--tap', "$tap/tap", '--junit', "$tap/junit", 'gates/selftest/answers.gate');
    is($run->{status}, 1, 'the wrong answers: exit status 1');
    my %shown = (
        wrong => qr/^fail .*\n.*did not end as expected\n +expected exit status 0 of QEMU\n +actual   exit status 4$/m,
        reset => qr/^fail .*\n.*reset its machine instead of ending$/m,
        panic => qr/^panic .*\n.*panicked, says the console: "Kernel panic - not syncing: \.\*": Kernel panic - not syncing: asked to$/m,
        'panic-after' => qr/^panic .*\n.*panicked, says the console/m,
        bug => qr/^fail .*\n.*the console shows what it never must: "\\\\bBUG: \.\*": BUG: sleeping function$/m,
        hang => qr/^hang .*\n.*silent for 2 s \(hang\); the console showed last: ready>; .*\n.*the dialog still waits for "never comes"/m,
        late => qr/^timeout .*\n.*a wait of the dialog took more than 0\.3 s \(within\); the console showed last: ready>\n.*the dialog still waits for "never comes"/m,
        timeout => qr/^timeout .*\n.*did not end within 3 s \(timeout\); the console showed last: ready>;/m,
    );
    my %parts;
    while ($run->{out} =~ m{^(\w+ +selftest/answers/([\w-]+) .*\n(?:    .*\n)+)}mg) { $parts{$2} = $1 }
    like($parts{$_} // $run->{out}, qr/$shown{$_}/m, $_) for sort keys %shown;
    like($parts{$_}, qr/stopped at 0x4008\w+\n +registers:/, "$_: with a picture of the guest") for qw(panic bug hang timeout late);
    like(read_file("$tap/junit"), qr{name="selftest/answers/wrong".*\n +<failure}, 'a wrong status is a failure for JUnit, no error');
}

# ---- A kernel that runs elsewhere than it was linked for ----
{
    my $root = temp_root();
    unlink "$root/build";
    make_path("$root/build/selftest");
    copy('build/selftest/answer.img', "$root/build/selftest/answer.img") or die;
    my $elf = "$root/build/selftest/moved.elf";
    write_file("$root/gates/x.gate", "[gate]\nproves = x\n[case c]\nkernel = build/selftest/answer.img\nsymbols = build/selftest/moved.elf\n"
            . "dialog = wait \"ready> \" send \"b\" wait \"never\"\nhang = 2s\n");
    for (['0x10080000', qr/the kernel runs 0x30000000 above the address it was linked for\n/], ['0xffff800008080000', qr/the kernel runs 0x800038000000 above the/], ['0x50080000', qr/the kernel runs 0x10000000 below the/], ['0x40080000', qr//]) {
        my ($link, $says) = @$_;
        is(system("aarch64-linux-gnu-ld -e $link -Ttext=$link -o $elf build/selftest/answer.o"), 0, "linked for $link");
        my $out = harness('run', "$root/gates/x.gate")->{out};
        like($out, $says, 'where it runs');
        like($out, qr/stopped at 0x4008[0-9a-f]{4}  (?:read|next)/, 'and in which function');
        unlike($out, qr/it was linked for/, 'nothing is said of one that stays') if $link eq '0x40080000';
    }
    is(system("aarch64-linux-gnu-objcopy --update-section .text=/bin/true $elf 2>/dev/null"), 0, 'other code');
    unlike(harness('run', "$root/gates/x.gate")->{out}, qr/it was linked for/, 'code that is nowhere gives no place');
}

# ---- What this machine lacks, and what may reach the host ----
{
    my $root = temp_root();
    my $write = sub { write_file("$root/gates/x.gate", "[gate]\nproves = x\n[case c]\nkernel = build/selftest/answer.img\ndialog = wait \"ready\"\n$_[0]") };
    $write->("arch = nosuch\n");
    my $run = harness('run', "$root/gates/x.gate");
    like($run->{out}, qr{^skip    x/c +this machine cannot run it: qemu-system-nosuch is not installed$}m, 'a QEMU that is not there: skipped');
    is($run->{status}, 1, 'a run of nothing has shown nothing');
    $write->("accel = hvf\n");
    like(harness('run', "$root/gates/x.gate")->{out}, qr{^skip .*it has no accelerator hvf for the architecture aarch64$}m, 'an accelerator that is not there: skipped');
    $write->("accel = hvf:tcg\nsmp = 2\nqemu = -device virtio-rng-device -rtc base=utc\n");
    my $json = temp_folder() . '/json';
    is(harness('run', '--json', $json, "$root/gates/x.gate")->{status}, 0, 'another that is there is taken');
    like(read_file($json), qr/"accelerator":"tcg"/, 'and reported');
    $write->("cpu = nosuchcpu\n");
    like(harness('run', "$root/gates/x.gate")->{out}, qr{^error .*\n.*QEMU exited with status 1; QEMU printed: .*nosuchcpu}m, 'a cpu that QEMU does not know is an error');
    # A file of the host by the loader: the guest's memory would have it.
    my $secret = temp_folder() . '/secret';
    write_file($secret, "secret\n");
    $write->("qemu = -device loader,addr=0x50000000,file=$secret,force-raw=on\n");
    $run = harness('run', "$root/gates/x.gate");
    is($run->{status}, 2, 'a word that reaches the host: exit status 2');
    like($run->{out}, qr{x\.gate:6:8: error: -device loader,\S+ can reach files or sockets of the host; if you trust this gate, run it with --allow-host\n}, 'says where and what to do');
    is(harness('run', '--allow-host', "$root/gates/x.gate")->{status}, 0, 'with --allow-host it runs, and QEMU reads the file');
    $write->("qemu = -append x\n");
    $run = harness('run', '--allow-host', "$root/gates/x.gate");
    like($run->{out}, qr/error: the value has the option -append, which the harness sets itself; use the key "append"/, 'what the harness sets is refused always');
}

# ---- A program of one's own, and networks ----
{
    my $root = temp_root();
    my $head = "[gate]\nproves = x\n[case c]\nkernel = build/selftest/answer.img\ndialog = wait \"ready\"\n";
    my $write = sub { write_file("$root/gates/x.gate", $head . $_[0]) };
    unlink "$root/build";
    system("cp -rs $FindBin::Bin/../../build $root/build 2>/dev/null; cp --remove-destination build/selftest/answer.img $root/build/selftest/") == 0 or die;
    my $secret = temp_folder() . '/secret';
    write_file($secret, "secret\n");
    write_file("$root/build/my-qemu", "#!/bin/sh\necho mine >>$root/build/ran\ncat $secret >>$root/build/ran 2>/dev/null\nexec qemu-system-aarch64 \"\$\@\"\n");
    chmod 0755, "$root/build/my-qemu" or die;
    $write->("qemu-program = build/my-qemu\n");
    my $run = harness('run', "$root/gates/x.gate");
    is($run->{status}, 2, 'a program of the project that would run on the host: exit status 2');
    like($run->{out}, qr/"qemu-program" names a program of the project, which is then run; if you trust this gate, run it with --allow-host/, 'and why');
    ok(!-e "$root/build/ran", 'it did not run');
    local $ENV{HARNESS_QEMU_PATHS} = $root;
    is(harness('run', '--allow-host', "$root/gates/x.gate")->{status}, 0, 'with --allow-host it runs');
    is(read_file("$root/build/ran"), "mine\n", 'that program, and no other; and it reads no other files');
    my $bin = temp_folder();
    my ($qemu) = grep { -x } map { "$_/qemu-system-aarch64" } split /:/, $ENV{PATH};
    symlink $qemu, "$bin/qemu-system-mine" or die;
    local $ENV{PATH} = "$ENV{PATH}:$bin";
    $write->("qemu-program = qemu-system-mine\n");
    is(harness('run', "$root/gates/x.gate")->{status}, 0, 'another QEMU by its name');
    $write->("qemu-program = qemu-system-nosuch\n");
    like(harness('run', "$root/gates/x.gate")->{out}, qr{^skip    x/c +this machine cannot run it: qemu-system-nosuch is not installed$}m, 'one that is not there: skipped');
    for (['sh', qr/expected a name that begins with qemu-system-, or a path with a slash/], ['../sh', qr/the path/]) {
        my ($program, $why) = @$_;
        $write->("qemu-program = $program\n");
        like(harness('check', "$root/gates/x.gate")->{out}, $why, "refused: $program");
    }
  SKIP: {
        my @files = qw(build/linux/vmlinuz build/others/initrd-arm64.cpio build/others/modules-arm64.cpio);
        skip 'a network on Linux, which make tests fetches', 5 if grep { !-e } @files;
        # A server of the host that only a guest with an open network may reach.
        require IO::Socket::INET;
        my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die;
        my $pid = fork // die;
        if (!$pid) {
            while (my $client = $server->accept) { sysread $client, my $request, 4096; print $client "HTTP/1.0 200 OK\r\n\r\nfrom the host\n"; close $client }
            exit;
        }
        my $gate = sub {
            my ($net, $answer) = @_;
            write_file("$root/gates/x.gate", "[gate]\nproves = x\n[case c]\nkernel = build/linux/vmlinuz\nmachine = virt\ncpu = cortex-a57\nstatus = 0\n"
                    . "append = console=ttyAMA0 quiet\ninitrd = build:others/initrd-arm64.cpio + build:others/modules-arm64.cpio\nnet = $net\n"
                    . "dialog = wait \"# \" send \"sh /modules/load; ifconfig eth0 10.0.2.15; echo GET | nc -w 5 10.0.2.2 @{[$server->sockport]}; echo do''ne\\n\"\n"
                    . "dialog = wait \"$answer\" wait \"^done\" send \"poweroff -f\\n\"\n");
            for my $file (@files) { system('cp', '--remove-destination', $file, "$root/$file") == 0 or die }
        };
        $gate->('user', '(?:timed out|refused|unreachable|reset)');
        $run = harness('run', "$root/gates/x.gate");
        is($run->{status}, 0, 'net = user: the guest has a card, and no way to the host') or diag $run->{out};
        $gate->('open', '^from the host');
        $run = harness('run', "$root/gates/x.gate");
        is($run->{status}, 2, 'net = open without --allow-host: exit status 2');
        like($run->{out}, qr/with "net = open" the guest reaches sockets of the host/, 'and why');
        $run = harness('run', '--allow-host', "$root/gates/x.gate");
        is($run->{status}, 0, 'with it the guest reaches what this user can') or diag $run->{out};
        $gate->('none', 'No such device');
        is(harness('run', "$root/gates/x.gate")->{status}, 0, 'without a word there is no card');
        kill 'TERM', $pid;
        waitpid $pid, 0;
    }
}

# ---- A case passes by what has not changed: firmware and initrd too ----
{
    my $root = temp_root();
    my $image = read_file('build/selftest/answer.img');
    write_file("$root/build/rom", $image);
    write_file("$root/build/rd", 'x');
    # Without -kernel QEMU runs the firmware from address 0 on; the image is independent of its place.
    write_file("$root/gates/x.gate", "[gate]\nproves = x\n[case c]\nkernel = build/selftest/answer.img\ninitrd = build:rd\ndialog = wait \"ready\"\n");
    my @run = ('run', '--cache', "$root/cache", "$root/gates/x.gate");
    my $outcome = sub { my $run = harness(@run); return $run->{out} =~ /unchanged since/ ? 'unchanged' : $run->{out} =~ /^pass/m ? 'pass' : $run->{out} };
    is($outcome->(), 'pass', 'a case with an initrd');
    is($outcome->(), 'unchanged', 'once');
    write_file("$root/build/rd", 'y');
    is($outcome->(), 'pass', 'another initrd: it runs');
    edit("$root/gates/x.gate", sub { s/^kernel.*\n//m; s/^initrd.*\n//m; s{^dialog}{firmware = build/rom\ndialog}m });
    is($outcome->(), 'pass', 'a firmware without a kernel');
    is($outcome->(), 'unchanged', 'once');
    write_file("$root/build/rom", $image . 'x');
    is($outcome->(), 'pass', 'another firmware: it runs');
    # What the key cannot know is not kept: files of the host that the guest or QEMU may read.
    my $gate = "[gate]\nproves = x\n[case c]\nkernel = build/selftest/answer.img\ndialog = wait \"ready\"\n";
    for my $word ('-semihosting', "-device loader,addr=0x50000000,file=$root/secret,force-raw=on") {
        write_file("$root/secret", "secret\n");
        write_file("$root/gates/x.gate", "${gate}qemu = $word\n");
        @run = ('run', '--allow-host', '--cache', "$root/cache", "$root/gates/x.gate");
        is($outcome->(), 'pass', "a case with $word runs") for 1, 2;
    }
}
done_testing();
