#!/usr/bin/perl
# What bless records, what it keeps, and what it refuses.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $root = temp_root();
my ($gate, $golden) = ("$root/gates/b.gate", "$root/golden/b.sha256");
delete @ENV{qw(CI_NODE_INDEX CI_NODE_TOTAL TEST_SHARD_INDEX TEST_TOTAL_SHARDS)};

my $cases = join '', map { "[case $_]\nfile /init = build:kernel/user/true\nfile /o = \"$_\"\nexit = 0\nexpect /o = golden\n" } qw(one two three);
write_file($gate, "[gate]\nproves = x\n$cases");

sub bless_gate { return harness('bless', '--no-journal', '--out', "$root/out", @_, $gate) }

# The names that the golden file has.
sub names { return join ' ', read_file($golden) =~ /^[0-9a-f]{64}  (\S+)$/mg }

is(bless_gate()->{status}, 0, 'bless');
my $recorded = read_file($golden);
is(names(), 'one/o three/o two/o', 'records every case');

# ---- Shards ----
my $shard = bless_gate('--shard', '1/2');
is($shard->{status}, 2, '--shard is refused');
like($shard->{out}, qr/whole gates; it does not accept --shard/, 'in words');
for ([CI_NODE_INDEX => 1, CI_NODE_TOTAL => 2], [TEST_SHARD_INDEX => 0, TEST_TOTAL_SHARDS => 3]) {
    local %ENV = (%ENV, @$_);
    my $run = bless_gate();
    is($run->{status}, 0, "$_->[0]: bless");
    like($run->{out}, qr/ignores the variables that set a shard/, "$_->[0]: says that it does not count");
    is(read_file($golden), $recorded, "$_->[0]: no golden is lost");
}

# ---- Cases that do not run ----
edit($gate, sub { s/\[case two\]/$&\ndrivers = linux/ });
my $kept = bless_gate();
is($kept->{status}, 0, 'a case that the seed kernel cannot run');
is(read_file($golden), $recorded, 'keeps its golden');
like($kept->{out}, qr/^b: kept 1 goldens of cases that did not run$/m, 'which is said');
edit($golden, sub { s/^.*two.*\n//m });
my $linux = bless_gate('--driver', 'linux');
is($linux->{status}, 0, 'bless --driver linux');
like($linux->{out}, qr{^b/two/o: new, [0-9a-f]{12}$}m, 'records what only Linux can run');
is(read_file($golden), $recorded, 'and keeps the others');
edit($gate, sub { s/\[case three\].*//s });
is(bless_gate()->{status}, 0, 'a case that is gone');
is(names(), 'one/o two/o', 'takes its golden along');

# ---- Runs that do not agree ----
{
    local $ENV{FAKE_TRANSCRIPT} = "$root/transcript";
    local $ENV{HARNESS_QEMU_PATHS} = $root;
    write_file("$root/transcript", <<'E');
=== BOOT mem=1073741824 freq=62500000 ticks=1 nonce=@NONCE@ ===
=== SPAWN pid=1 ppid=0 argc=1 path=/init argv=init ticks=2 nonce=@NONCE@ ===
=== EXIT pid=1 status=0 ticks=3 nonce=@NONCE@ ===
=== DUMP-BEGIN nonce=@NONCE@ ===
=== FILE path=/out size=5 nonce=@NONCE@ ===
68656c6c6f
=== DUMP-END nonce=@NONCE@ ===
=== END status=0 files=1 leaked-pages=0 ticks=4 nonce=@NONCE@ ===
E
    my @thrice = ('--qemu', $Support::FAKE_QEMU, '--repeat', 3);
    write_file($gate, "[gate]\nproves = x\n[case one]\nargv = none\nfile /init = \"i\"\nexit = 0\nexpect /out = golden\n");
    is(bless_gate(@thrice)->{status}, 0, '--repeat: three equal runs');
    my $before = read_file($golden);
    edit($gate, sub { s/argv = none/argv = vary/ });
    my $vary = bless_gate(@thrice);
    is($vary->{status}, 1, '--repeat: runs that leave different files are refused');
    like($vary->{out}, qr{/out: the content differs from that of an earlier attempt\n.*\n.*\n +first difference at byte 4 }, 'the first difference is shown');
    like($vary->{out}, qr/^no golden was changed/m, 'and nothing is recorded');
    is(read_file($golden), $before, 'the golden file is as it was');
}

done_testing();
