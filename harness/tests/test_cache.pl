#!/usr/bin/perl
# early: it takes minutes
# The cache: what has passed is not run again, and whatever changes the result makes it run.
use strict;
use warnings;
use Digest::SHA 'sha256_hex';
use File::Copy;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $dir = temp_folder();
my $cache = "$dir/cache";
my $root = temp_folder();
mkdir "$root/$_" or die for qw(gates golden build build/kernel fixtures fixtures/g);
copy('build/kernel/Image', "$root/build/kernel/Image") or die;
copy('build/kernel/user/child', "$root/build/child") or die;
write_file("$root/fixtures/g/data", "data\n");
my $gate = "[gate]\nproves = x\n[case c]\nfile /init = build:child\nfile /a/data = fixture:data\nargv = child 3\n"
    . "exit = 3\nexpect /a/data = \"data\\n\"\n";
write_file("$root/gates/g.gate", $gate);

sub run {
    return harness('run', '--no-journal', '--out', "$dir/out", '--cache', $cache, @_, "$root/gates/g.gate");
}

# Whether the run passed, and from where.
sub outcome {
    my ($run) = @_;
    return $run->{out} =~ /^(\w+) +g(?:\@linux)?\/c +[\d.]+ ms(  unchanged since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, \S.*)?$/m
        ? $1 . ($2 ? '  unchanged' : '') : $run->{out};
}

# ---- Hits and misses ----
is(outcome(run()), 'pass', 'the first run runs');
is(outcome(run()), 'pass  unchanged', 'the second does not');
ok(-e "$dir/out/g/c/a/data", 'its files are there');

# ---- What the output folder holds already is not written again; anything else is restored ----
{
    my $file = "$dir/out/g/c/a/data";
    my $inode = (stat $file)[1];
    run();
    is((stat $file)[1], $inode, 'a file that is there is left alone');
    my %damages = (
        'gone' => sub { unlink $file },
        'of other bytes' => sub { write_file($file, "dota\n") },
        'of other bytes, with the old time' => sub { my $at = (stat $file)[9]; write_file($file, "dota\n"); utime $at, $at, $file },
        'of another size' => sub { write_file($file, "data") },
        'a link to an equal file' => sub { rename $file, "$dir/equal"; symlink "$dir/equal", $file },
        'a folder' => sub { unlink $file; mkdir $file },
        'not the only one' => sub { write_file("$dir/out/g/c/other", 'x') },
        'next to a link' => sub { symlink $file, "$dir/out/g/c/link" },
        'gone with all its folder' => sub { system('rm', '-r', "$dir/out/g") });
    for my $what (sort keys %damages) {
        $damages{$what}->();
        is(outcome(run()), 'pass  unchanged', "an output that is $what: it need not run");
        is(join(' ', map { s{.*/out/}{}r } grep { -l || !-d } all_files("$dir/out/g")), 'g/c/a/data', "$what: the folder is as the case left it");
        is(read_file($file), "data\n", "$what: and the file");
    }
}

# ---- Where results are kept ----
{
    my @run = ('run', '--no-journal', '--out', "$dir/out", "$root/gates/g.gate");
    delete local @ENV{qw(HARNESS_CACHE CI)};
    {
        local $ENV{CI} = 'true';
        is(outcome(harness(@run)), 'pass', 'a job of a CI runs everything');
        ok(!-e "$root/.harness/cache", 'and keeps nothing');
        is(outcome(harness(@run, '--cache', $cache)), 'pass  unchanged', 'unless it names a cache');
    }
    is(outcome(harness(@run)), 'pass', 'without a cache named: it runs once');
    is(outcome(harness(@run)), 'pass  unchanged', 'and is kept below the root of the project');
    ok(-d "$root/.harness/cache/entries", 'in .harness/cache');
    is(outcome(harness(@run, '--fresh')), 'pass', '--fresh runs');
    is(outcome(harness(@run)), 'pass  unchanged', 'and keeps what passed');
    local $ENV{HARNESS_CACHE} = '';
    is(outcome(harness(@run)), 'pass', 'an empty HARNESS_CACHE: it runs');
    is(outcome(harness(@run)), 'pass', 'each time');
}
is(outcome(run('--fresh')), 'pass', '--fresh runs');
is(outcome(run('--console')), 'pass', 'what is to be looked at runs');
is(outcome(run('--repeat', 2)), 'pass', '--repeat runs');
{
    local $ENV{HARNESS_CACHE} = $cache;
    my $run = harness('run', '--no-journal', '--out', "$dir/out", "$root/gates/g.gate");
    is(outcome($run), 'pass  unchanged', 'HARNESS_CACHE names it too');
    like($run->{out}, qr/^1 passed, 0 failed; 1 unchanged in/m, 'the summary counts it');
}

