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
my $missing = qr/\/init made system calls that the seed kernel does not have: set_tid_address \(96\), .*; it has (.*?): link/;
{
    my $run = harness('exec', "$dir/hello");
    is($run->{status}, 139, 'faults on the seed kernel');
    like($run->{out}, qr/^harness: $missing/m, 'exec names the calls that are missing');
    my %has = map { $_ => 1 } grep { $_ ne 'and' } $run->{out} =~ $missing ? split /[ ,]+/, $1 : ();
    my %calls = map { lc($_) => 1 } read_file('kernel/syscall.c') =~ /case NR_(\w+)/g;
    is_deeply(\%has, \%calls, 'and all that there are');
    unlike(harness('exec', $hello)->{out}, qr/system calls/, 'nothing is said of a program that makes none of them');
    my $root = temp_root();
    write_file("$root/gates/first.gate", "[gate]\nproves = x\n[case a]\nfile /init = fixture:hello\nexit = 0\n");
    unlink "$root/fixtures";
    mkdir $_ or die for "$root/fixtures", "$root/fixtures/first";
    rename "$dir/hello", "$root/fixtures/first/hello" or die;
    my $gate = harness('run', '--out', "$root/out", '--journal', "$root/j", '--html', "$root/page", "$root/gates/first.gate");
    like($gate->{out}, qr/^fail .*\n    init was killed by a fault.*\n(    .*\n)*?    $missing/m, 'the verdict does');
    like(read_file("$root/page"), $missing, 'and the page');
    like(read_file("$root/j"), qr/"event":"enosys",.*"number":96,"name":"set_tid_address"/, 'and the journal');
}

done_testing();
