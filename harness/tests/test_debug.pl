#!/usr/bin/perl
# What is kept of a run that went wrong, and how one is looked into: cores, recordings, debug. gdb
# and QEMU's own replay judge.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $dir = temp_folder();
my @plain = ('--no-journal', '--out', "$dir/out");
my $GDB = 'timeout -k 5 60 gdb-multiarch -batch -nx';

sub gdb {
    my ($line, @commands) = @_;
    my $more = join ' ', map { "-ex '$_'" } @commands;
    return scalar `$GDB $line $more 2>&1 </dev/null`;
}

# ---- Cores ----
for (['timeout', 'spin', qr/\$1 = 0x6000[0-9a-f]{2}\n/], ['panic', 'no-program', qr/\$1 = 0x400[0-9a-f]{5}\n.*psci_hvc/s]) {
    my ($gate, $case, $where) = @$_;
    my $run = harness('run', @plain, '--core', "$dir/cores", "gates/selftest/$gate.gate");
    is($run->{status}, 1, "$gate: exit status 1");
    my ($line) = $run->{out} =~ /core: gdb-multiarch (.*)$/m or diag $run->{out};
    like($line, qr{ \Q$dir\E/cores/selftest/$gate/$case\.core$}, "$gate: the core is where it was asked for");
    like(gdb($line, 'p/x $pc', 'info symbol $pc', 'x/wx 0x40080038'), qr/$where.*0x644d5241/s, "$gate: gdb finds PC and kernel memory in it");
    my $twice = harness('run', @plain, '--core', "$dir/cores", '--retries', '1', "gates/selftest/$gate.gate");
    my @cores = $twice->{out} =~ /core: gdb-multiarch \S+ (\S+)$/mg;
    ok(@cores == 2 && -s $cores[0] && -s $cores[1], "$gate: each attempt has a core of its own") or diag "@cores";
    unlink glob "$dir/cores/selftest/$gate/*";
}
{
    my $run = harness('run', @plain, '--core', "$dir/none", @Support::TIER1);
    is($run->{status}, 0, 'cases that pass pass with --core too');
    is(join(' ', grep { -f } all_files("$dir/none")), '', 'and leave no core');
    $run = harness('run', @plain, '--core', '/proc/none', 'gates/selftest/panic.gate');
    is($run->{status}, 3, 'a folder that cannot be made: exit status 3');
    my @limited = start_limited(200_000, 'run', @plain, '--core', "$dir/small", 'gates/selftest/panic.gate');
    $run = finish($limited[0]);
    like($run->{out}, qr/^panic .*^    core: .*: cannot write the core: /ms, 'a full disk costs the core, not the verdict');
}

# ---- Recordings ----
for (['fault', 'null-read', qr/^=== EXIT pid=1 signal=11 elr=0x60015c .*^=== END status=139/ms], ['timeout', 'spin', qr/^=== SPAWN pid=1 /m]) {
    my ($gate, $case, $shown) = @$_;
    my $run = harness('run', @plain, '--record', "$dir/records", "gates/selftest/$gate.gate");
    my ($script) = $run->{out} =~ m{attempt 2.*^    replay: (\S+)$}ms or diag $run->{out};
    my ($nonce) = $run->{out} =~ m{attempt 2.*BOOT mem=\d+ (freq=\d+ ticks=\d+ nonce=\w+)}s;
    my $replayed = `timeout -k 5 60 $script 2>/dev/null`;
    like($replayed, $shown, "$gate: the recording repeats the run");
    like($replayed, qr/$nonce/, "$gate: that very run, tick by tick");
    my $failed = harness('run', @plain, '--record', "$dir/unused", @Support::TIER1);
    ok($failed->{status} == 0 && !-e "$dir/unused", 'nothing is recorded of what passes');
}

