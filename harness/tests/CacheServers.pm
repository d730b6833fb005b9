# Machines with a cache each, and servers that they share results through: Debian's nginx, and one that answers as
# a test wants it to.
package CacheServers;
use strict;
use warnings;
use Exporter 'import';
use Fcntl;
use File::Copy;
use IO::Socket::INET;
use POSIX ();
use Support;
use Time::HiRes 'sleep';

our @EXPORT = qw($dir $nginx $gate @servers new_machine start_run run outcome lines new_socket start_nginx requests start_server reply
    serve knows_nothing wrong_file wrong_entry refuses raw drip);

our $dir = temp_folder();
my @nginxes;
our @servers;
# What start_server has behind it.
our $nginx;
$SIG{INT} = $SIG{TERM} = sub { exit 1 };
delete $ENV{$_} for grep { /_proxy$/i } keys %ENV;
$SIG{PIPE} = 'IGNORE';

# ---- Machines: a root with a gate of two cases, of which one leaves a file ----
our $gate = "[gate]\nproves = x\n[case c]\nfile /init = build:child\nfile /a/data = fixture:data\nargv = child 3\n"
    . "exit = 3\nexpect /a/data = \"data\\n\"\n[case d]\nlike = c\nargv = child 4\nexit = 4\n";
my $roots = 0;
sub new_machine {
    my $root = "$dir/machine" . ++$roots;
    mkdir $_ or die for $root, map { "$root/$_" } qw(gates golden build build/kernel fixtures fixtures/g);
    copy('build/kernel/Image', "$root/build/kernel/Image") or die;
    copy('build/kernel/user/child', "$root/build/child") or die;
    write_file("$root/fixtures/g/data", "data\n");
    write_file("$root/gates/g.gate", $gate);
    return $root;
}

sub start_run {
    my ($root, $url, @more) = @_;
    return start('run', '--journal', "$root/journal", '--out', "$root/out", '--cache', $url, @more, "$root/gates/g.gate");
}
sub run { return finish(start_run(@_)) }

# How both cases ended: "pass pass", "unchanged unchanged".
sub outcome {
    my ($run) = @_;
    my @cases = $run->{out} =~ /^(\w+) +g\/[cd] +[\d.]+ ms(  unchanged)?/mg;
    my @words;
    while (my ($verdict, $unchanged) = splice @cases, 0, 2) {
        push @words, $unchanged ? $unchanged =~ s/ //gr : $verdict;
    }
    return @words ? join(' ', @words) : $run->{out};
}

# What the harness says beside its report.
sub lines {
    my @lines = $_[0]{out} =~ /^(harness: .*)$/mg;
    return @lines;
}

# ---- nginx, with WebDAV's PUT as Debian builds it ----
sub new_socket { return IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1', ReuseAddr => 1) || die "no socket: $!" }

# It takes over a socket that listens already, as when it replaces itself: no port is guessed.
sub start_nginx {
    my ($name) = @_;
    my $at = "$dir/$name";
    my $socket = new_socket();
    my $port = $socket->sockport;
    mkdir $_ or die for $at, "$at/www";
    my $temporary = join '', map { "${_}_temp_path $at/$_;\n" } qw(client_body proxy fastcgi uwsgi scgi);
    my ($user, $group) = (scalar getpwuid $>, scalar getgrgid $) + 0);
    # Started by root, its worker would be nobody, who may not write here.
    write_file("$at/conf", ($> ? '' : "user $user $group;\n") . "daemon off;\nworker_processes 1;\npid $at/pid;\nerror_log $at/errors;\nevents { }\n"
        . "http {\nlog_format own '\$request_method \$uri \$status';\naccess_log $at/log own;\nclient_max_body_size 0;\n$temporary"
        . "server {\nlisten 127.0.0.1:$port;\nlocation /cache/ {\nroot $at/www;\ndav_methods PUT;\ncreate_full_put_path on;\n}\n}\n}\n");
    my $pid = fork // die;
    if (!$pid) {
        fcntl $socket, F_SETFD, 0;
        $ENV{NGINX} = fileno($socket) . ';';
        $ENV{PATH} .= ':/usr/sbin';
        open STDERR, '>', "$at/stderr";
        exec 'nginx', '-p', $at, '-c', "$at/conf", '-e', "$at/errors" or POSIX::_exit(1);
    }
    push @nginxes, $pid;
    return {port => $port, url => "http://127.0.0.1:$port/cache", www => "$at/www/cache", log => "$at/log"};
}

