#!/usr/bin/perl
# The gates that must not pass: each has its own verdict, exit status and message. Then what a
# user does to a run: Ctrl-C, kill -9, two at once, a changed golden.
use strict;
use warnings;
use Cwd qw(getcwd);
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

# Each gate of gates/selftest: exit status and what the report must show.
my %gates = (
    timeout   => [1, qr/^timeout selftest\/timeout\/spin/m, qr/did not end within 1 s \(timeout\)/,
        qr/stopped at 0x6\w+  main at spin\.c:\d+, in \/init/, qr/registers:\n +CPU#0\n +PC=/, qr/memory at SP:\n +\w+: 0x/],
    hang      => [1, qr/^hang    selftest\/hang\/chatter/m, qr/no kernel line .* for 1 s \(hang\)/, qr/still here/],
    fault     => [1, qr/^fail    selftest\/fault\/null-read/m, qr/a fault killed init: ELR 0x6[0-9a-f]+, address \(FAR\) 0x0/,
        qr/expected exit status 0\n +actual   signal 11/,
        qr/last fault at 0x6\w+  \w+ at fault\.c:\d+, in \/init/],
    panic     => [1, qr/^panic   selftest\/panic\/no-program/m, qr/the kernel panicked: .*\/init/,
        qr/panicked at 0x4\w+  \w+ at init\.c:\d+\n +called from 0x4\w+  \w+ at machine\.S:\d+/, qr/registers:\n +pc=0x4/],
    forged    => [1, qr/^fail    selftest\/forged\/forge/m, qr/actual   exit status 7/, qr/\/forged: the guest did not leave this file/,
        qr/a program printed 8 lines that look like kernel lines/],
    truncated => [1, qr/^fail    selftest\/truncated\/cut/m, qr/the dump of \/a is truncated after 0 of 6 bytes/],
    nostart   => [3, qr/^error   selftest\/nostart\/cpu/m, qr/QEMU exited with status 1; QEMU printed: .*no-such-cpu/],
    dialog    => [1, qr/^timeout selftest\/dialog\/answer/m, qr/the dialog still waits for "hello me" \(step 3 of 3\)/, qr/\| name\? hello you/],
    mismatch  => [1, qr/^fail    selftest\/mismatch\/join/m, qr/first difference at byte 28 \(0x1c\)/,
        qr/expected 00000010 .*\|.*tigh\|\n +actual   00000010 .*righ\|/],
);
for my $name (sort keys %gates) {
    my ($status, @shown) = @{$gates{$name}};
    my $run = harness('run', "gates/selftest/$name.gate");
    is($run->{status}, $status, "$name: exit status $status");
    like($run->{out}, $_, "$name shows $_") for @shown;
    like($run->{out}, qr/again: \S+ run --out \S+ --filter selftest\/$name\/\S+ /, "$name: how to run it again");
}
is_deeply([sort map { m{([^/]+)\.gate$} } glob 'gates/selftest/*.gate'], [sort keys %gates, 'answers', 'budget', 'dump', 'killed', 'counterpart'],
    'every gate that must not pass is tested');

# ---- QEMU killed in the middle ----
{
    my $run = start('run', 'gates/selftest/killed.gate');
    kill 'KILL', wait_for_guest($run, qr{killed/first});
    finish($run);
    is($run->{status}, 3, 'QEMU killed: exit status 3');
    like($run->{out}, qr/^error   selftest\/killed\/spin.*\n.*QEMU was killed by signal 9/m, 'QEMU killed: error');
}

# ---- Ctrl-C and kill -9 ----
for my $signal (qw(INT TERM HUP QUIT)) {
    my $folder = temp_folder();
    my $run = start('run', '--junit', "$folder/junit", 'gates/selftest/killed.gate', 'gates/selftest/counterpart.gate');
    my $qemu = wait_for_guest($run, qr{killed/first});
    kill $signal, $run->{pid};
    finish($run);
    is($run->{status}, 130, "SIG$signal: exit status 130");
    like($run->{out}, qr/^pass    selftest\/killed\/first.*^error   selftest\/killed\/spin.*interrupted by SIG$signal/ms, "SIG$signal: what had finished is shown");
    ok(gone($qemu), "SIG$signal: no QEMU is left");
    my $junit = read_file("$folder/junit");
    like($junit, qr{name="selftest/killed/spin".*\n +<error type="error" message="interrupted by SIG$signal">}, "SIG$signal: an error for JUnit");
    like($junit, qr{name="selftest/counterpart/which".*\n +<skipped type="skip" message="interrupted before it started">}, "SIG$signal: what had not begun is skipped");
}
{
    local $SIG{HUP} = 'IGNORE';
    my $run = start('run', 'gates/selftest/killed.gate');
    wait_for_guest($run, qr{killed/first});
    kill $_, $run->{pid} for 'HUP', 'TERM';
    like(finish($run)->{out}, qr/interrupted by SIGTERM/, 'SIGHUP stays ignored where nohup wants it');
}
{
    my $out = temp_folder();
    my $run = start('run', '--out', $out, 'gates/selftest/killed.gate');
    my $qemu = wait_for_guest($run, qr{killed/first});
    kill 'KILL', $run->{pid};
    finish($run);
    sleep 1;
    ok(gone($qemu), 'kill -9: no QEMU is left after one second');
    is(join(' ', grep { -f } all_files($out)), '', 'kill -9: no file is left');
}

# ---- Two at once ----
{
    my $out = temp_folder();
    my $first = start('run', '--out', $out, 'gates/selftest/killed.gate');
    wait_for_guest($first, qr{killed/first});
    my $second = start('run', '--out', $out, 'gates/selftest/killed.gate');
    ok(wait_for_text($second, qr/waiting for another harness that writes to /), 'the second says that it waits');
    kill 'INT', $first->{pid};
    finish($first);
    ok(wait_for_text($second, qr{killed/first}), 'and goes on when the first has ended');
    kill 'INT', $second->{pid};
    finish($second);
}

# ---- Goldens ----
{
    my $root = temp_root();
    my $out = temp_folder();
    my @tier1 = ('--out', $out, "$root/gates/tier1.gate");
    # The last case needs the whole chain.
    edit("$root/gates/tier1.gate", sub { s/^needs = .*/needs = boot0/m; s/^\[case compile\].*//ms });
    edit("$root/golden/tier1.sha256", sub { s/.* compile\/.*\n//g });
    my @run = ('run', @tier1);
    is(harness(@run)->{status}, 0, 'tier1 passes');
    edit("$root/golden/tier1.sha256", sub { s/^(.)(?=.* join\/)/$1 eq '0' ? '1' : '0'/me });
    my $changed = harness(@run);
    is($changed->{status}, 1, 'a changed digit in a golden: exit status 1');
    like($changed->{out}, qr/expected sha256 [0-9a-f]{64}\n +actual   sha256 [0-9a-f]{64}/, 'both hashes are shown');
    my $bless = harness('bless', @tier1);
    like($bless->{out}, qr{tier1/join/joined: [0-9a-f]{12} -> [0-9a-f]{12}}, 'bless shows what it changes');
    is(harness(@run)->{status}, 0, 'after bless it passes');
    # The output changes: the last good one is there to compare with.
    edit("$root/gates/tier1.gate", sub { s/file \/byte = "x"/file \/byte = "y"/ });
    my $other = harness(@run);
    is($other->{status}, 1, 'another output: exit status 1');
    like($other->{out}, qr/first difference at byte 0 \(0x0\); expected 1048578 bytes, got 1048578\n +expected 00000000  78 .*\n +actual   00000000  79 /,
        'another output: the first differing offset, both sides in hex');
}

# ---- The instruction counter ----
{
    my %costs;
    for (1 .. 5) {
        my $run = harness('run', '--icount', '-j2', '--filter', 'tier1/{join-console,one-byte}', 'gates/tier1.gate');
        $costs{join ' ', $run->{out} =~ /^ +[\d.]+ +(\d+  \S+  \S+)/mg}++;
    }
    is(scalar(keys %costs), 1, 'five runs: the same instruction counts') or diag join "\n", keys %costs;
    like((keys %costs)[0], qr/^\d{5,}  boot0.* \d{5,}  tier1/, 'which are there');
    # The same to the tick, and yet no program can know the nonce.
    my (%nonces, %lines);
    for (1 .. 3) {
        my $folder = temp_folder();
        harness('run', '--no-journal', '--out', $folder, '--icount', '--transcripts', $folder, '--filter', 'tier1/join-console', 'gates/tier1.gate');
        my $console = read_file("$folder/tier1/join-console.console");
        $nonces{$1}++ while $console =~ / nonce=(\d{20}) ===$/mg;
        $lines{$console =~ s/ nonce=\d+//gr}++;
    }
    is(scalar(keys %nonces), 3, 'three runs in instructions have three nonces');
    is(scalar(keys %lines), 1, 'and otherwise the same console, to the tick') or diag join "\n\n", keys %lines;
    is(harness('run', 'gates/selftest/budget.gate')->{status}, 0, 'a budget is not judged by time');
    my $over = harness('run', '--icount', 'gates/selftest/budget.gate');
    is($over->{status}, 1, 'with --icount it is');
    like($over->{out}, qr/init exceeded its budget\n +expected at most 1000 instructions\n +actual   \d{4,} instructions/, 'and shown');
    my ($cost) = $over->{out} =~ /actual   (\d+) instructions/;
    my $root = temp_root();
    for ([$cost, 0], [$cost - 1, 1]) {
        my ($budget, $status) = @$_;
        edit("$root/gates/selftest/budget.gate", sub { s/budget = \d+/budget = $budget/ });
        is(harness('run', '--icount', "$root/gates/selftest/budget.gate")->{status}, $status, "a budget of $budget: exit status $status");
    }
}

# ---- Arguments and gate files ----
{
    like(harness('run')->{out}, qr/missing GATE/, 'no gate is an error');
    is(harness('run')->{status}, 2, 'and exit status 2');
    like(harness('rnu')->{out}, qr/unknown command "rnu"; did you mean "run"\?/, 'an unknown command');
    my $root = temp_root();
    edit("$root/gates/tier1.gate", sub { s/^expect/expct/m });
    my $check = harness('check', "$root/gates/tier1.gate");
    is($check->{status}, 2, 'a gate file with an error: exit status 2');
    like($check->{out}, qr/tier1\.gate:\d+:1: error: unknown key "expct"; did you mean "expect"\?\n    expct .*\n    \^~~~~\n/, 'with a caret');
    is(harness('check', 'gates')->{status}, 0, 'harness check gates');
    like(harness('list')->{out}, qr/^  boot0\/hex0  the seed assembles/m, 'harness list');
    for my $key (harness('check', '--keys')->{out} =~ /^  (\w+)(?: \/PATH)? = /mg) {
        like("$key\n" . `cat gates/*.gate gates/selftest/*.gate harness/tests/test_*.c`, qr/^.*\b$key\b/m, "key $key is used somewhere");
    }
}

# ---- One program ----
{
    my $folder = temp_folder();
    my $hello = harness('exec', 'build/kernel/user/hello');
    is("$hello->{out}$hello->{status}", "hello\n0", 'exec: what the program prints, and nothing else');
    my $child = harness('exec', 'build/kernel/user/child', '7', '--help', 'b c');
    is("$child->{out}$child->{status}", "build/kernel/user/child\n7\n--help\nb c\n7", 'exec: arguments and exit status');
    my $fault = harness('exec', 'build/kernel/user/fault', 'null-read');
    is($fault->{status}, 139, 'exec: a fault is 128 + SIGSEGV');
    like($fault->{out}, qr/last fault at 0x6\w+  \w+ at fault\.c:\d+/, 'exec: and where it was');
    is(harness('exec', '--file', "LICENSE:/a", '--out', "$folder/out", 'build/boot0/host/catm', '/b', '/a')->{status}, 0, 'exec with files');
    is(system('cmp', '-s', "$folder/out/b", 'LICENSE'), 0, 'exec: the file that it left');
    is(join(' ', map { s{.*/}{}r } all_files($folder)), join(' ', map { s{.*/}{}r } $folder, "$folder/out", "$folder/out/b"), 'exec: and nothing else');
    is(harness('exec', 'LICENSE')->{status}, 2, 'exec of what is no program');
    is(harness('exec', 'no-such-file')->{status}, 2, 'exec of what does not exist');
}

# ---- What standard output is ----
{
    unlike(harness('run', 'gates/selftest/mismatch.gate')->{out}, qr/\e/, 'a pipe gets no escape sequence');
    my $tty = on_terminal('', 'run', 'tier1/join');
    like($tty, qr/\e\[32mpass   \e\[0m tier1\/join/, 'a terminal gets colours');
    like($tty, qr/\r\e\[K\[#*\.+\] \d+\/\d+  \w+\/\w+/, 'and a progress bar');
    unlike(on_terminal('NO_COLOR=1', 'run', 'tier1/join'), qr/\e\[3\dm/, 'NO_COLOR is honoured');
}

# ---- Saved consoles ----
{
    my $folder = temp_folder();
    harness('run', '--transcripts', "$folder/t", 'gates/boot0.gate');
    my $extract = harness('extract', "$folder/t/boot0/hex0.console", "$folder/x");
    is($extract->{status}, 0, 'extract');
    is(system('cmp', '-s', "$folder/x/hex0", 'build/boot0/hex0-seed'), 0, 'gives the file that was dumped');
    edit("$folder/t/boot0/hex0.console", sub { $_ = substr($_, 0, length($_) - 400) });
    my $cut = harness('extract', "$folder/t/boot0/hex0.console", "$folder/y");
    is($cut->{status}, 1, 'extract of a cut console: exit status 1');
    like($cut->{out}, qr/the dump of \/hex0 is truncated after \d+ of 368 bytes/, 'and says which file is cut');
    is(harness('extract', "$folder/t/boot0/hex0.console", "$folder/x")->{status}, 2, 'a folder with files in it is refused');
}

done_testing();