# ---- QEMU: its program, what it is linked with, its firmware; behind a script anything may change ----
{
    my $qemu = qx(sh -c 'command -v qemu-system-aarch64');
    chomp $qemu;
    my ($library) = qx(ldd $qemu) =~ /=> (\S*libpixman\S*)/ or die 'no library to copy';
    mkdir "$dir/$_" or die for qw(q q/bin q/lib q/lib/qemu q/share q/share/qemu lib modules);
    copy($qemu, "$dir/q/bin/qemu-system-aarch64") or die;
    chmod 0755, "$dir/q/bin/qemu-system-aarch64";
    copy($library, $dir . '/lib/' . $library =~ s{.*/}{}r) or die;
    write_file($_, '.shstrtab') for "$dir/q/share/qemu/firmware", "$dir/q/lib/qemu/accel.so", "$dir/modules/ui.so";
    local $ENV{LD_LIBRARY_PATH} = "$dir/lib";
    local $ENV{QEMU_MODULE_DIR} = "$dir/modules";
    my @own = ('--qemu', "$dir/q/bin/qemu-system-aarch64");
    is(outcome(run(@own)), 'pass', 'another QEMU: it runs');
    is(outcome(run(@own)), 'pass  unchanged', 'once');
    # One byte that nothing depends on: the name of a section, with the time of before.
    for (['the program', "$dir/q/bin/qemu-system-aarch64"], ['a library', $dir . '/lib/' . $library =~ s{.*/}{}r], ['a file of firmware', "$dir/q/share/qemu/firmware"],
        ['a module', "$dir/q/lib/qemu/accel.so"], ['a module of QEMU_MODULE_DIR', "$dir/modules/ui.so"]) {
        my ($what, $file) = @$_;
        my $at = (stat $file)[9];
        edit($file, sub { s/\.shstrtab/.shstrtaB/ or die });
        chmod 0755, $file;
        utime $at, $at, $file or die;
        is(outcome(run(@own)), 'pass', "$what of QEMU changed: it runs");
        is(outcome(run(@own)), 'pass  unchanged', "$what: once");
    }
    delete $ENV{LD_LIBRARY_PATH};
    write_file("$dir/script", "#!/bin/sh\nexec $qemu \"\$@\"\n");
    chmod 0755, "$dir/script";
    for (1 .. 2) {
        my $run = run('--qemu', "$dir/script");
        is(outcome($run), 'pass', 'a script as QEMU: it runs');
        like($run->{out}, qr/^harness: the cache is not used: \S+script is a script/m, 'and says why it is not cached');
    }
}

