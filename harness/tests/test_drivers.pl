#!/usr/bin/perl
# early: it takes minutes
# The driver "linux": the same cases on Debian's kernel, and "both", which compares their files.
use strict;
use warnings;
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $out = temp_folder();
my @plain = ('--no-journal', '--out', $out);

# ---- Both: what the chain has so far, and what its programs rely on ----
{
    # tier1's case "compile" wants tcc0, which the host has made of the same sources.
    my $root = temp_root();
    edit("$root/gates/tier1.gate", sub { s{^needs = .*}{needs = boot0}m; s{out:boot3/tcc0/tcc0}{build:boot3/host/tcc0} });
    my $run = harness('run', @plain, '-j', 2, '--driver', 'both', map { "$root/gates/$_.gate" } qw(boot0 tier1 drivers));
    is($run->{status}, 0, 'boot0, tier1 and drivers: the same on both') or diag $run->{out};
    my %passed;
    $passed{$1 ? 'linux' : 'seed'}++ while $run->{out} =~ m{^pass +\w+(\@linux)?/}mg;
    cmp_ok($passed{linux}, '>', 15, 'cases ran on Linux');
    is($passed{linux}, $passed{seed}, 'each case ran on both');
    my @files = split /\n/, qx(find $out -path '*\@linux/*');
    cmp_ok(scalar @files, '>', 20, 'files came out of Linux');
    is_deeply([grep { m{/(\.harness|dev|root)\b} } @files], [], 'and none of the driver\'s own');
    my ($seed) = $run->{out} =~ m{^gate drivers: (\d+) passed}m;
    my ($linux) = $run->{out} =~ m{^gate drivers\@linux: (\d+) passed}m;
    is($linux, $seed, 'gates are counted apart');
}

# ---- Linux as a kernel whose console is judged ----
{
    my $run = harness('run', @plain, 'gates/linux/console.gate');
    is($run->{status}, 0, 'a kernel that none of us wrote is judged by its console') or diag $run->{out};
}

# ---- A program that is root there tries what would forge a run ----
{
    my $run = harness('run', @plain, 'gates/linux/hostile.gate', '--driver', 'linux');
    is($run->{status}, 0, 'a hostile program on Linux is allowed nothing') or diag $run->{out};
}

# ---- Arguments that fill several pages of the stack, in the SPAWN line ----
{
    my $root = temp_root();
    my @arguments = ('init', 6, 'x' x 3000, (map { "y$_" x 40 } 1 .. 150), 'z' x 5000);
    open my $gate, '>', "$root/gates/long.gate" or die;
    print $gate "[gate]\nproves = arguments of 30 KB\n[case long]\nabout = the SPAWN line has them all\n",
        "file /init = build:kernel/user/child\nargv = @arguments\nexit = 6\n";
    close $gate;
    my $run = harness('run', '--out', "$root/out", '--driver', 'both', '--journal', "$root/journal", "$root/gates/long.gate");
    is($run->{status}, 0, 'arguments of 30 KB, on both') or diag $run->{out};
    open my $journal, '<', "$root/journal" or die;
    my @argv = map { $_->{argv} } grep { $_->{event} eq 'spawn' } map { decode_json($_) } <$journal>;
    is_deeply(\@argv, [([map { "$_" } @arguments]) x 2], 'both lines have them all');
}

# ---- A file that differs ----
{
    my $run = harness('run', @plain, '--driver', 'both', 'gates/selftest/counterpart.gate');
    is($run->{status}, 1, 'a file that differs: exit status 1');
    like($run->{out}, qr{^pass    selftest/counterpart/which}m, 'it is no fault of the seed kernel\'s run');
    like($run->{out}, qr{^fail    selftest/counterpart\@linux/which.*\n    /which: the content differs from the file of the counterpart on the seed kernel}m,
        'it is named');
    like($run->{out}, qr{expected 00000000 .*\|seed\.\|\n +actual   00000000 .*\|linux\.\|}, 'and shown from both sides');
    like($run->{out}, qr{again: .* run --out \S+ --driver both --filter selftest/counterpart/which gates/selftest/counterpart\.gate}, 'and how to run it again');
}

