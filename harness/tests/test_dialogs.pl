#!/usr/bin/perl
# Dialogs with kernels: what is sent, what ends a wait, what is refused.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $root = temp_root();

# A run of one case that talks to the guest that asks for a name.
sub talk {
    my ($dialog, $timeout, @options) = @_;
    $timeout //= '20s';
    write_file("$root/gates/talk.gate", "[gate]\nproves = x\ntimeout = $timeout\nhang = $timeout"
        . "\n[case a]\nkernel = build/selftest/echo.img\nargv = listen\ndialog = $dialog\n");
    return harness('run', '--no-journal', '--out', "$root/out", @options, "$root/gates/talk.gate");
}

my $long = 'y' x 200_000;
is(talk("wait \"name\" send \"$long\\n\" wait \"hello (y{50000}){4}\$\"", '120s')->{status}, 0, 'more is sent than a pipe holds');
$ENV{FAKE_TRANSCRIPT} = '/dev/null';
is(talk('send "you\n" wait "^heard you$"', '5s', '--qemu', $Support::FAKE_QEMU)->{status}, 0, 'a dialog that has the first word');
is(talk('wait "^echo" quiet 100ms "^name\\\\? $" send "you\n" wait "hello you$"')->{status}, 0, 'a prompt where nothing more comes');
is(talk('send "you\n"')->{status}, 2, 'a dialog that only sends judges nothing');
my $open = talk('wait "name" wait "\\\\W+"', '1s');
like($open->{out}, qr/^timeout .*\n.*\n +the dialog still waits for ".*" \(step 2 of 2\); the text so far matches, but more text could change the match/m,
    'a match that is open at the limit is reported');

done_testing();