# ---- Each thing that can change the result ----
my @changes = (
    ['an argument', sub { write_file("$root/gates/g.gate", $gate =~ s/child 3/child 3 x/r) }],
    ['an input', sub { write_file("$root/fixtures/g/data", "datum\n"); write_file("$root/gates/g.gate", $gate =~ s/data\\n/datum\\n/r) }],
    ['the memory', sub { write_file("$root/gates/g.gate", $gate . "memory = 512M\n") }],
    ['the limits', sub { write_file("$root/gates/g.gate", $gate . "timeout = 50s\n") }],
    ['the console', sub { write_file("$root/gates/g.gate", $gate . "console = \"child\"\n") }],
    ['the kernel', sub { open my $out, '>>', "$root/build/kernel/Image" or die; print $out "\0" x 16; close $out }],
    ['the program', sub { copy('build/kernel/user/child', "$root/build/child"); open my $out, '>>', "$root/build/child" or die; print $out "x"; close $out }],
);
for (@changes) {
    my ($what, $change) = @$_;
    $change->();
    is(outcome(run()), 'pass', "$what changed: it runs");
    is(outcome(run()), 'pass  unchanged', "$what: once");
    write_file("$root/gates/g.gate", $gate);
    write_file("$root/fixtures/g/data", "data\n");
    copy('build/kernel/Image', "$root/build/kernel/Image") or die;
    copy('build/kernel/user/child', "$root/build/child") or die;
}
is(outcome(run()), 'pass  unchanged', 'what is as it was is known');
is(outcome(run('--icount')), 'pass', 'the instruction counter is another run');
write_file("$root/gates/g.gate", $gate =~ s/exit = 3/exit = 4/r);
is(outcome(run()), 'fail', 'another expectation is judged');
is(outcome(run()), 'fail', 'and a failure is never kept');
write_file("$root/gates/g.gate", $gate);

