#!/usr/bin/perl
# Dialogs on further serial ports. The guest prints on each port what comes on the other, so that an answer on
# one shows what the other was sent.
use strict;
use warnings;
use File::Copy;
use File::Path 'make_path';
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use Test::More;

plan skip_all => 'qemu-system-x86_64 is not there (qemu-system-x86)' if !grep { -x "$_/qemu-system-x86_64" } split /:/, $ENV{PATH};

my $root = temp_root();
unlink "$root/build";
make_path("$root/build/others");
copy('build/others/ports.img', "$root/build/others/ports.img") or die;

my $head = "[gate]\nproves = x\narch = x86_64\nmachine = pc\nkernel = build/others/ports.img\nhang = 2s\n";
sub run_cases {
    my ($cases, @options) = @_;
    write_file("$root/gates/x.gate", $head . $cases);
    return harness('run', '--out', "$root/out", @options, "$root/gates/x.gate");
}
sub run_case { my ($lines, @options) = @_; return run_cases("[case c]\nserial second = log\n$lines", @options) }
sub log_of { return read_file("$root/out/x/c/second.log") }

# ---- Side by side ----
my $turns = '';
my ($one, $two) = ('', '');
for my $turn (1 .. 20) {
    $one .= "dialog = send \"ping $turn\\n\" wait \"pong $turn\\n\"\n";
    $two .= "dialog second = wait \"ping $turn\\n\" send \"pong $turn\\n\"\n";
}
my $run = run_case("dialog = wait \"port> \"\ndialog second = wait \"port> \"\n$one$two");
is($run->{status}, 0, 'twenty turns between two ports') or diag $run->{out};
is(log_of(), 'port> ' . join('', map { "ping $_\n" } 1 .. 20), 'the log has what the port printed, and not what it was sent');

my $long = join '', map { sprintf '%05d', $_ } 1 .. 8000;
$run = run_case("dialog = wait \"port> \" send \"$long\\n\"\ndialog second = wait \"07999(\\\\d+)\\n\" answer \"end {1}\\n\"\ndialog = wait \"end 08000\"\ntimeout = 60s\n");
is($run->{status}, 0, '40,000 bytes through a port') or diag $run->{out};
ok(log_of() eq "port> $long\n", 'each of them');
$run = run_case("dialog second = wait \"port> \" send \"$long\\n\"\ndialog = wait \"08000\\n\"\ntimeout = 60s\n");
is($run->{status}, 0, 'and the other way') or diag $run->{out};

is(run_case("dialog = wait \"port> \" send \"a\\n\"\ndialog second = maybe \"banner\" send \"skip\\n\" wait \"a\\n\" quiet 200ms \"^\$\" send \"b\\n\"\ndialog = wait \"b\\n\" within 5s\n")->{status}, 0,
    'maybe, quiet and within hold on a port');
is(run_cases("[dialog login]\ndialog = wait \"port> \" send \"me\\n\"\n[case c]\nserial second = log\ndialog second = include login\ndialog = wait \"me\\n\"\n")->{status}, 0,
    'include names steps for a port');
is(run_cases("[case a]\nserial second = log\ndialog second = wait \"never\"\n[case c]\nlike = a\ndialog second = wait \"port> \"\n", '-f', 'x/c')->{status}, 0,
    'a case takes the place of the steps that it copies');
is(run_cases("[case c]\nserial {n} = log\neach n = a b\ndialog {n} = wait \"port> \"\n")->{status}, 0, 'each');

# ---- What goes wrong ----
my %wrong = (
    'a hang names the port' => ["dialog = wait \"port> \"\ndialog second = wait \"port> \" wait \"never comes\"\n",
        qr/^hang .*\n.*\n +the dialog on the port "second" still waits for "never comes" \(step 2 of 2\)$/m],
    'or both' => ["dialog = wait \"not this\"\ndialog second = wait \"nor that\"\n",
        qr/^hang .*\n.*\n +the dialog still waits for "not this" \(step 1 of 1\)\n +the dialog on the port "second" still waits for "nor that"/m],
    'a wait that is late' => ["dialog second = wait \"port> \" wait \"never\" within 400ms\n",
        qr/^timeout .*\n +a wait of the dialog on the port "second" took more than 0\.4 s \(within\)/m],
    'a match that is open' => ["dialog second = wait \"port\\\\W+\"\n", qr/the dialog on the port "second" still waits for .*; the text so far matches/],
    'the log is judged' => ["dialog = wait \"port> \"\ndialog second = wait \"port> \"\nexpect /second.log = \"other\"\n", qr{^fail .*\n +/second\.log: }m],
);
for my $what (sort keys %wrong) {
    $run = run_case($wrong{$what}[0]);
    is($run->{status}, 1, "$what: exit status 1");
    like($run->{out}, $wrong{$what}[1], $what);
}
my $json = "$root/journal";
run_case("dialog second = wait \"port> \" wait \"never\" within 400ms\n", '--journal', $json);
like(read_file($json), qr/"event":"reply".*"text":"second"/, 'the journal says which port answered');

for (["[case c]\ndialog second = wait \"x\"\n", qr/case "c" has no serial port "second" for its dialog: add "serial second = log"/],
    ["[case c]\ndisk second = empty 1M\ndialog second = wait \"x\"\n", qr/has no serial port "second"/],
    ["[case c]\nserial second = log\ndialog second = send \"x\"\n", qr/judges nothing/],
    ["[case c]\nserial second = log\ndialog second = maybe \"x\"\n", qr/maybe "x" needs a wait after it/],
    ["[case c]\nserial second = log\ndialog second = \n", qr/missing word|missing value/],
    ["[case c]\nserial second = log\ndialog /second = wait \"x\"\n", qr/a name has letters, digits/],
    ["[case c]\nserial second = log\ndialog second = wait \"(\"\n", qr/missing closing parenthesis/],
    ["[case c]\nserial second = log\ndialog second = wiat \"x\"\n", qr/expected wait, maybe, quiet, send/]) {
    my ($cases, $why) = @$_;
    $run = run_cases($cases);
    is($run->{status}, 2, 'refused: ' . $cases =~ s/.*\n(?=.)//sr);
    like($run->{out}, $why, 'and why');
}

# ---- QEMU that ends, and a guest that is killed ----
like(run_case("dialog second = wait \"never\"\n", '--qemu', '/bin/false')->{out}, qr/^error /m, 'a QEMU that ends at once');
done_testing();
