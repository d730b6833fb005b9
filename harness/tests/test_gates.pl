#!/usr/bin/perl
# early: it takes minutes
# Every gate, or those of GATES. Then, without GATES, what a second run of all of them runs: nothing, and
# after a change of files what these files reach.
use strict;
use warnings;
use File::Basename;
use File::Copy;
use File::Path 'make_path';
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $dir = temp_folder();
my @gates = split ' ', $ENV{GATES} // '';

# Runs gates in `root` with the cache of this suite; returns the JSON report.
my $runs = 0;
sub run_gates {
    my ($root, @arguments) = @_;
    my $json = "$dir/" . ++$runs . '.json';
    my $run = harness('run', '-j', 2, '--out', "$dir/out", '--cache', "$dir/cache", '--journal', "$dir/run-$runs.jsonl", '--json', $json, @arguments);
    BAIL_OUT("no report: $run->{out}") if !-e $json;
    return (decode_json(read_file($json)), $run);
}

# ---- All of them ----
{
    my ($report, $run) = run_gates('.', '--fresh', @gates ? @gates : 'gates');
    for my $case (@{$report->{cases}}) {
        my $verdict = $case->{verdict};
        my @findings = map { $_->{text} } @{$case->{attempts}[0]{findings}};
      SKIP: {
            skip "$case->{id}: @findings", 1 if $verdict eq 'skip' && "@findings" =~ /^not for the driver/;
            is($verdict, 'pass', $case->{id}) or diag @findings;
        }
    }
    is($run->{status}, 0, 'exit status 0');
}
if (@gates) {
    done_testing();
    exit;
}

# ---- The same project in another place ----
my $root = "$dir/project";
make_path($root);
system('cp', '-a', qw(gates golden fixtures), $root) == 0 or die;

# What the gates read, by case: "HOST PATH", or "GATE/CASE/PATH" of an output; trees end in "/".
my (%reads, $gate, $case);
for (split /\n/, harness('check', 'gates')->{out}) {
    $gate = $1 if /^gate (\S+):/;
    $case = "$gate/$1" if /^  case (\S+)$/;
    push @{$reads{$case}}, $1 if /^    kernel = (\S+)/;
    my ($tree, $sources) = /^    (?:file|expect|(tree)) \S+ = (.*)/ or next;
    my $end = $tree ? '/' : '';
    # A text may say anything.
    $sources =~ s/"(?:[^"\\]|\\.)*"//g;
    push @{$reads{$case}}, "$1$end" while $sources =~ /\bout:(\S+)/g;
    push @{$reads{$case}}, "build/$1$end" while $sources =~ /\bbuild:(\S+)/g;
    push @{$reads{$case}}, ($1 eq '/' ? 'fixtures/' : "fixtures/$gate/") . "$2$end" while $sources =~ m{\bfixture:(/?)(\S+)}g;
}
cmp_ok(scalar keys %reads, '>', 150, 'what each case reads is known');
my %built = map { $_ => 1 } 'build/kernel/Image', grep { m{^build/} } map { @$_ } values %reads;
for (sort keys %built) {
    make_path(dirname("$root/$_"));
    system('cp', '-a', s{/$}{}r, "$root/" . dirname($_)) == 0 or die;
}

# Whether the result is that of an earlier run. Two cases may be equal, and the second be proved by the first.
sub is_unchanged {
    my ($case) = @_;
    my $by = $case->{attempts}[-1]{proved_by};
    return defined $by && $by ne "run-$runs";
}

# The ids of the cases that have run.
sub those_that_ran {
    my ($report) = @_;
    is_deeply([map { $_->{id} } grep { $_->{verdict} !~ /^(pass|skip)$/ } @{$report->{cases}}], [], 'all passed');
    return sort map { $_->{id} } grep { $_->{verdict} eq 'pass' && !is_unchanged($_) } @{$report->{cases}};
}

{
    my ($report, $run) = run_gates($root, "$root/gates");
    is(join(' ', those_that_ran($report)), '', 'in another place nothing runs that has passed');
    like($run->{out}, qr/^(\d+) passed, 0 failed, 1 skipped; \1 unchanged in/m, 'the summary counts it');
}

# ---- One file of each stage changes ----
my %outputs = map { $_ => 1 } grep { -f } all_files("$dir/out");
my %before = map { $_ => read_file($_) } keys %outputs;
my @changed = qw(fixtures/boot0/catm.hex2 fixtures/boot1/sum.m1 fixtures/boot2/catm.m1 fixtures/boot3/tree.scm fixtures/boot4/memory.c
    fixtures/boot5/hello.c build/boot6/kernel/line.c fixtures/boot7/hello.c build/kernel/user/true fixtures/tier2/driver.scm);
my %comment = (hex2 => "# x\n", m1 => "# x\n", scm => "; x\n", c => "/* x */\n");
for (@changed) {
    open my $file, '>>', "$root/$_" or die "$_: $!";
    print $file $comment{(m{\.(\w+)$})[0] // ''} // "x\n";
    close $file;
}
my ($report) = run_gates($root, "$root/gates");
my @ran = those_that_ran($report);
# What a case has left that is no longer the same.
my @different = map { s{^\Q$dir\E/out/}{}r } grep { !-f || read_file($_) ne $before{$_} } keys %before;
my @sources = (@changed, @different);
sub reads_one {
    my ($case) = @_;
    for my $read (@{$reads{$case}}) {
        return 1 if grep { $read =~ m{/$} ? index($_, $read) == 0 : $_ eq $read } @sources;
    }
    return 0;
}
is_deeply(\@ran, [sort grep { reads_one($_) } keys %reads], 'just the cases run that read what has changed');
my %gates_that_ran = map { s{/.*}{}r => 1 } @ran;
is(join(' ', sort keys %gates_that_ran), 'boot0 boot1 boot2 boot3 boot4 boot5 boot6 boot7 drivers kernel tier2', 'some of each stage');
cmp_ok(scalar @ran, '<', keys(%reads) / 2, 'not all');
done_testing();
