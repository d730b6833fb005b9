#!/usr/bin/perl
# early: it takes minutes
# The fault table: whatever goes wrong, a run is not judged pass that is none, does not hang, and
# leaves nothing behind. Most faults are made by a QEMU that misbehaves (fake_qemu.c).
use strict;
use warnings;
use File::Basename;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;
use Time::HiRes qw(sleep time);

my $root = temp_root();
# The fake reads its transcript there, and counts how often it ran; a script below starts the fake.
$ENV{HARNESS_QEMU_PATHS} = "$root:" . dirname($Support::FAKE_QEMU);
my $fake = $Support::FAKE_QEMU;

# A gate of one case for each fault, run with the fake: what became of each case.
sub run_faults {
    my ($transcript, $limits, @faults) = @_;
    $ENV{FAKE_TRANSCRIPT} = "$root/transcript";
    write_file($ENV{FAKE_TRANSCRIPT}, $transcript);
    my $gate = "[gate]\nproves = the runner withstands faults\n$limits";
    for (@faults) {
        (my $name = $_) =~ tr/ /-/;
        $gate .= "[case $name]\nargv = $_\nfile /init = \"i\"\nexit = 0\nspawns = 0\n"
            . "expect /init = \"i\"\nexpect /out = \"hello\"\n";
    }
    write_file("$root/gates/fault.gate", $gate);
    my $run = start('run', '-j4', '--out', "$root/out", '--qemu', $fake, "$root/gates/fault.gate");
    my $peak = 0;
    until (waitpid($run->{pid}, 1)) { # WNOHANG
        $peak = rss_peak_kb($run) || $peak;
        sleep 0.02;
    }
    $run->{status} = $? >> 8;
    die "no summary:\n" . output($run) unless output($run) =~ / in [\d.]+ s/;
    my %verdicts = reverse $run->{out} =~ m{^(\w+) +fault/(\S+)}mg;
    return {%$run, verdicts => \%verdicts, peak_kb => $peak};
}

