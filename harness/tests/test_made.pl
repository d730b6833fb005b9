#!/usr/bin/perl
# A kernel that a case makes, and the other cases on it: run --kernel out:GATE/CASE/PATH.
use strict;
use warnings;
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use Test::More;

# "make" leaves the seed kernel with bytes behind it, which nothing reads: a kernel with a hash of its own.
my $root = temp_root();
write_file("$root/gates/made.gate", <<'END');
[gate]
proves = kernels are made by cases
needs = boot0
[case make]
transport = disk
file /init = out:boot0/catm/catm
file /in = build:kernel/Image
file /tail = random:7:16
argv = catm /Image /in /tail
exit = 0
[case broken]
like = make
argv = catm /Image /nowhere
[case tail]
like = make
argv = catm /Image /tail
[case which]
file /init = build:kernel/user/which
exit = 0
END
my @one = ('-f', 'tier1/one-byte', "$root/gates/tier1.gate");

# A run; {of} has the cases of its report by id.
sub run_made {
    my ($kernel, @words) = @_;
    my $run = harness('run', '--out', "$root/out", '--json', "$root/report", '--junit', "$root/junit", '--html', "$root/page", '--kernel', "out:$kernel", @words);
    $run->{of} = {map { $_->{id} => $_ } @{decode_json(read_file("$root/report"))->{cases}}} if $run->{status} != 2;
    return $run;
}

# ---- The cases on the made kernel, after those that make it ----
{
    my $run = run_made('made/make/Image', @one);
    is($run->{status}, 0, 'a case passes on a made kernel') or diag $run->{out};
    is(join(' ', sort keys %{$run->{of}}),
        join(' ', sort qw(boot0/hex0 boot0/hex1 boot0/hex2 boot0/catm made/make), qw(boot0@made/hex0 boot0@made/hex1 boot0@made/hex2 boot0@made/catm tier1@made/one-byte)),
        'the seed kernel runs what makes it, the made one what was asked for and what that needs');
    is(join(' ', grep { $run->{of}{$_}{verdict} ne 'pass' } sort keys %{$run->{of}}), '', 'and all pass');
    my ($seed, $made) = map { $run->{of}{$_}{attempts}[0]{kernel} } 'made/make', 'tier1@made/one-byte';
    is($made->{path}, "$root/out/made/make/Image", 'the report names the kernel of each case');
    is($made->{sha256}, (split ' ', `sha256sum $root/out/made/make/Image`)[0], 'by its hash too');
    isnt($made->{sha256}, $seed->{sha256}, 'which is not that of the seed kernel');
    like(read_file("$root/junit"), qr{name="tier1\@made".*?name="kernel" value="\Q$root\E/out/made/make/Image"}s, 'so does JUnit');
    like(read_file("$root/page"), qr{Kernel: \Q$root\E/out/made/make/Image, sha256 $made->{sha256}}, 'and the page');
    is(run_made('made/make/Image', '-j', 2, "$root/gates/made.gate", '-f', 'made/which')->{status}, 0, 'in a gate that makes it, too');
}

# ---- What goes wrong ----
{
    my $run = run_made('made/broken/Image', @one);
    is($run->{status}, 1, 'a case that should make it fails: exit status 1');
    is($run->{of}{'tier1@made/one-byte'}{verdict}, 'skip', 'nothing runs on it');
    $run = run_made('made/make/None', @one);
    is($run->{status}, 3, 'it passes and leaves no kernel: exit status 3');
    like($run->{out}, qr{the case named by --kernel passed, but left no file \S+/made/make/None}, 'and which file');
    like($run->{out}, qr{again: .* --kernel out:made/make/None .*--filter boot0/hex0 }, 'how to run it again');
    is(run_made('made/tail/Image', '--timeout-factor', '0.1', @one)->{status}, 1, 'what it made is no kernel: exit status 1');
    for (['made/mak/Image', qr/gate made has no case "mak"; did you mean "make"/], ['none/make/Image', qr/--kernel must be a file, or out:GATE\/CASE\/PATH/],
        ['made/make', qr/--kernel must be a file, or out:/]) {
        my ($kernel, $why) = @$_;
        my $refused = run_made($kernel, @one);
        is($refused->{status}, 2, "out:$kernel: exit status 2");
        like($refused->{out}, $why, 'and why');
    }
    is(run_made('made/make/Image', '--driver', 'both', @one)->{status}, 2, 'no other driver beside it');
    like(harness('bless', '--kernel', 'out:made/make/Image', "$root/gates/tier1.gate")->{out}, qr/goldens are recorded on the seed kernel/, 'no bless');
    like(harness('run', 'tier1@made/empty')->{out}, qr/leave \@made out: --kernel out:GATE/, 'a label is no name of a case');
}

done_testing();
