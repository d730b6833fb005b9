#!/usr/bin/perl
# Limits, and a harness that is stopped meanwhile: that time is not the guest's.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;
use Time::HiRes qw(sleep time);

{
    my $root = temp_root();
    edit("$root/gates/selftest/killed.gate", sub { s/timeout = 60s/timeout = 3s/ });
    my $run = start('run', '--journal', "$root/journal", '--out', "$root/out", "$root/gates/selftest/killed.gate");
    wait_for_guest($run, qr{killed/first});
    kill 'STOP', $run->{pid};
    sleep 4;
    my $since = time;
    kill 'CONT', $run->{pid};
    finish($run);
    like($run->{out}, qr/^timeout .*\n.*did not end within 3 s/m, 'a stopped harness: the limit holds');
    cmp_ok(time - $since, '>', 1.5, 'but counts none of the time');
    ok(wait_for_content("$root/journal", qr/"stopped".*the harness was stopped for [34]\.\d s/), 'which the journal tells');
}

# ---- Floods: what a guest makes without end is kept up to a bound, and the rest counted ----
{
    my $root = temp_root();
    local $ENV{HARNESS_QEMU_PATHS} = $root;
    local $ENV{FAKE_TRANSCRIPT} = "$root/transcript";
    write_file("$root/transcript", <<'E');
=== BOOT mem=1073741824 freq=62500000 ticks=1 nonce=@NONCE@ ===
=== SPAWN pid=1 ppid=0 argc=1 path=/init argv=init ticks=2 nonce=@NONCE@ ===
=== EXIT pid=1 status=0 ticks=3 nonce=@NONCE@ ===
=== END status=0 files=0 leaked-pages=0 ticks=4 nonce=@NONCE@ ===
E
    # The sanitized build keeps freed memory, and a zone around each piece.
    local $ENV{ASAN_OPTIONS} = 'quarantine_size_mb=8';
    my $factor = $Support::PROGRAM =~ /sanitize/ ? 4 : 1;
    # Where there is memory for them, files are not worth a disk's time.
    my $out = tempdir(DIR => -w '/dev/shm' ? '/dev/shm' : $root, CLEANUP => 1);
    # The run; the MiB that the harness takes at most, and those of the journal.
    my $flood = sub {
        my ($what, $count, $more, @qemu) = @_;
        my $init = @qemu ? 'build:kernel/user/flood' : '"i"';
        @qemu = ('--qemu', $Support::FAKE_QEMU) if !@qemu;
        write_file("$root/gates/flood.gate",
            "[gate]\nproves = x\n[case c]\nargv = $what $count\nfile /init = $init\nexit = 0\n$more");
        my $run = start('run', '--journal', "$root/journal", '--out', $out, @qemu, (map { ("--$_", "$root/$_") } qw(junit json html tap)), "$root/gates/flood.gate");
        my $peak = 0;
        until (waitpid $run->{pid}, 1) { # WNOHANG
            $peak = rss_peak_kb($run) || $peak;
            sleep 0.01;
        }
        $run->{status} = $? >> 8;
        output($run);
        return ($run, $peak >> 10, (-s "$root/journal") >> 20);
    };
    my ($few, $least) = $flood->('programs', 1000, "spawns = 1000\n");
    unlike($few->{out}, qr/were not kept/, 'a thousand programs are kept');

    my ($run, $peak, $journal) = $flood->('programs', 300_000, "spawns = 300000\n");
    is($run->{status}, 0, '300,000 programs: all are counted') or diag $run->{out};
    my ($left) = $run->{out} =~ /^    (\d+) more spawned programs were not kept: an attempt keeps at most 24 MiB of them$/m;
    cmp_ok($left //= 0, '>', 200_000, 'a part of them is kept');
    my $text = "$left more spawned programs were not kept";
    like(read_file("$root/$_"), qr/$text/, "$_ says how many are not") for qw(journal junit json html);
    like(read_file("$root/html"), qr{at least <b>\d+</b> spawned programs}, 'whose head counts those that are kept as what they are');
    for my $event (qw(spawn exit)) {
        my $kept = () = read_file("$root/journal") =~ /"event": ?"$event"/g;
        is($kept, 300_001 - $left, "the journal has the $event of all others, of init, too");
    }
    is(system("xmllint --noout --schema harness/tests/junit.xsd $root/junit 2>$root/said"), 0, 'JUnit stays valid');
    like(harness('report', "$root/journal")->{out}, qr/^    $text/m, 'the report of the journal says it, too');
    cmp_ok($peak - $least, '<', 250 * $factor, "the harness takes $peak MiB");
    cmp_ok($journal, '<', 48, "the journal $journal MiB");

    ($run, $peak, $journal) = $flood->('files', 60_000, '');
    is($run->{status}, 1, '60,000 files of long names are not all judged: fail');
    like($run->{out}, qr/^fail .*\n    \d+ more files were not kept: an attempt keeps at most 40 MiB of them\n(?!    \d+ more)/m, 'which is said once');
    like(read_file("$root/$_"), qr/\d+ more files were not kept/, "by $_, too") for qw(junit json html tap);
    cmp_ok($peak - $least, '<', 250 * $factor, "the harness takes $peak MiB");
    my $kept = () = read_file("$root/journal") =~ /"event": ?"file"/g;
    is(scalar(grep { -f } all_files("$out/flood")), $kept, 'what is left out is not written');

    ($run, $peak, $journal) = $flood->('lines', 300_000, '');
    is($run->{status}, 1, '300,000 other kernel lines: fail');
    like($run->{out}, qr/^    \d+ more kernel lines and events of QEMU were not kept/m, 'which is said') or diag $run->{out};
    cmp_ok($peak - $least, '<', 50 * $factor, "the harness takes $peak MiB");
    cmp_ok($journal, '<', 4, "the journal $journal MiB");

    # A disk of files, of a real guest, is no memory of the harness once they are out.
    ($run, $peak) = $flood->('flood files', '1500 65536', "transport = disk\n", '--qemu', 'qemu-system-aarch64');
    is($run->{status}, 0, '1,500 files of 64 KiB on the disk') or diag $run->{out};
    cmp_ok($peak - $least, '<', 50 * $factor, "the harness takes $peak MiB");
}

done_testing();