# ---- A cache that is damaged, or cannot be written ----
{
    my ($object) = grep { -f && -s == 5 && read_file($_) eq "data\n" } all_files("$cache/objects");
    edit($object, sub { s/d/D/ });
    unlink "$dir/out/g/c/a/data";
    is(outcome(run()), 'pass', 'a file whose bytes are wrong is not taken');
    edit($object, sub { s/D/d/ });
    my @entries = grep { -f } all_files("$cache/entries");
    truncate $_, (-s) - 2 for @entries;
    is(outcome(run()), 'pass', 'an entry that is cut is none');
    is(outcome(run()), 'pass  unchanged', 'and is made anew');
    # A name that is another, the hash of one file for another's, an entry in another's place.
    my %damages = (
        'a flipped bit in a name' => sub { s{/a/data}{/a/datb} or die },
        'the hash of one file put for another' => sub { my @hashes = /^\w+ (\w{64})/mg; s/$hashes[0]/$hashes[1]/ or die },
        'a size' => sub { s/ 5 / 6 / or die },
        'no file at all' => sub { s/^(kept|input) .*\n//mg or die },
    );
    for my $what (sort keys %damages) {
        my @entries = grep { -f } all_files("$cache/entries");
        edit($_, $damages{$what}) for grep { read_file($_) =~ m{ 5 /a/data} } @entries;
        is(outcome(run()), 'pass', "an entry with $what is none");
        is(outcome(run()), 'pass  unchanged', "$what: it is made anew");
    }
    my @all = grep { -f } all_files("$cache/entries");
    my %text = map { $_ => read_file($_) } @all;
    write_file($all[$_], $text{$all[$_ - 1]}) for 0 .. $#all;
    is(outcome(run()), 'pass', 'an entry in the place of another is none');
    is(outcome(run()), 'pass  unchanged', 'and is made anew');
    # Damaged so that the hash of the entry is right: what is restored is judged.
    for my $file (grep { read_file($_) =~ m{ 5 /a/data} } @all) {
        edit($file, sub { s{/a/data}{/a/datb}; s/end \w+\n\z//; $_ .= 'end ' . sha256_hex($_) . "\n" });
    }
    is(outcome(run()), 'pass', 'an entry whose files the case does not allow is none');
    is(outcome(run()), 'pass  unchanged', 'and is made anew');
    edit($object, sub { s/d/D/ });
    unlink "$dir/out/g/c/a/data";
    is(outcome(run()), 'pass', 'a file with a wrong byte, once more');
    is(outcome(run()), 'pass  unchanged', 'it is made anew');
    unlink $object, "$dir/out/g/c/a/data";
    is(outcome(run()), 'pass', 'a file that is gone is not taken');
    my $run = harness('run', '--out', "$dir/out", '--journal', "$dir/j", '--cache', '/proc/none', "$root/gates/g.gate");
    is($run->{status}, 0, 'a cache that cannot be written changes no verdict');
    like(harness('report', '--format', 'json', "$dir/j")->{out}, qr/"uncached".*cannot create/, 'and the record says so');
}

# ---- Somebody edits files while a case runs ----
{
    copy('build/selftest/echo.img', "$root/build/echo.img") or die;
    my $slow = "[gate]\nproves = x\n[case c]\nkernel = build/echo.img\nfile /a = fixture:data\ndialog = quiet 500ms \"name\"\n";
    write_file("$root/gates/g.gate", $slow);
    my @edits = (['an input', "$root/fixtures/g/data"], ['the kernel', "$root/build/echo.img"]);
    for (@edits) {
        my ($what, $file) = @$_;
        my $old = read_file($file);
        my @again = ('run', '--out', "$dir/out", '--cache', "$dir/cache of $what", "$root/gates/g.gate");
        my $run = start(@again, '--journal', "$dir/edited $what");
        wait_for_content("$dir/edited $what", qr/"continue"/);
        write_file($file, "$old ");
        is(outcome(finish($run)), 'pass', "$what changes while the case runs: it passes");
        like(read_file("$dir/edited $what"), qr/"uncached".*changed while the case ran/, 'and is not kept');
        is(outcome(harness(@again)), 'pass', 'neither for the new bytes');
        write_file($file, $old);
        is(outcome(harness(@again)), 'pass', 'nor for the old ones');
        is(outcome(harness(@again)), 'pass  unchanged', 'until it has run undisturbed');
    }
    # The same inputs and another verdict.
    is(outcome(run()), 'pass', 'once more');
    my $run = start('run', '--journal', "$dir/killed", '--out', "$dir/out", '--cache', $cache, '--fresh', "$root/gates/g.gate");
    wait_for_content("$dir/killed", qr/"continue"/);
    kill 'KILL', wait_for_guest($run, qr//);
    is(outcome(finish($run)), 'error', 'a case that is kept does not pass once');
    is(outcome(run()), 'pass', 'it is no longer kept');
    is(outcome(run()), 'pass  unchanged', 'until it passes');
    unlike($run->{out}, qr/flaky/, 'a QEMU that somebody kills is no flake');

    # A QEMU that stands still is a guest that does not answer.
    write_file("$root/gates/g.gate", $slow =~ s/(quiet .*)/$1 send "x\\n" wait "hello x"/r . "timeout = 2s\n");
    is(outcome(run()), 'pass', 'a case with a limit');
    $run = start('run', '--journal', "$dir/stopped", '--history', "$dir/history", '--out', "$dir/out", '--cache', $cache, '--fresh', '--junit', "$dir/junit", "$root/gates/g.gate");
    wait_for_content("$dir/stopped", qr/"continue"/);
    kill 'STOP', wait_for_guest($run, qr//);
    is(outcome(finish($run)), 'timeout', 'the same inputs, and it does not answer once');
    my $flaky = qr/flaky: it passed with the same inputs, kernel, QEMU and options in \S.* at \d{4}-\S+Z/;
    like($run->{out}, qr/^    $flaky$/m, 'that is a flake: it says which run passed');
    like(read_file("$dir/junit"), $flaky, 'JUnit says so too');
    like(read_file("$dir/stopped"), qr/"event":"flaky"/, 'and the journal');
    like(`sqlite3 $dir/history 'SELECT verdict, why FROM flake JOIN attempt ON attempt.id = attempt'`, qr/^timeout\|it passed with/, 'and the history');
    is(outcome(run()), 'pass', 'it is no longer kept');
    for (['--fail-on-flaky', 1], [undef, 0]) {
        my ($option, $status) = @$_;
        unlink "$dir/retried";
        $run = start('run', '--journal', "$dir/retried", '--out', "$dir/out", '--cache', '', '--retries', 1, $option // (), "$root/gates/g.gate");
        wait_for_content("$dir/retried", qr/"continue"/);
        kill 'STOP', wait_for_guest($run, qr//);
        is(finish($run)->{status}, $status, 'a case that passes when it is retried: exit status ' . $status . ($option ? " with $option" : ''));
    }
    write_file("$root/gates/g.gate", $gate);
    write_file("$root/fixtures/g/data", "data\n");
}

# ---- What it holds, and what goes ----
{
    my $own = "$dir/own";
    my @run = ('run', '--no-journal', '--out', "$dir/out", '--cache', $own, "$root/gates/g.gate");
    sub show { return harness('cache', @_, '--cache', "$dir/own")->{out} }
    is(show('show'), "$own: 0 results, 0 files, 0 bytes\n", 'a cache that is not there is empty');
    harness(@run);
    my ($first) = grep { -f } all_files("$own/entries");
    write_file("$root/gates/g.gate", $gate . "memory = 512M\n");
    harness(@run);
    my @entries = grep { -f } all_files("$own/entries");
    is(scalar @entries, 2, 'two results');
    like(show('show'), qr/^\S+: 2 results, 1 files, \S+ .?bytes?; used from \S+Z to \S+Z$/m, 'that share a file');
    is(() = show('show', '--all') =~ m{  g/c +1 files +5 bytes +passed \S+ in a run of \S+ without a journal$}mg, 2, 'each has a line');
    utime time - 40 * 86400, time - 40 * 86400, $first or die;
    like(show('prune'), qr/^removed 1 results, /, 'what was not used for 30 days goes');
    ok(!-e $first, 'that one');
    is(scalar(grep { -f } all_files("$own/objects")), 1, 'the file that the other names stays');
    is(outcome(harness(@run)), 'pass  unchanged', 'and serves it');
    write_file((grep { -f } all_files("$own/entries"))[0] =~ s/.$/x/r, 'harness-cache');
    like(show('show'), qr/; 1 damaged;/, 'a damaged entry is counted');
    like(show('prune', '--max-size', '1G', '--max-age', '9d'), qr/^removed 1 results/, 'and goes');
    like(show('prune', '--max-size', 1), qr/^removed 1 results, .*\n\S+: 0 results, 0 files, 0 bytes$/, 'all goes that is too large');
    harness(@run);
    write_file("$own/objects/00/" . '0' x 64, 'x') if mkdir "$own/objects/00" or -d "$own/objects/00";
    like(show('prune', '--all'), qr/0 results, 1 files, 1 byte$/m, 'a file may be waiting for its entry');
    utime time - 4000, time - 4000, "$own/objects/00/" . '0' x 64 or die;
    like(show('prune'), qr/0 results, 0 files, 0 bytes$/m, 'but not for long');
    # A run does it by itself.
    harness(@run);
    my ($entry) = grep { -f } all_files("$own/entries");
    utime 1, 1, $entry, "$own/pruned" or die;
    write_file("$root/gates/g.gate", $gate . "memory = 768M\n");
    harness(@run);
    ok(!-e $entry, 'a run that keeps a result removes what is too old');
    is(harness('cache', 'prune', '--cache', $own, "--max-$_->[0]", $_->[1])->{status}, 2, "no $_->[0]: $_->[1]")
        for ['size', 'x'], ['size', '-1'], ['age', '7'], ['age', '-1d'], ['age', '99999999999999999999d'];
    is(harness('cache', @$_)->{status}, 2, "refused: cache @$_") for [], ['clear'], ['show', 'x'];
    write_file("$root/gates/g.gate", $gate);
}

# ---- Eight at once ----
{
    my $fresh = "$dir/fresh";
    my @some = ('--no-journal', '--cache', $fresh, '--filter', 'tier1/*n*', 'gates/tier1.gate');
    my @runs = map { start('run', '--out', "$dir/out$_", @some) } 1 .. 8;
    is(finish($_)->{status}, 0, 'side by side') for @runs;
    my $run = harness('run', '--out', "$dir/out", @some);
    like($run->{out}, qr/^(\d+) passed, 0 failed; \1 unchanged in/m, 'all is known then');
    is(system("cd $dir/out && cat $FindBin::Bin/../../golden/tier1.sha256 | (cd tier1 && sha256sum -c --quiet --ignore-missing)") >> 8, 0,
        'and the files are right, says sha256sum');
    is(join(' ', grep { /\.tmp|XXXX|\.[A-Z0-9]{6}$/ } all_files($fresh)), '', 'nothing half written is left');
}
done_testing();
