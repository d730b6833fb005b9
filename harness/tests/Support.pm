# What the end-to-end tests share: starting the harness, waiting for it, temporary folders.
package Support;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use FindBin;
use lib "$FindBin::Bin/../../tools/tests";
use Files;
use Time::HiRes qw(sleep time);

our @EXPORT = (@Files::EXPORT, qw(harness start start_limited finish output wait_for_text wait_for_guest wait_for_content
    gone temp_root enter_root on_terminal rss_peak_kb));

# The tests run from the root; SANITIZE=1 tests the sanitized build.
chdir "$FindBin::Bin/../.." or die;
# What tests run is no history of the user's.
$ENV{HARNESS_HISTORY} = '';
# Every run of a suite is a real one, unless it names a cache.
$ENV{HARNESS_CACHE} = '';
our $PROGRAM = $ENV{HARNESS} || 'build/harness';
# A QEMU that misbehaves (fake_qemu.c), for --qemu; HARNESS_QEMU_PATHS has to name what it reads.
our $FAKE_QEMU = abs_path($PROGRAM) =~ s{[^/]+$}{tests/fake-qemu}r;
# The cases of tier1 but the one that needs the whole chain.
our @TIER1 = ('--filter', '!tier1/compile', 'gates/tier1.gate');
# No test waits longer for anything.
my $LIMIT_S = 240;

# Guests run one after the other, so that the order is known, unless arguments say otherwise. What runs leave
# goes into a folder of the suite's own, where arguments name no other; $DEFAULT_PLACES leaves it to the
# program, for a suite in a root of its own.
our $DEFAULT_PLACES = 0;
my ($places, $journals) = (temp_folder(), 0);
sub with_places {
    my ($command, @arguments) = @_;
    return @_ if ($command // '') !~ /^(?:run|bless)$/;
    my @more = grep({ /^(?:-j|--jobs)/ } @arguments) ? () : ('-j', 1);
    return ($command, @more, @arguments) if $DEFAULT_PLACES;
    push @more, '--out', "$places/out" if !grep { /^(?:-o|--out)\b/ } @arguments;
    push @more, '--journal', "$places/" . ++$journals . '.jsonl' if !grep { /^--(?:no-)?journal\b/ } @arguments;
    return ($command, @more, @arguments);
}

# Starts the harness; its output goes to a file that is read when needed.
sub start {
    my @arguments = $PROGRAM eq 'sh' ? @_ : with_places(@_);
    my $file = File::Temp->new;
    my $pid = fork // die;
    if (!$pid) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>&', $file;
        open STDERR, '>&', $file;
        $ENV{TERM} = 'dumb';
        exec $PROGRAM, @arguments or die;
    }
    return {pid => $pid, file => $file, out => '', arguments => "@arguments"};
}

# The same where no file may grow beyond so many blocks of 512 bytes.
sub start_limited {
    my ($blocks, @arguments) = @_;
    local $PROGRAM = 'sh';
    return start('-c', 'ulimit -f "$1"; shift; exec "$@"', 'sh', $blocks, $ENV{HARNESS} || 'build/harness', with_places(@arguments));
}

sub output {
    my ($run) = @_;
    open my $in, '<:raw', $run->{file}->filename or die;
    local $/;
    return $run->{out} = <$in> // '';
}

# Waits for its end; sets status (the exit status, or 128 + signal) and out.
sub finish {
    my ($run) = @_;
    local $SIG{ALRM} = sub { kill 'KILL', $run->{pid}; print "# killed: harness $run->{arguments}\n" };
    alarm $LIMIT_S;
    waitpid $run->{pid}, 0;
    $run->{status} = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    alarm 0;
    output($run);
    return $run;
}

sub harness { return finish(start(@_)) }

# Waits until the output of a run matches, or no more can come of it.
sub wait_for_text {
    my ($run, $pattern) = @_;
    for (my $end = time + $LIMIT_S; time < $end; sleep 0.01) {
        my $ended = has_ended($run->{pid});
        return 1 if output($run) =~ $pattern;
        return 0 if $ended;
    }
    return 0;
}

# The pid of the QEMU that a run has started after its output matched.
sub wait_for_guest {
    my ($run, $pattern) = @_;
    wait_for_text($run, $pattern) or die "no $pattern in:\n$run->{out}";
    for (my $end = time + $LIMIT_S; time < $end; sleep 0.01) {
        for my $file (glob '/proc/[0-9]*/stat') {
            open my $in, '<', $file or next;
            my ($pid, $name, $state, $parent) = (<$in> // '') =~ /^(\d+) \((.*)\) (\S) (\d+)/ or next;
            next if $parent != $run->{pid} || $state eq 'Z' || $name !~ /^qemu-system/;
            sleep 0.1; # the guest is then running
            return $pid;
        }
    }
    die 'no QEMU was started';
}

# A file has what matches; it may have to be made first.
sub wait_for_content {
    my ($path, $pattern) = @_;
    for (my $end = time + $LIMIT_S; time < $end; sleep 0.01) {
        open my $in, '<:raw', $path or next;
        local $/;
        return 1 if (<$in> // '') =~ $pattern;
    }
    die "no $pattern in $path";
}

# A process has ended; one that nobody has waited for yet has, too.
sub has_ended {
    my ($pid) = @_;
    open my $in, '<', "/proc/$pid/stat" or return 1;
    return (<$in> // '') =~ /\) Z / ? 1 : 0;
}

# The same within two seconds.
sub gone {
    my ($pid) = @_;
    for (my $end = time + 2; time < $end; sleep 0.01) {
        return 1 if has_ended($pid);
    }
    return 0;
}

# A root of its own with copies of gates and goldens; fixtures and build are this one's.
sub temp_root {
    my $root = temp_folder();
    system("cp -r gates golden $root") == 0 or die;
    symlink abs_path($_), "$root/$_" or die for qw(fixtures build);
    return $root;
}

# Goes into a root of its own, with gates, goldens and a build folder that has the kernel, its programs and
# the files of build/ that are named: what runs leave in the default places stays there.
sub enter_root {
    my $root = temp_folder();
    system('cp', '-r', '--parents', qw(gates golden fixtures build/kernel), @_, $root) == 0 or die;
    $PROGRAM = abs_path($PROGRAM);
    $DEFAULT_PLACES = 1;
    chdir $root or die;
    return $root;
}

# What a terminal of 100 columns would get.
sub on_terminal {
    my ($environment, @arguments) = @_;
    local $ENV{TERM} = 'xterm';
    return scalar `script -qec 'stty cols 100; $environment $PROGRAM @{[with_places(@arguments)]}' /dev/null </dev/null`;
}

# The highest resident size that the harness had in a run, in KiB: of GNU time's kind, by the
# kernel's count, asked for while it runs.
sub rss_peak_kb {
    my ($run) = @_;
    open my $in, '<', "/proc/$run->{pid}/status" or return 0;
    return (join('', <$in>) =~ /^VmHWM:\s+(\d+)/m)[0] // 0;
}

1;