# The requests that a server has had since this was asked last. It writes a line after its answer, in their order, so
# that all are there when the line of one more is.
sub requests {
    my ($server) = @_;
    my $mark = 'mark' . ++$server->{marks};
    my $socket = IO::Socket::INET->new("127.0.0.1:$server->{port}") or die;
    print $socket "GET /$mark HTTP/1.0\r\n\r\n";
    wait_for_content($server->{log}, qr/$mark /);
    my ($new) = substr(read_file($server->{log}), $server->{seen} // 0) =~ m{^(.*?)GET /$mark }s;
    $server->{seen} = -s $server->{log};
    return split /\n/, $new;
}

# ---- A server of faults ----
# Every connection is one request; `answer` gets it and what nginx would serve.
sub start_server {
    my ($answer) = @_;
    my $socket = new_socket();
    my $port = $socket->sockport;
    open my $log, '>>', "$dir/requests of $port" or die;
    my $pid = fork // die;
    if (!$pid) {
        setpgrp;
        $SIG{INT} = $SIG{TERM} = 'DEFAULT';
        $SIG{CHLD} = 'IGNORE';
        while (my $client = $socket->accept) {
            next if fork;
            my ($method, $path) = (<$client> // '') =~ m{^(\w+) /(\S+) } or POSIX::_exit(1);
            my %headers;
            while ((my $line = <$client>) =~ /\S/) {
                $headers{lc $1} = $2 if $line =~ /^([\w-]+): (.*?)\r?\n/;
            }
            read $client, my $body, $headers{'content-length'} // 0;
            syswrite $log, "$method\n";
            my $file = "$nginx->{www}/$path";
            my $content = $method eq 'GET' && -f $file ? read_file($file) : undef;
            $answer->({out => $client, method => $method, path => $path, headers => \%headers, content => $content});
            close $client;
            POSIX::_exit(0);
        }
        POSIX::_exit(0);
    }
    push @servers, -$pid;
    return "http://127.0.0.1:$port";
}

sub reply {
    my ($request, $status, $body, @headers) = @_;
    my $out = $request->{out};
    $out->autoflush(1);
    print $out join "\r\n", "HTTP/1.1 $status Word", 'Connection: close', 'Content-Length: ' . length $body, @headers, '', $body;
}

# As nginx would, but keeping nothing.
sub serve {
    my ($request) = @_;
    return reply($request, 201, '') if $request->{method} eq 'PUT';
    return defined $request->{content} ? reply($request, 200, $request->{content}) : reply($request, 404, 'x' x 1000);
}

# A server that has no result, and one that is wrong in the files.
sub knows_nothing { my ($request) = @_; delete $request->{content}; serve($request) }
sub wrong_file { my ($wrong) = @_; return sub { $_[0]{path} =~ /^cas/ && $_[0]{method} eq 'GET' ? $wrong->($_[0]) : serve($_[0]) } }
sub wrong_entry { my ($wrong) = @_; return sub { $_[0]{path} =~ /^ac/ && $_[0]{method} eq 'GET' ? $wrong->($_[0]) : serve($_[0]) } }
sub refuses { my ($status) = @_; return sub { $_[0]{method} eq 'PUT' ? reply($_[0], $status, 'no') : knows_nothing($_[0]) } }
sub raw { my ($request, $text) = @_; my $out = $request->{out}; print $out $text; $out->flush }
sub drip {
    my ($request) = @_;
    raw($request, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (1 .. 1000) { raw($request, 'x') or return; sleep 1 }
}

END {
    my $status = $?;
    kill 'KILL', @servers;
    kill 'TERM', @nginxes; # which end their workers
    waitpid $_, 0 for @nginxes;
    $? = $status;
}

1;
