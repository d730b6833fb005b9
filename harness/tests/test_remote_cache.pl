#!/usr/bin/perl
# The cache of a fleet: machines that share no disk use each other's results through Debian's nginx, and a server that
# is slow, down, full or lying changes no verdict.
use strict;
use warnings;
use Cwd 'getcwd';
use Digest::SHA 'sha256_hex';
use Fcntl;
use FindBin;
use IO::Socket::INET;
use lib $FindBin::Bin;
use CacheServers;
use POSIX ();
use Support;
use Test::More;
use Time::HiRes 'sleep';

# The program is part of every key.
is(index(read_file($Support::PROGRAM), getcwd()), -1, 'the program does not depend on the folder that it was built in')
    or diag 'objects of an older Makefile? make clean';

# ---- nginx, with WebDAV's PUT as Debian builds it ----
$nginx = start_nginx('nginx');
my ($one, $other) = (new_machine(), new_machine());
{
    my $run = run($one, $nginx->{url});
    is(outcome($run), 'pass pass', 'a machine runs what nobody has run');
    is(join(' ', lines($run)), '', 'and has nothing to say about it');
    my @files = map { s{\Q$nginx->{www}\E/}{}r } grep { -f } all_files($nginx->{www});
    is(scalar(grep { m{^ac/[0-9a-f]{64}$} } @files), 2, 'the server has both results');
    is(join(' ', grep { m{^cas/} } @files), 'cas/' . sha256_hex("data\n"), 'and the file');
    my @requests = requests($nginx);
    is(scalar(grep { m{^GET /cache/ac/\w+ 404$} } @requests), 2, 'it was asked for each');
    is(outcome(run($other, $nginx->{url})), 'unchanged unchanged', 'another machine need not run them');
    is(read_file("$other/out/g/$_/a/data"), "data\n", "and has the file of $_") for qw(c d);
    like(read_file("$other/journal"), qr/"cached"/, 'its journal says so');
    @requests = requests($nginx);
    is(join(' ', sort map { s/[0-9a-f]{64}/X/r } @requests), 'GET /cache/ac/X 200 GET /cache/ac/X 200 GET /cache/cas/X 200',
        'a file that both have is fetched once, and nothing is sent');
    is(outcome(run($other, "$nginx->{url}/")), 'unchanged unchanged', 'the next time');
    is(join(' ', requests($nginx)), '', 'its own cache answers');
    is(outcome(run($other, $nginx->{url}, '--fresh')), 'pass pass', '--fresh runs');
    @requests = requests($nginx);
    is(scalar(grep { /^GET/ } @requests), 0, 'and asks for nothing');
    is(scalar(grep { m{^PUT /cache/ac/\w+ 204$} } @requests), 2, 'but sends what passed');
}
{
    my @holds;
    for my $root ($one, $other) {
        push @holds, join "\n", sort map { s{\Q$root\E/}{}r } grep { -f && m{/(?:entries|objects)/} } all_files("$root/.harness");
    }
    is($holds[1], $holds[0], 'what was fetched has the names of what was kept');
}
{
    local $ENV{HARNESS_CACHE} = $nginx->{url};
    my $machine = new_machine();
    my $run = harness('run', '--no-journal', '--out', "$machine/out", "$machine/gates/g.gate");
    is(outcome($run), 'unchanged unchanged', 'HARNESS_CACHE names the server too');
    ok(-d "$machine/.harness/cache/entries", 'the folder is the usual one');
    local $ENV{HARNESS_CACHE} = "$dir/elsewhere";
    is(outcome(run(new_machine(), $nginx->{url})), 'unchanged unchanged', 'with --cache for the server');
    ok(-d "$dir/elsewhere/entries", 'HARNESS_CACHE names the folder');
}
{
    my $empty = start_nginx('empty');
    my $run = run(new_machine(), $empty->{url}, '--cache-read-only');
    is(outcome($run), 'pass pass', 'read only: what is not there runs');
    is(join(' ', lines($run)), '', 'without a word');
    is(join(' ', map { s/ .*//r } requests($empty)), 'GET GET', 'and is not sent');
    is(outcome(run(new_machine(), $nginx->{url}, '--cache-read-only')), 'unchanged unchanged', 'what is there need not run');
}

# ---- What the server holds is damaged: it is not taken, and made anew ----
sub entries { return grep { -f } all_files("$nginx->{www}/ac") }
my $object = "$nginx->{www}/cas/" . sha256_hex("data\n");
sub rehash { s/end \w+\n\z//; $_ .= 'end ' . sha256_hex($_) . "\n" }
my %damages = (
    'a file with another byte' => [sub { edit($object, sub { s/d/D/ }) }, qr{GET cas/\w+: the hash of the bytes is \w{64}; this run asks it nothing more}],
    'a shorter file' => [sub { edit($object, sub { chop }) }, qr{GET cas/\w+: the hash}],
    'a longer file' => [sub { edit($object, sub { $_ .= 'x' }) }, qr{GET cas/\w+: the server sends more than 5 bytes}],
    'entries in the place of others' => [sub {
        my @all = entries();
        my @texts = map { read_file($_) } @all;
        write_file($all[$_], $texts[$_ - 1]) for 0 .. $#all;
    }, qr{GET ac/\w+: what the server sends is not the result of that name}],
    'cut entries' => [sub { truncate $_, (-s) - 1 for entries() }, qr/is not the result of that name/],
    'empty entries' => [sub { truncate $_, 0 for entries() }, qr/is not the result of that name/],
    'a file larger than any' => [sub { edit($_, sub { s{^kept (\w+) 5 }{kept $1 9000000000000000000 }m or die; rehash() }) for entries() }, qr/is not the result of that name/],
    'a file that the case does not allow' => [sub { edit($_, sub { s{/a/data}{/a/datb}; rehash() }) for entries() }, undef],
    'a file that is gone' => [sub { unlink $object }, undef],
);
for my $what (sort keys %damages) {
    my ($damage, $line) = @{$damages{$what}};
    $damage->();
    my $machine = new_machine();
    my $run = run($machine, $nginx->{url});
    # The first case may have sent the file again before the second asks.
    like(outcome($run), $what =~ /gone/ ? qr/^pass (?:pass|unchanged)$/ : qr/^pass pass$/, "$what: the cases run");
    is(scalar(lines($run)), $line ? 1 : 0, "$what: said once") or diag $run->{out};
    like((lines($run))[0], $line, "$what: and how") if $line;
    is(join(' ', grep { -f && !m{/(?:[0-9a-f]{64}|pruned)$} } all_files("$machine/.harness/cache")), '', "$what: nothing half is left");
    is(outcome(run(new_machine(), $nginx->{url})), 'unchanged unchanged', "$what: the server has it anew");
}

# ---- A server of faults ----
{
    my $run = run(new_machine(), start_server(\&serve));
    is(outcome($run) . join(' ', lines($run)), 'unchanged unchanged', 'the server without a fault serves');
}
# Bound, so that no other gets the port, but not listening.
my $down = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'tcp') or die;
my $down_url = 'http://127.0.0.1:' . $down->sockport;
my %faults = (
    '404 to all' => [sub { reply($_[0], 404, '') }, qr{PUT \w+/\w+: the server answers 404; this run sends it nothing more, and results are still kept locally$}],
    '500 for entries' => [wrong_entry(sub { reply($_[0], 500, 'x') }), qr{GET ac/\w+: the server answers 500; this run asks it nothing more}],
    '500 for a file' => [wrong_file(sub { reply($_[0], 500, 'x') }), qr{GET cas/\w+: the server answers 500;}],
    '500 to all' => [sub { reply($_[0], 500, 'x') }, qr/the server answers 500;/],
    '401 to all' => [sub { reply($_[0], 401, 'x', 'WWW-Authenticate: Basic realm="x"') }, qr/the server answers 401: it wants other credentials;/],
    '403 for PUT' => [refuses(403), qr{PUT \w+/\w+: the server answers 403: }],
    '405 for PUT' => [refuses(405), qr/the server answers 405: /],
    '413 for PUT' => [refuses(413), qr/the server answers 413: the file is too large for it;/],
    '507 for PUT' => [refuses(507), qr/the server answers 507: it is full; this run sends it nothing more/],
    'a cut entry' => [wrong_entry(sub { raw($_[0], "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nharness-cache 3") }), qr{GET ac/\w+: .*; this run goes on without it}],
    'a cut file' => [wrong_file(sub { raw($_[0], "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ndat") }), qr{GET cas/\w+: .*; this run goes on without it}],
    'wrong bytes' => [wrong_file(sub { reply($_[0], 200, "dat4\n") }), qr{GET cas/\w+: the hash of the bytes is}],
    'no bytes' => [wrong_file(sub { reply($_[0], 200, '') }), qr{GET cas/\w+: the hash of the bytes is}],
    'a page for every name' => [sub { reply($_[0], 200, '<html>Welcome</html>') }, qr/is not the result of that name/],
    'a huge file' => [wrong_file(sub { raw($_[0], "HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\ndata\n") }), qr/sends more than 5 bytes/],
    'an endless file' => [wrong_file(sub { raw($_[0], "HTTP/1.1 200 OK\r\n\r\n"); while (raw($_[0], 'x' x 65536)) { } }), qr/sends more than 5 bytes/],
    'a huge entry' => [wrong_entry(sub { raw($_[0], "HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\nx") }), qr/sends more than \d+ bytes/],
    'endless headers' => [wrong_entry(sub { raw($_[0], "HTTP/1.1 200 OK\r\n"); while (raw($_[0], 'X: ' . 'x' x 1000 . "\r\n")) { } }), qr{GET ac/\w+: .*; this run goes on without it}],
    'no HTTP' => [sub { raw($_[0], "220 mail ESMTP\r\n") }, qr/; this run goes on without it/],
    'nothing' => [sub { }, qr/; this run goes on without it/],
    'a redirect to a file' => [wrong_entry(sub { reply($_[0], 302, '', 'Location: file:///etc/passwd') }), qr/answers 302: a redirect, which is not followed/],
    'a redirect to another server' => [wrong_file(sub { reply($_[0], 307, '', "Location: $nginx->{url}/$_[0]{path}") }), qr/answers 307: a redirect, which is not followed/],
    'a server that is down' => [undef, qr/^harness: the cache \Q$down_url\E: GET ac.*; this run goes on without it, and results are still kept locally$/],
    'a server that never answers' => [sub { sleep 1 while 1 }, qr{GET ac/\w+: .*too slow.*; this run goes on without it}],
    'a server that takes no file' => [sub { $_[0]{method} eq 'PUT' ? do { sleep 1 while 1 } : knows_nothing($_[0]) }, qr{PUT \w+/\w+: .*too slow.*; this run goes on without it}],
    'a byte each second, of an entry' => [wrong_entry(\&drip), qr{GET ac/\w+: .*too slow.*; this run goes on without it}],
    'a byte each second, of a file' => [wrong_file(sub { raw($_[0], "HTTP/1.1 200 OK\r\n"); for (1 .. 1000) { raw($_[0], 'X: x') or return; sleep 1 } }), qr{GET cas/\w+: .*too slow.*; this run goes on without it}],
);
# Those that wait for a limit wait side by side.
my %slow = map { $_ => 1 } grep { /never|takes no|each second/ } keys %faults;
my %machines = map { $_ => new_machine() } keys %faults;
sub start_fault {
    my ($what) = @_;
    my $answer = $faults{$what}[0];
    return start_run($machines{$what}, $answer ? start_server($answer) : $down_url);
}
my %running = map { $_ => start_fault($_) } sort keys %slow;
for my $what ((sort grep { !$slow{$_} } keys %faults), sort keys %slow) {
    my $run = finish($running{$what} // start_fault($what));
    is("$run->{status} " . outcome($run), '0 pass pass', "$what: both cases run and pass") or diag $run->{out};
    is(scalar(lines($run)), 1, "$what: one line says so") or diag $run->{out};
    like((lines($run))[0] // '', $faults{$what}[1], "$what: what happened, and what it means");
    my @left = map { s{.*/cache/}{}r } grep { -f } all_files("$machines{$what}/.harness/cache");
    is(join(' ', grep { !m{^(?:entries|objects)/../[0-9a-f]{64}$|^pruned$} } @left), '', "$what: nothing half is left");
    is(outcome(run($machines{$what}, $down_url)), 'unchanged unchanged', "$what: results are kept locally");
}

# ---- After a failure ----
sub asked { return read_file("$dir/requests of " . ($_[0] =~ s/.*://r)) =~ s/\n/ /gr }
{
    my $url = start_server(wrong_entry(sub { reply($_[0], 500, '') }));
    run(new_machine(), $url);
    like(asked($url), qr/^GET (?:PUT )+$/, 'a server that fails to answer is asked no more, but sent to');
    $url = start_server($faults{'a cut entry'}[0]);
    run(new_machine(), $url);
    is(asked($url), 'GET ', 'from one that breaks off nothing more is wanted');
    $url = start_server(refuses(403));
    run(new_machine(), $url);
    is(() = asked($url) =~ /GET/g, 2, 'one that takes nothing is asked on');
}

# ---- Nothing waits for a transfer but what needs it ----
sub held { # until a file has what matches; then it is served
    my ($request, $file, $pattern) = @_;
    wait_for_content($file, $pattern);
    knows_nothing($request);
}
{
    my $machine = new_machine();
    my $url = start_server(sub { $_[0]{method} eq 'PUT' ? held($_[0], "$machine/journal", qr/"end".*"end"/s) : knows_nothing($_[0]) });
    my $run = run($machine, $url);
    is(outcome($run) . join(' ', lines($run)), 'pass pass', 'a case runs while files of one before are sent');
}
{
    my $machine = new_machine();
    my $url = start_server(sub {
        my $is_first = sysopen my $mark, "$machine/first", O_CREAT | O_EXCL;
        $_[0]{method} eq 'GET' && !$is_first ? held($_[0], "$machine/journal", qr/"end"/) : knows_nothing($_[0]);
    });
    my $run = run($machine, $url, '-j', 2);
    is(join(' ', sort split ' ', outcome($run)) . join(' ', lines($run)), 'pass pass', 'a guest runs while the result of another is asked for');
}
{
    my $machine = new_machine();
    my $url = start_server(sub { write_file("$machine/asked", 'yes'); sleep 1 while 1 });
    my $run = start_run($machine, $url);
    wait_for_content("$machine/asked", qr/yes/);
    kill 'INT', $run->{pid};
    finish($run);
    is($run->{status}, 130, 'a run is interrupted while it asks');
    is(join(' ', lines($run)), '', 'before the server reaches its limit');
    like(read_file("$machine/journal"), qr/"interrupted"|SIGINT/, 'and says so');
}

# ---- Credentials ----
{
    my $wants = sub {
        my ($name, $value) = @_;
        return start_server(sub { ($_[0]{headers}{$name} // '') eq $value ? serve($_[0]) : reply($_[0], 401, '') });
    };
    my $basic = 'Basic dXNlcjpTZWNyZXQx'; # user:Secret1
    my $tells_nothing = sub {
        my ($machine, $run, $what) = @_;
        is(outcome($run), 'unchanged unchanged', "$what: is admitted");
        my %texts = map { $_ => harness('report', '--format', $_, "$machine/journal")->{out} } qw(json html text junit);
        @texts{qw(journal terminal)} = (read_file("$machine/journal"), $run->{out});
        is(join(' ', grep { $texts{$_} =~ /Secret1/ } sort keys %texts), '', "$what: neither journal nor reports show the password");
    };
    my $url = $wants->('authorization', $basic);
    my $machine = new_machine();
    $tells_nothing->($machine, run($machine, $url =~ s{//}{//user:Secret1@}r), 'a user in the URL');
    ok(index(read_file("$machine/journal"), "\"$url\"") > 0, 'but the journal shows the server');
    {
        mkdir "$dir/home" or die;
        write_file("$dir/home/.netrc", "machine 127.0.0.1 login user password Secret1\n");
        local $ENV{HOME} = "$dir/home";
        $tells_nothing->($machine = new_machine(), run($machine, $url), 'a user of netrc');
    }
    {
        local $ENV{HARNESS_CACHE_HEADER} = 'X-Token: Secret1';
        $tells_nothing->($machine = new_machine(), run($machine, $wants->('x-token', 'Secret1')), 'a header of the environment');
        my $run = run(new_machine(), $wants->('x-token', 'Secret2'));
        is(outcome($run), 'pass pass', 'another header is not');
        unlike($run->{out}, qr/Secret1/, 'and is not shown');
    }
    my $run = run(new_machine(), "http://user:Secret1\@127.0.0.1:" . ($down_url =~ s/.*://r));
    like((lines($run))[0], qr/^harness: the cache \Q$down_url\E: /, 'a complaint shows no password');
}
{
    # Self-signed: who the server is must be proven.
    my $key = "$dir/key.pem";
    is(system("openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout $key -out $dir/cert.pem 2>/dev/null") >> 8, 0, 'a certificate');
    # It chooses a port and says which.
    my $pid = fork // die;
    if (!$pid) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$dir/tls";
        open STDERR, '>&', \*STDOUT;
        exec 'openssl', 's_server', '-accept', '127.0.0.1:0', '-cert', "$dir/cert.pem", '-key', $key, '-www' or POSIX::_exit(1);
    }
    push @servers, $pid;
    wait_for_content("$dir/tls", qr/^ACCEPT .*:\d+$/m);
    my ($port) = read_file("$dir/tls") =~ /^ACCEPT .*:(\d+)$/m;
    my $run = run(new_machine(), "https://127.0.0.1:$port");
    is(outcome($run), 'pass pass', 'https with a certificate that nobody vouches for: the cases run');
    like((lines($run))[0], qr/certificate/, 'and the line names the certificate');
}

# ---- What is refused ----
for (['ftp://127.0.0.1/cache', 'is not http://'], ['file:///tmp', 'is not http://'], ['http://', 'is not http://'], ['http://h/x?y', 'is not http://'],
    ['ftp://user:Secret1@h/', 'ftp://h/ is not http://']) {
    my ($url, $why) = @$_;
    my $run = run($one, $url);
    is($run->{status}, 2, "refused: $url");
    like($run->{out}, qr/--cache: .*\Q$why\E/, 'with a reason');
    unlike($run->{out}, qr/Secret1/, 'without the password');
}
is(run($one, "$dir/local", '--cache-read-only')->{status}, 2, 'refused: --cache-read-only for a folder');
{
    local $ENV{HARNESS_CACHE_HEADER} = "X: Secret1\r\nY: z";
    my $run = run($one, $nginx->{url});
    is($run->{status}, 2, 'refused: two headers in one');
    unlike($run->{out}, qr/Secret1/, 'and not shown');
}

# ---- harness cache ----
{
    chdir $one or die;
    local $Support::PROGRAM = $Support::PROGRAM =~ m{^/} ? $Support::PROGRAM : "$FindBin::Bin/../../$Support::PROGRAM";
    like(harness('cache', 'show', '--cache', $nginx->{url})->{out}, qr{^\.harness/cache: \d+ results, .*\n\Q$nginx->{url}\E: answers$}m, 'cache show: the folder, and a server that answers');
    like(harness('cache', 'show', '--cache', $down_url)->{out}, qr{\n\Q$down_url\E: does not serve: .*connect}, 'one that is down');
    like(harness('cache', 'show', '--cache', start_server(sub { reply($_[0], 403, '') }))->{out}, qr{does not serve: the server answers 403}, 'one that refuses');
    is(harness('cache', 'show', '--cache', 'ftp://x/')->{status}, 2, 'refused: another scheme');
    chdir "$FindBin::Bin/../.." or die;
}

# ---- All at once ----
{
    my $shared = start_nginx('shared');
    my @some = ('--no-journal', '--cache', $shared->{url}, '--filter', 'tier1/*n*', 'gates/tier1.gate');
    my @runs = map { local $ENV{HARNESS_CACHE} = "$dir/local$_"; start('run', '--out', "$dir/out$_", '-j', 2, @some) } 1 .. 3;
    for (@runs) {
        my $run = finish($_);
        is("$run->{status}" . join(' ', lines($run)), 0, 'machines side by side');
    }
    local $ENV{HARNESS_CACHE} = "$dir/local4";
    my $run = harness('run', '--out', "$dir/out4", @some);
    like($run->{out}, qr/^(\d+) passed, 0 failed; \1 unchanged in/m, 'the next one runs nothing');
}

done_testing();
