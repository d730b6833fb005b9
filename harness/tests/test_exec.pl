#!/usr/bin/perl
# One program, as a newcomer runs it: a compiler's first hello, files, limits, standard input.
use strict;
use warnings;
use Cwd qw(abs_path);
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $dir = temp_folder();
my $hello = 'build/kernel/user/hello';

# ---- The first program ----
# glibc makes calls that the seed kernel does not have, and faults far from them.
write_file("$dir/hello.c", qq{#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n});
is(system('aarch64-linux-gnu-gcc', '-static', '-o', "$dir/hello", "$dir/hello.c"), 0, 'a static program of glibc');
my $missing = qr/\/init made system calls that the seed kernel does not have: set_robust_list \(99\), .*; the kernel has (.*?): link/;
{
    my $run = harness('exec', "$dir/hello");
    is($run->{status}, 139, 'faults on the seed kernel');
    like($run->{out}, qr/^harness: $missing/m, 'exec names the calls that are missing');
    my %has = map { $_ => 1 } grep { $_ ne 'and' } $run->{out} =~ $missing ? split /[ ,]+/, $1 : ();
    my %calls = map { lc($_) => 1 } read_file('kernel/abi/syscalls.h') =~ /^ +X\((\w+), /mg;
    is_deeply(\%has, \%calls, 'and all that there are');
    unlike(harness('exec', $hello)->{out}, qr/system calls/, 'nothing is said of a program that makes none of them');
    my $root = temp_root();
    write_file("$root/gates/first.gate", "[gate]\nproves = x\n[case a]\nfile /init = fixture:hello\nexit = 0\n");
    unlink "$root/fixtures";
    mkdir $_ or die for "$root/fixtures", "$root/fixtures/first";
    rename "$dir/hello", "$root/fixtures/first/hello" or die;
    my $gate = harness('run', '--out', "$root/out", '--journal', "$root/j", '--html', "$root/page", "$root/gates/first.gate");
    like($gate->{out}, qr/^fail .*\n    a fault killed init.*\n(    .*\n)*?    $missing/m, 'the verdict does');
    like(read_file("$root/page"), $missing, 'and the page');
    like(read_file("$root/j"), qr/"event":"enosys",.*"number":99,"name":"set_robust_list"/, 'and the journal');
}

# ---- Files and folders ----
my $catm = abs_path('build/boot0/host/catm');
mkdir $_ or die for "$dir/in", "$dir/in/deep", "$dir/full";
write_file("$dir/in/a", 'a');
write_file("$dir/in/deep/b", 'b');
write_file("$dir/full/x", 'x');
{
    my $run = harness('exec', '--file', "$dir/in:/lib", '-o', "$dir/out", $catm, '/c', '/lib/a', '/lib/deep/b');
    is($run->{status}, 0, 'a folder with --file');
    is(read_file("$dir/out/c"), 'ab', 'its files are in the guest');
    is(harness('exec', '--file', "$dir/in/:/", '-o', "$dir/out2", $catm, '/c', '/a', '/deep/b')->{status}, 0, 'at / too');
    symlink '..', "$dir/in/loop" or die;
    my $loop = harness('exec', '--file', "$dir/in:/lib", $hello);
    is($loop->{status}, 2, 'a link to a folder is refused');
    like($loop->{out}, qr{in/loop is a link to a folder; name the folder itself with --file}, 'in words');
    for (["$dir/full", qr/the folder is not empty/], ["$dir/full/x", qr/it exists and is not a folder/], ["$dir/no/out", qr/its parent folder does not exist/]) {
        my ($out, $why) = @$_;
        my $refused = harness('exec', '-o', $out, $hello);
        is($refused->{status}, 2, "-o $out: exit status 2");
        like($refused->{out}, qr/\Aharness: --out \Q$out\E: $why; nothing was run\n\z/, 'before it runs');
    }
    mkdir "$dir/empty" or die;
    is(harness('exec', '-o', "$dir/empty", $hello)->{status}, 0, 'an empty folder is taken');
}

# ---- Limits, drivers, words ----
{
    my $run = harness('exec', '--timeout', '1500ms', 'build/kernel/user/spin');
    is($run->{status}, 124, '--timeout: exit status 124');
    like($run->{out}, qr/did not end within 1.5 s \(timeout\).*\nstopped at 0x6\w+  main at spin\.c/s, 'and where it was');
    for my $wrong (qw(5 1.5.s 0s -1s 2d 25h)) {
        my $refused = harness('exec', '--timeout', $wrong, $hello);
        is($refused->{status}, 2, "--timeout $wrong: exit status 2");
        like($refused->{out}, qr/--timeout must be a number with ms, s, m or h/, 'in words') if $wrong ne '-1s';
    }
    my $child = harness('exec', '--icount', '--', 'build/kernel/user/child', '7', '--', '-x');
    is("$child->{out}$child->{status}", "build/kernel/user/child\n7\n--\n-x\n7", '-- ends the options of harness, and no others');
    my $linux = harness('exec', '--driver', 'linux', '-o', "$dir/linux", '--file', "$dir/in/a:/a", $catm, '/c', '/a', '/a');
    is("$linux->{out}$linux->{status}", '0', '--driver linux');
    is(read_file("$dir/linux/c"), 'aa', 'and what was left there');
    like(harness('exec', '--driver', 'linxu', $hello)->{out}, qr/not "linxu"; did you mean "linux"\?/, 'an unknown one');
}

# ---- Standard input ----
{
    my $out = "$dir/shown";
    my %inputs = ("<LICENSE" => 1, '</dev/null' => 0, "<$dir/nothing" => 0, '<&-' => 0);
    write_file("$dir/nothing", '');
    for my $input (sort keys %inputs) {
        is(system('sh', '-c', "\"\$0\" exec $hello $input >$out 2>&1", $Support::PROGRAM), 0, "exec $input");
        is(read_file($out) =~ /^harness: standard input is ignored.*--stdin - passes it on/m ? 1 : 0, $inputs{$input}, 'and what is said');
    }
    like(`echo x | $Support::PROGRAM exec $hello 2>&1`, qr/is ignored/, 'a pipe');
}

# ---- Standard input and environment of the program ----
{
    my $startup = 'build/kernel/user/startup';
    my $long = join '', map { "line $_\n" } 1 .. 50_000;
    write_file("$dir/long", $long);
    for my $driver ('seed', 'linux') {
        my $exec = "$Support::PROGRAM exec --driver $driver";
        is(`cat $dir/long | $exec --stdin - $startup 2>&1`, $long, "--stdin - passes a pipe on, $driver");
        is(`(read line; $exec --stdin - $startup) <$dir/long 2>&1`, $long =~ s/^.*\n//r, "from where a file was read to, $driver");
        is(`$exec --stdin $dir/in/a --env 'A=two words' --env B= $startup 2>&1; echo \$?`, "A=two words\nB=\na2\n", "a file, and --env, $driver");
    }
    for ([['--env', '=x'], qr/--env must be NAME=VALUE without a newline, not =x/], [['--env', "A=1\nB"], qr/--env must be NAME=VALUE/],
        [['--stdin', "$dir/none"], qr/none: No such file/], [['--stdin', "$dir/in/a", '--file', "$dir/in/a:/init.stdin"], qr/\/init.stdin is already in use/]) {
        my ($words, $why) = @$_;
        my $run = harness('exec', @$words, $startup);
        is($run->{status}, 2, "@$words: refused");
        like($run->{out}, $why, 'in words');
    }
}

# ---- Programs that no guest here can run ----
{
    write_file("$dir/data", 'x' x 100);
    is(system('aarch64-linux-gnu-gcc', '-o', "$dir/dynamic", "$dir/hello.c"), 0, 'a dynamic program');
    for (['/bin/sh', qr/is a program for /], ["$dir/data", qr/is no ELF program/], ["$dir/dynamic", qr/is not linked for a fixed address/]) {
        my ($prog, $why) = @$_;
        my $run = harness('exec', $prog);
        is($run->{status}, 2, "$prog: exit status 2");
        like($run->{out}, qr/\Aharness: \Q$prog\E $why.*build it with: aarch64-linux-gnu-gcc -static -no-pie\n\z/, 'what it is, and what to do');
    }
}

# ---- From anywhere ----
{
    my $program = abs_path($Support::PROGRAM);
    my $absolute = abs_path($hello);
    is(`cd / && $program exec $absolute 2>&1`, "hello\n", 'it finds the kernel of its own tree');
}

done_testing();
