#!/usr/bin/perl
# Limits, and a harness that is stopped meanwhile: that time is not the guest's.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;
use Time::HiRes qw(sleep time);

{
    my $root = temp_root();
    edit("$root/gates/selftest/killed.gate", sub { s/timeout = 60s/timeout = 3s/ });
    my $run = start('run', '--journal', "$root/journal", '--out', "$root/out", "$root/gates/selftest/killed.gate");
    wait_for_guest($run, qr{killed/first});
    kill 'STOP', $run->{pid};
    sleep 4;
    my $since = time;
    kill 'CONT', $run->{pid};
    finish($run);
    like($run->{out}, qr/^timeout .*\n.*not ended after 3 s/m, 'a stopped harness: the limit holds');
    cmp_ok(time - $since, '>', 1.5, 'but counts none of the time');
    ok(wait_for_content("$root/journal", qr/"stopped".*the harness did not run for [34]\.\d s/), 'which the journal tells');
}

done_testing();