# No QEMU of ours is left, fake or real, which all name a file below the root; nor anything but
# outputs.
sub nothing_left {
    my ($name) = @_;
    my @left;
    for my $file (glob '/proc/[0-9]*/cmdline') {
        open my $in, '<', $file or next;
        push @left, $file =~ m{/proc/(\d+)/} if (<$in> // '') =~ /\Q$root\E/;
    }
    ok(!grep({ !gone($_) } @left), "$name: no process is left");
    is(join(' ', grep { -f && !m{^\Q$root\E/out/(fault|\.good|\.expected)/} } all_files("$root/out")), '', "$name: nothing else is left");
}

# ---- Programs that end at once are no QEMU, and their end is no guest's answer ----
for (['/bin/true', 0], ['/bin/false', 1]) {
    my ($program, $status) = @$_;
    write_file("$root/gates/none.gate", "[gate]\nproves = x\n[case c]\nfile /init = \"i\"\nexit = 0\n");
    my $run = harness('run', '--out', "$root/out", '--qemu', $program, "$root/gates/none.gate");
    is($run->{status}, 3, "$program as QEMU: exit status 3");
    like($run->{out}, qr{^error   none/c .*\n +QEMU exited with status $status}m, 'an error, which says so') or diag $run->{out};
}

# ---- Links below a folder of outputs: what they point to is not touched ----
{
    my $outside = temp_folder();
    my $folder = "$root/links";
    mkdir $_ or die for "$outside/hex0", "$outside/.good", $folder;
    write_file("$outside/$_", 'precious') for qw(hex0/hex0 hex0.console hex0.core);
    my @run = ('run', '--no-journal', '--filter', 'boot0/hex0', 'gates/boot0.gate');
    symlink $outside, "$folder/boot0" or die;
    for (['--out', $folder], ['--out', "$root/other", '--transcripts', $folder], ['--out', "$root/other", '--core', $folder]) {
        my $run = harness(@run, @$_);
        is($run->{status}, 3, "@$_[-2 .. -1] with a link: exit status 3");
        like($run->{out}, qr{\Q$folder\E/boot0 is a link}, 'it is named') or diag $run->{out};
    }
    unlink "$folder/boot0" or die;
    symlink "$outside/.good", "$folder/.good" or die;
    is(harness(@run, '--out', $folder)->{status}, 0, 'a link in place of what is kept of good files');
    is(join(' ', map { s{\Q$outside\E/}{}r } sort grep { -f } all_files($outside)), 'hex0.console hex0.core hex0/hex0', 'no file outside is gone or new');
    is(join(' ', map { read_file("$outside/$_") } qw(hex0/hex0 hex0.console hex0.core)), 'precious precious precious', 'nor changed');
}

my $good = <<'E';
=== BOOT mem=1073741824 freq=62500000 ticks=1 nonce=@NONCE@ ===
=== SPAWN pid=1 ppid=0 argc=1 path=/init argv=init ticks=2 nonce=@NONCE@ ===
=== EXIT pid=1 status=0 ticks=3 nonce=@NONCE@ ===
=== DUMP-BEGIN nonce=@NONCE@ ===
=== FILE path=/init size=1 nonce=@NONCE@ ===
69
=== FILE path=/out size=5 nonce=@NONCE@ ===
68656c6c6f
=== DUMP-END nonce=@NONCE@ ===
=== END status=0 files=2 leaked-pages=0 ticks=4 nonce=@NONCE@ ===
E
(my $with_nonce = $good) =~ s/\@NONCE\@/01234567890123456789/g;

# ---- The fake is good enough to pass ----
{
    my $run = run_faults($good, '', 'none', 'late');
    is_deeply($run->{verdicts}, {none => 'pass', late => 'pass'}, 'without a fault, and with a late one, it passes')
        or diag $run->{out};
}

# ---- A harness that is stopped while its guest ends ----
{
    run_faults($good, "timeout = 3s\n", 'late');
    my $run = start('run', '--journal', "$root/journal", '--out', "$root/out", '--qemu', $fake, "$root/gates/fault.gate");
    wait_for_content("$root/journal", qr/"event": ?"start"/);
    kill 'STOP', $run->{pid};
    sleep 3.5;
    kill 'CONT', $run->{pid};
    finish($run);
    is($run->{status}, 0, 'what came while the harness was stopped is judged before the limit') or diag $run->{out};
}

# The same where it is stopped by its QEMU, before it listens.
{
    my $stopper = "$root/stopper";
    write_file($stopper, "#!/bin/sh\nkill -STOP \$PPID\nsleep 3.5\nkill -CONT \$PPID\nexec '$fake' \"\$@\"\n");
    chmod 0755, $stopper;
    my $run = harness('run', '--no-journal', '--out', "$root/out", '--qemu', $stopper, "$root/gates/fault.gate");
    is($run->{status}, 0, 'a stop while QEMU starts is not the time of the guest') or diag $run->{out};
}

# ---- QMP and processes ----
{
    (my $endless = $good) =~ s/^=== END.*\n//m;
    my $run = run_faults($endless, "timeout = 4s\nhang = 2s\n", qw(garbage deaf refuse close stay kill));
    is_deeply($run->{verdicts}, {garbage => 'error', deaf => 'timeout', refuse => 'error', close => 'error', stay => 'hang', kill => 'error'},
        'QMP garbage, deaf, refusing; console closed; nothing more; killed')
        or diag $run->{out};
    my $late = run_faults($good, "timeout = 4s\nhang = 2s\n", qw(close stay kill));
    is_deeply($late->{verdicts}, {close => 'pass', stay => 'pass', kill => 'pass'}, 'after END, when all is out, it does not matter')
        or diag $late->{out};
    like($run->{out}, qr/QEMU's control socket: QMP: a message is not /, 'garbage is shown');
    like($run->{out}, qr/QEMU rejected command 2: GenericError: no/, 'a refusal is shown');
    nothing_left('QMP faults');
}

# ---- A transcript cut at bytes, and bits of its kernel lines flipped ----
# One line of each kind is changed in every place; of a line that the verdict does not rest on, and of
# what precedes the last two lines, a sample is enough to see that nothing hangs.
{
    my $whole = index $with_nonce, '=== FILE path=/out';
    my @cuts = map { "cut $_" } grep { $_ >= $whole || $_ % 8 == 0 } 0 .. length($with_nonce) - 2;
    my $run = run_faults($good, '', @cuts);
    is(scalar(keys %{$run->{verdicts}}), @cuts, scalar(@cuts) . ' cuts were judged');
    is(join(' ', grep { $run->{verdicts}{$_} eq 'pass' } sort keys %{$run->{verdicts}}), '', 'no cut passes');
    nothing_left('cuts');
}
{
    # The verdict rests on FILE and END lines, but for END's time; a BOOT, SPAWN or EXIT line that is
    # none any more costs its figures, and DUMP-BEGIN and DUMP-END say nothing that FILE lines do not.
    my ($at, @judged, @others) = 0;
    for my $line ($with_nonce =~ /^(=== .*\n)/mg) {
        my @bits = 8 * $at .. 8 * ($at + length $line) - 1;
        my @time = $line =~ /^=== END.*(ticks=\d+)/ ? (8 * ($at + $-[1]) .. 8 * ($at + $+[1]) - 1) : ();
        my %is_time = map { $_ => 1 } @time;
        $at += length $line;
        if ($line =~ m{^=== (FILE path=/out|END)}) {
            push @judged, grep { !$is_time{$_} } @bits;
            push @others, @time;
        } else {
            push @others, grep { $_ % 13 == 0 } @bits;
        }
    }
    my $run = run_faults($good, '', map { "flip $_" } @judged, @others);
    is(scalar(keys %{$run->{verdicts}}), @judged + @others, @judged + @others . ' flips were judged');
    is(join(' ', grep { $run->{verdicts}{"flip-$_"} eq 'pass' } @judged), '', 'no flip in a FILE or END line passes');
    nothing_left('flips');
}

# ---- A case that passes the second time ----
{
    my $run = run_faults($good, '', 'flaky');
    is($run->{verdicts}{flaky}, 'error', 'a flaky case does not pass by itself');
    unlink "$root/transcript.tried";
    my $again = finish(start('run', '--retries', '2', '--out', "$root/out", '--qemu', $fake, '--tap', "$root/tap", "$root/gates/fault.gate"));
    is($again->{status}, 0, 'with --retries it does');
    like($again->{out}, qr{^error +fault/flaky.*^pass +fault/flaky}ms, 'and both tries are shown');
    open my $tap, '<', "$root/tap" or die;
    like(join('', <$tap>), qr/flaky/, 'and the report calls it flaky');
    unlink "$root/transcript.tried";
    my $recorded = finish(start('run', '--record', "$root/records", '--out', "$root/out", '--qemu', $fake, '--junit', "$root/junit", "$root/gates/fault.gate"));
    is($recorded->{status}, 3, 'a recording that passes makes no pass of what did not');
    like($recorded->{out}, qr{^error +fault/flaky.*^pass +fault/flaky .* attempt 2, recording: does not affect the result\n +replay: /}ms, 'and both are shown');
    like(read_file("$root/junit"), qr/ tests="1" failures="0" errors="1"/, 'in reports, too');
    unlink "$root/transcript.tried";
    is(finish(start('run', '--repeat', '3', '--out', "$root/out", '--qemu', $fake, "$root/gates/fault.gate"))->{status}, 3, '--repeat stops at the first that does not pass');
}

# ---- Hostile dumps ----
my %hostile = (
    'a name with ..'        => 'path=/../../escaped size=5',
    'a relative name'       => 'path=escaped size=5',
    'a doubled slash'       => 'path=//etc/escaped size=5',
    'a name of 4096 bytes'  => 'path=/' . 'x' x 4095 . ' size=5',
    'the same name twice'   => 'path=/init size=5',
    'a size of 1 GB'        => 'path=/out size=1073741824',
    'a size beyond 64 bits' => 'path=/out size=99999999999999999999',
);
for my $name (sort keys %hostile) {
    (my $transcript = $good) =~ s{path=/out size=5}{$hostile{$name}};
    my $run = run_faults($transcript, '', 'none');
    is($run->{verdicts}{none}, 'fail', "$name: fail") or diag $run->{out};
    cmp_ok($run->{peak_kb}, '<', 64 * 1024, "$name: less than 64 MB resident");
    nothing_left($name);
}
ok(!grep({ /escaped/ } all_files($root)), 'nothing was written outside the output folder');

# ---- 200 MB of console noise ----
{
    my $run = run_faults($good, '', 'noise 200');
    is($run->{verdicts}{'noise-200'}, 'pass', '200 MiB of noise: what came after it is judged') or diag $run->{out};
    cmp_ok($run->{peak_kb}, '<', 64 * 1024, "200 MiB of noise: $run->{peak_kb} KB resident, less than 64 MB");
}

# ---- The host's disk ----
{
    write_file("$root/transcript", $good);
    my $blocked = harness('run', '--out', '/dev/null/x', '--qemu', $fake, "$root/gates/fault.gate");
    is($blocked->{status}, 3, 'an output folder that cannot be made: exit status 3');
    like($blocked->{out}, qr{cannot create the output folder /dev/null/x}, 'and which');
    # A limit on file sizes stands for a full disk: the write fails in the same place.
    (my $big = $good) =~ s{size=5 .*\n.*\n}{"size=200000 nonce=\@NONCE\@ ===\n" . ('61' x 64 . "\n") x 3125}e;
    write_file("$root/transcript", $big);
    my $full = finish(start_limited(100, 'run', '--out', "$root/full", '--qemu', $fake, '--filter', 'fault/noise-200', "$root/gates/fault.gate"));
    is($full->{status}, 3, 'a full disk: exit status 3');
    like($full->{out}, qr{^error .*\n +outputs: \S+/full/fault/\S+/out: write: File too large}m, 'and which file could not be written');
    is(join(' ', grep { -f && !m{/init$} } all_files("$root/full")), '', 'and no half file is left');
}

# ---- QEMU killed at 20 random moments ----
{
    srand 1;
    my %seen;
    for my $n (1 .. 20) {
        # One that dumps may have ended when the signal comes, if the machine is loaded; one that
        # spins has not.
        my $gate = $n % 2 ? 'dump' : 'killed';
        my $run = start('run', '--out', "$root/out", "gates/selftest/$gate.gate");
        my $qemu = wait_for_guest($run, $n % 2 ? qr/^/ : qr{killed/first});
        sleep rand 0.1;
        kill 'KILL', $qemu;
        finish($run);
        my ($verdict) = $run->{out} =~ m{^(\w+) +selftest/$gate/(?:dump|spin)}m;
        # A run that had ended before the signal came passes, and rightly.
        $seen{$verdict}++;
        isnt("$verdict $run->{status}", $verdict eq 'pass' ? 'pass 3' : "$verdict 0", "QEMU killed: $verdict, exit status $run->{status}");
    }
    ok($seen{error}, 'QEMU killed at 20 moments: ' . join(', ', map { "$_ $seen{$_}" } sort keys %seen));
    is(join(' ', grep { !/^(error|pass)$/ } keys %seen), '', 'and it is never the guest that is blamed');
}

# ---- 40 runs of catm and 4 of boot1 with what it needs, 4 at a time, beside a program that takes all the CPU
# it gets ----
{
    # What the sanitized build keeps of freed memory, 256 MB of it, is not the harness's.
    local $ENV{ASAN_OPTIONS} = 'quarantine_size_mb=8';
    my $hog = fork // die;
    if (!$hog) { 1 while 1 }
    my ($peak, @all) = (0);
    # Without what the case of tier1 needs, which would run each time.
    write_file("$root/gates/join.gate", "[gate]\nproves = x\n[case join]\ntransport = disk\nargv = catm /out /a /b\nfile /init = build:boot0/host/catm\n"
        . "file /a = \"x\"\nfile /b = random:1:1M\nexit = 0\nexpect /out = \"x\" + random:1:1M\n");
    for my $part (["$root/gates/join.gate", 10], ['gates/boot1.gate', 1]) {
        my ($gate, $repeat) = @$part;
        my @runs = map { start('run', '--no-journal', '--out', "$root/side$_", '--repeat', $repeat, $gate) } 1 .. 4;
        # One that has ended has no size any more.
        while (my @sizes = grep { $_ } map { rss_peak_kb($_) } @runs) {
            $peak = (sort { $b <=> $a } $peak, @sizes)[0];
            sleep 0.2;
        }
        push @all, map { finish($_) } @runs;
    }
    kill 'KILL', $hog;
    waitpid $hog, 0;
    my $passes = 0;
    for my $run (@all) {
        my @totals = $run->{out} =~ /^(\d+) passed, 0 failed in/mg;
        $passes += @totals;
        is($run->{status}, 0, 'beside others and a hog: exit status 0') or diag $run->{out};
    }
    is($passes, 44, '44 runs, 44 passes');
    cmp_ok($peak, '<', 64 * 1024, "the harness takes at most 64 MiB: $peak KiB");
}

# ---- No random bytes for the nonce: an error, before anything of the attempt is there ----
SKIP: {
    my @without = ('strace', '-f', '-qq', '-o', "$root/trace", '-e', 'trace=getrandom', '-e', 'inject=getrandom:error=ENOSYS');
    skip 'strace cannot stand for a system without getrandom here', 2 if system("@without true 2>$root/said");
    my $said = qx{@without $Support::PROGRAM run --no-journal --out $root/out --filter tier1/one-byte $root/gates/tier1.gate 2>&1};
    is($? >> 8, 3, 'no random bytes: exit status 3');
    like($said, qr/\Aerror .*\n +cannot get random bytes for the nonce: /, 'and nothing but the reason');
}

done_testing();
