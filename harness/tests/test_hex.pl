#!/usr/bin/perl
# The driver "hex": the seed and K0 instead of the seed kernel. fixtures/seed/tests/test_world.py runs the rest of the
# chain on them.
use strict;
use warnings;
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $root = temp_root();
my @plain = ('--no-journal', '--out', "$root/out", '--driver', 'hex');

# ---- The chain leaves the bytes that it leaves on the seed kernel: the goldens ----
{
    my $run = harness('run', '--out', "$root/out", '--driver', 'hex', '-j', 0, '--json', "$root/report", map { "gates/$_.gate" } qw(boot0 boot1 boot2 tier2 kernel));
    is($run->{status}, 0, 'boot0 to boot2, tier2 and the kernel\'s cases for K0 pass on it') or diag $run->{out};
    my @cases = @{decode_json(read_file("$root/report"))->{cases}};
    # Why a case of the gate kernel does not apply: a table in fixtures/seed/README.md, which a test there compares.
    my @skipped = map { $_->{id} } grep { $_->{verdict} eq 'skip' && $_->{gate} ne 'kernel@hex' } @cases;
    cmp_ok(scalar(grep { $_->{verdict} eq 'pass' && $_->{gate} eq 'kernel@hex' } @cases), '>=', 9, 'nine of the kernel at least');
    is("@skipped", 'boot2@hex/out-of-memory tier2@hex/fault', 'but for what ends K0');
    cmp_ok(@cases - @skipped, '>', 45, 'cases ran');
    my ($seed) = split ' ', `sha256sum build/world/seed`;
    is_deeply([grep { $_->{attempts}[0]{kernel}{sha256} ne $seed } grep { $_->{verdict} eq 'pass' } @cases], [], 'on the seed');
}

# ---- What K0 is given, and what is judged ----
sub run_case {
    my ($text) = @_;
    write_file("$root/gates/hex.gate", "[gate]\nproves = x\n[case c]\nfile /init = build:boot0/host/catm\n$text");
    return harness('run', @plain, '--transcripts', "$root/console", "$root/gates/hex.gate");
}
my $good = "argv = catm /out /in /in\nfile /in = \"text\"\nexit = 0\n";
is(run_case("${good}expect /out = \"texttext\"\nspawns = 9\n")->{status}, 0, 'arguments and files; programs are not counted');
{
    my $console = read_file("$root/console/hex\@hex/c.console");
    my %nonces = map { $_ => 1 } $console =~ /^=== .* nonce=(\d{20}) ===$/mg;
    is(scalar keys %nonces, 1, 'every kernel line has the nonce of the run');
    unlike($console, qr/^=== (?!.* nonce=)/m, 'and none lacks it');
    run_case("${good}expect /out = \"texttext\"\n");
    unlike(read_file("$root/console/hex\@hex/c.console"), qr/nonce=${\(keys %nonces)} /, 'the next run has another');
}
is(run_case("${good}expect /out = \"text\"\n")->{status}, 1, 'another file fails');
is(run_case("argv = catm /out /none\nexit = 0\n")->{status}, 1, 'another status fails');
is(run_case("argv = catm /out /none\nexit = 1\n")->{status}, 0, 'and passes where it is expected');
{
    my $blank = run_case("argv = catm \"a b\"\nexit = 0\n");
    is($blank->{status}, 1, 'nothing was run');
    like($blank->{out}, qr/^skip .*not for the driver hex: an argument is empty or has a blank/m, 'an argument with a blank cannot be given');
    my $not = run_case("${good}drivers = seed linux\n");
    like($not->{out}, qr/^skip .*not for the driver hex: the key "drivers" of the gate does not name it/m, 'nor what the gate rules out');
}
write_file("$root/gates/fault.gate", "[gate]\nproves = x\n[case c]\nfile /init = build:kernel/user/fault\nargv = fault null-read\nsignal = SIGSEGV\n");
like(harness('run', @plain, "$root/gates/fault.gate")->{out}, qr/^panic .*\n    the kernel panicked: fault esr=/m, 'a fault is a panic of K0');
like(harness('run', '--driver', 'hexx', 'tier1')->{out}, qr/--driver must be seed, linux, both or hex, not "hexx"; did you mean "hex"/, 'no other word');

# ---- The cache: another K0 is another kernel ----
{
    my $kernel = read_file('fixtures/seed/K0.hex0');
    unlink "$root/fixtures" or die;
    mkdir $_ or die for "$root/fixtures", "$root/fixtures/seed";
    write_file("$root/fixtures/seed/K0.hex0", $kernel);
    write_file("$root/gates/hex.gate", "[gate]\nproves = x\n[case c]\nfile /init = build:boot0/host/catm\n$good");
    my @cached = ('run', @plain, '--cache', "$root/cache", "$root/gates/hex.gate");
    is(harness(@cached)->{status}, 0, 'a run that fills the cache');
    like(harness(@cached)->{out}, qr/^pass .* unchanged since /m, 'is not repeated');
    write_file("$root/fixtures/seed/K0.hex0", "# changed\n$kernel");
    unlike(harness(@cached)->{out}, qr/unchanged/, 'but with another text of K0 it is');
}

done_testing();