# ---- What does not go well on Linux ----
my %ends = (
    timeout  => [1, qr/^timeout selftest\/timeout\@linux\/spin/m, qr/did not end within 12 s \(timeout\); the last kernel line came .* earlier: SPAWN \/init/],
    fault    => [1, qr/^fail    selftest\/fault\@linux\/null-read/m, qr/a fault killed init: ELR 0x6[0-9a-f]+, address \(FAR\) 0x0/,
        qr/last fault at 0x6\w+  \w+ at fault\.c:\d+, in \/init/],
    panic    => [1, qr/^panic   selftest\/panic\@linux\/no-program/m, qr/the kernel panicked: linux init: cannot run: \/init errno=8/],
    forged   => [1, qr/^fail    selftest\/forged\@linux\/forge/m, qr/a program printed 8 lines that look like kernel lines/],
    mismatch => [1, qr/^fail    selftest\/mismatch\@linux\/join/m, qr/first difference at byte 28 \(0x1c\)/],
);
for my $name (sort keys %ends) {
    my ($status, @shown) = @{$ends{$name}};
    my $run = harness('run', @plain, '--driver', 'linux', "gates/selftest/$name.gate");
    is($run->{status}, $status, "$name: exit status $status");
    like($run->{out}, $_, "$name shows $_") for @shown;
}

# ---- Cases that are not for Linux, and a missing kernel ----
{
    my $run = harness('run', @plain, '--driver', 'linux', '--filter', 'kernel/e*', 'gates/kernel.gate');
    is($run->{status}, 0, 'a case that is not for the driver is no fault');
    like($run->{out}, qr/^skip    kernel\@linux\/el2 +not for the driver linux: the key "drivers" of the gate does not name it$/m, 'but it is shown, with the reason');
    $run = harness('run', @plain, '--driver', 'linux', '--filter', 'kernel/el2', 'gates/kernel.gate');
    is($run->{status}, 1, 'a run of nothing has shown nothing: exit status 1');
    like($run->{out}, qr/^harness: no case was run: the driver given by --driver supports none/m, 'and says so');
    $run = harness('run', @plain, '--driver', 'lisa', 'gates/tier1.gate');
    is($run->{status}, 2, 'an unknown driver: exit status 2');
    like($run->{out}, qr/--driver must be seed, linux, both or hex/, 'which are known');
    $run = harness('bless', '--driver', 'linux', 'gates/tier1.gate');
    is($run->{status}, 2, 'goldens are not blessed on Linux');

    my $root = temp_folder();
    mkdir "$root/gates" or die;
    my $gate = "$root/gates/a.gate";
    open my $out, '>', $gate or die;
    print $out "[gate]\nproves = x\n[case c]\nfile /init = \"x\"\nexit = 0\n";
    close $out;
    $run = harness('run', '--no-journal', '--driver', 'linux', $gate);
    is($run->{status}, 3, 'no Linux kernel, and no sources to make it: exit status 3');
    like($run->{out}, qr{^harness: the driver linux needs vmlinuz, .* in \Q$root\E/build/linux; "make linux" in the sources of harness creates them}m, 'and what to do');

    # A tree of sources is asked to make it; a stand-in takes what is built here.
    my $built = Cwd::abs_path('build/linux');
    mkdir "$root/tools" or die;
    write_file("$root/tools/fetch-linux", '');
    write_file("$root/Makefile", "linux:\n\techo fetching\n\tfalse\n");
    $run = harness('run', '--no-journal', '--driver', 'linux', $gate);
    is($run->{status}, 3, 'where it cannot be made: exit status 3');
    like($run->{out}, qr/fetching Debian's Linux kernel .*, once, by "make linux"\n(?s:.*)fetching\n(?s:.*)"make linux" did not create them/, 'with what was tried');
    write_file("$root/Makefile", "linux:\n\tmkdir -p build && cp -r $built build/linux\n");
    write_file($gate, "[gate]\nproves = x\n[case c]\nfile /init = \"x\"\nexit = 0\n");
    $run = harness('run', '--no-journal', '--driver', 'linux', $gate);
    like($run->{out}, qr/, once, by "make linux"\n/, 'the first run fetches it, and says so');
    like($run->{out}, qr/^panic +a\@linux\/c/m, 'and runs');
    unlike(harness('run', '--no-journal', '--driver', 'linux', $gate)->{out}, qr/make linux/, 'the second has it');
}
done_testing();