# ---- A recording does not change the verdict or the core ----
{
    my @kept = (@plain, '--history', "$dir/history", '--core', "$dir/both", '--record', "$dir/both");
    my $run = harness('run', @kept, 'gates/selftest/hang.gate', 'gates/selftest/timeout.gate');
    is($run->{status}, 1, 'what hangs while it is recorded: exit status 1');
    like($run->{out}, qr/^0 passed, 2 failed \(1 hung, 1 timed out\) in/m, 'the verdicts stand');
    for ($run->{out} =~ /^ +core: gdb-multiarch \S+ (\S+)$/mg) {
        ok(-s $_, "the core $_ is there");
        unlink $_;
    }
    my @scripts = $run->{out} =~ /attempt 2, recording: does not affect the result(?:\n    .*)*?\n    replay: (\/\S+)$/mg;
    is(scalar(@scripts), 2, 'both are recorded');
    is(`sqlite3 $dir/history 'SELECT count(*) FROM attempt'`, "2\n", 'and the history has what was not');
    for (@scripts) {
        my $replayed = `timeout -k 5 60 $_ 2>/dev/null`;
        is($? >> 8, 0, "$_ comes to its end");
        like($replayed, qr/^=== SPAWN pid=1 /m, 'and repeats the run');
    }
}

# ---- debug, whose inputs are in build/out ----
enter_root('build/boot0/hex0-seed');
is(harness('run', '--no-journal', '--filter', 'boot0/catm', 'gates/boot0.gate')->{status}, 0, 'a run that leaves them');
for (['', qr/Breakpoint 1, _start \(\) at kernel\/machine\.S/], ['--user', qr/Breakpoint 1, 0x0*600078 in/]) {
    my ($option, $stop) = @$_;
    my $run = start('debug', split(' ', $option), 'gates/tier1.gate', 'one-byte');
    ok(wait_for_text($run, qr/gdb-multiarch .*\n/), "debug $option says what to type");
    my ($line) = output($run) =~ /gdb-multiarch (.*)$/m;
    my ($socket) = $line =~ /target remote (\S+)\/gdb/;
    is(sprintf('%o', (stat $socket)[2] & 0777), '700', "debug $option: the socket is private");
    sleep 0.1 until -e "$socket/gdb" || !kill 0, $run->{pid};
    like(gdb($line, 'delete', 'continue'), $stop, "debug $option stops where it should");
    finish($run);
    is($run->{status}, 0, "debug $option: exit status 0");
    like($run->{out}, qr/\[1 \/init begins\]\n\[1 ends: exit 0\]\n\[pass\]/, "debug $option goes on to the end");
    ok(!-e $socket, "debug $option leaves nothing behind");
}
for my $signal (qw(INT HUP)) {
    my $run = start('debug', $signal eq 'INT' ? ('gates/tier1.gate', 'tier1/empty') : 'tier1/empty');
    wait_for_text($run, qr/target remote/);
    my ($folder) = output($run) =~ /target remote (\S+)\/gdb/;
    kill $signal, $run->{pid};
    is(finish($run)->{status}, 130, "SIG$signal before gdb came: exit status 130");
    ok(!-e $folder, "SIG$signal before gdb came leaves nothing");
}
{
    my $run = start('debug', 'gates/selftest/fault.gate', 'null-read');
    wait_for_text($run, qr/gdb-multiarch .*\n/);
    my ($line) = output($run) =~ /gdb-multiarch (.*)$/m;
    my ($socket) = $line =~ /target remote (\S+\/gdb)/;
    sleep 0.1 until -e $socket || !kill 0, $run->{pid};
    gdb($line, 'delete', 'continue');
    is(finish($run)->{status}, 1, 'debug of a case that fails: exit status 1');
    is(harness('debug', 'gates/tier1.gate', 'nothing')->{status}, 2, 'an unknown case: exit status 2');
    is(harness('debug', $_)->{status}, 2, "no case of $_: exit status 2") for 'gates/tier1.gate', 'tier1', 'tier1/none';
}
chdir '/';
done_testing();
