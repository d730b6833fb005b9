#!/usr/bin/perl
# run --affected and list --affected. What a change really reaches is known in two other ways: cases
# that the cache no longer takes for unchanged, and cases that fail once a program does something else.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $plugins = qx(qemu-system-aarch64 -M none -display none -plugin @{[$Support::PROGRAM =~ s{[^/]+$}{libcoverage.so}r]},probe=on 2>&1)
    =~ /^coverage plugin loaded$/m;
my $kernel_sources = Cwd::abs_path('kernel');
my $root = enter_root();
delete @ENV{qw(CI HARNESS_CACHE)};
system('rm -r gates golden fixtures') == 0 or die;
make_folders(qw(gates golden gates/sub fixtures/one/tree/deep src build/p build/text));
sub make_folders { for my $path (@_) { system('mkdir', '-p', $path) == 0 or die } }

# ---- A project with each kind of input, and a program of three sources ----
write_file('src/shared.h', "int of_a(void);\nint of_b(void);\n#define NONE 0\n");
write_file('src/a.c', "#include \"shared.h\"\nint of_a(void) { return 1; }\n");
write_file('src/b.c', "#include \"shared.h\"\nint of_b(void) { return 2; }\n");
write_file('src/main.c', <<'END');
#include "lib.h"
#include "shared.h"
/* main MODE: the exit status of a or b; w: /out is "made"; anything else: none. */
int main(int argc, char **argv) {
    char mode = argc > 1 ? argv[1][0] : '-';
    if (mode == 'w') {
        long fd = syscall(56, -100, "/out", 01101, 0644);
        syscall(64, fd, "made", 4);
        syscall(57, fd);
    }
    return mode == 'a' ? of_a() : mode == 'b' ? of_b() : NONE;
}
END
my $flags = '-O0';
sub build {
    # In the project, as its own make would, so that paths are below it; objects have names, so that equal
    # sources give equal bytes.
    my @sources = ((map { "$kernel_sources/user/$_" } qw(start.S asm.S lib.c)), grep { -f } qw(src/main.c src/a.c src/b.c));
    my @objects = map { 'build/p/' . (m{([^/]+)\.\w$})[0] . '.o' } @sources;
    my $gcc = "aarch64-linux-gnu-gcc $flags -g -ffreestanding -fno-pic -fno-pie -fno-stack-protector -I$kernel_sources -I$kernel_sources/user";
    my $compile = join ' && ', map { "$gcc -c -o $objects[$_] $sources[$_]" } 0 .. $#sources;
    is(system("$compile && $gcc -nostdlib -static -Wl,--build-id=none,-Ttext-segment=0x600000 -o build/p/prog @objects") >> 8, 0, 'the program is built');
}
build();
write_file($_, "$_\n") for qw(fixtures/one/in.txt fixtures/one/tree/x fixtures/one/tree/deep/y build/text/made.txt);
symlink '../src/a.c', 'build/linked.c' or die;
system('cp -r build/kernel build/other') == 0 or die;
write_file('gates/one.gate', <<'END');
[gate]
proves = x

[case a]
file /init = build:p/prog
argv = init a
exit = 1

[case b]
file /init = build:p/prog
argv = init b
exit = 2

[case none]
file /init = build:p/prog
exit = 0

[case file]
file /init = build:kernel/user/true
file /in = fixture:in.txt + "\n"
exit = 0

[case tree]
file /init = build:kernel/user/true
tree /t = fixture:tree
exit = 0

[case built]
file /init = build:kernel/user/true
file /in = build:text/made.txt
exit = 0

[case linked]
file /init = build:kernel/user/true
file /in = build:linked.c
exit = 0

[case other]
file /init = build:kernel/user/true
kernel = build/other/Image
exit = 0

[case make]
file /init = build:p/prog
argv = init w
exit = 0
expect /out = golden

[case take]
file /init = build:kernel/user/true
file /in = out:one/make/out
exit = 0

[case take-twice]
file /init = build:kernel/user/true
file /in = out:one/make/out
exit = 0
expect /in = out:one/make/out
END
write_file('gates/sub/two.gate', <<'END');
[gate]
proves = y
needs = one

[case take]
file /init = build:kernel/user/true
file /in = out:one/make/out
exit = 0

[case alone]
file /init = build:kernel/user/true
exit = 0
END
my @gates = qw(gates/one.gate gates/sub/two.gate);
is(harness('bless', 'gates/one.gate')->{status}, 0, 'the golden file is recorded');
my $first = harness('run', @gates);
is($first->{status}, 0, 'everything passes') or diag $first->{out};
my @all = sort map { s/^  //r } split /\n/, `$Support::PROGRAM list @gates | grep -o '^  [^ ]*'`;
is(scalar @all, 13, 'all cases');

# The cases that would run; the rest is said on standard error.
my $said;
sub affected {
    my @files = @_;
    my $run = harness('list', (map { ('--affected', $_) } @files), @gates);
    $said = $run->{out};
    is($run->{status}, 0, "list --affected @files") or diag $said;
    return join ' ', sort $said =~ /^  (\S+)/mg;
}
# The cases that the cache does not take for unchanged.
sub really {
    my $run = harness('run', @gates);
    return grep { $run->{out} =~ /^\w+ +\Q$_\E (?!.*  unchanged since)/m } @all;
}
sub is_none_missed {
    my ($selected, @needed) = @_;
    my %has = map { $_ => 1 } split ' ', $selected;
    is(join(' ', grep { !$has{$_} } @needed), '', 'no case is left out wrongly');
}

is(join(' ', really()), '', 'with nothing changed, the cache has all');
my $take = 'one/take one/take-twice';
my %reach = (
    'fixtures/one/in.txt'           => 'one/file',
    'fixtures/one/tree/x'           => 'one/tree',
    'fixtures/one/tree/deep/y'      => 'one/tree',
    'fixtures/one/tree/new'         => 'one/tree',
    'build/text/made.txt'           => 'one/built',
    'build/other/Image'             => 'one/other',
    'gates/sub/two.gate'            => 'sub/two/alone sub/two/take',
    'gates/one.gate'                => join(' ', grep { /^one/ || /take/ } @all),
    'golden/one.sha256'             => join(' ', grep { /^one/ || /take/ } @all),
    'build/p/prog'                  => "one/a one/b one/make one/none $take sub/two/take",
);
for my $path (sort keys %reach) {
    my $before = -e $path ? read_file($path) : undef;
    my $selected = affected($path);
    is($selected, $reach{$path}, "and these are the cases of $path");
    # What a comment or a byte more does not change is no error; of an ELF file it is no instruction.
    write_file($path, ($before // '') . ($path =~ /made|gate|golden/ ? "# more\n" : "\0"));
    is_none_missed($selected, really());
    defined $before ? write_file($path, $before) : unlink $path;
    really() if $path =~ /^build/;
}
is(affected('fixtures/one/in.txt', 'fixtures/one/tree/x'), 'one/file one/tree', 'two files');
like($said, qr/^harness: --affected: 2 of 13 cases; 11 left out: 11 read none of the files$/m, 'a line says what is left out and why');
like($said, qr/^harness: left out: one\/a$/m, 'list names them');
like($said, qr/^harness: runs: one\/file: it reads fixtures\/one\/in\.txt$/m, 'and why the others run');

# ---- What nothing knows ----
for my $path (qw(Makefile src/other.c fixtures/one/unused no/such/file)) {
    is(affected($path), "@all", "$path selects everything");
    like($said, qr/13 of 13 cases, since no input and no program of theirs is known to be made from \Q$path\E/, 'and that is said');
}
is(affected('fixtures/one/in.txt', 'Makefile'), "@all", 'also beside one that is known');

# ---- Sources, without coverage: every program that is made from them ----
my $prog = "one/a one/b one/make one/none $take sub/two/take";
is(affected('src/b.c'), $prog, 'a source selects the cases of its program');
is(affected('src/shared.h'), $prog, 'and a header does');
is(affected('src/a.c'), join(' ', sort split(/ /, $prog), 'one/linked'), 'a file is known behind a link');

# ---- What was built and says not of what ----
write_file('build/text/made.txt', "other\n");
is(affected('fixtures/one/in.txt'), 'one/built one/file', 'a file that was built is no longer what the case passed with');
like($said, qr{one/built: \S+/build/text/made\.txt is not what it passed with}, 'which is said');
really();
is(affected('fixtures/one/in.txt'), 'one/file', 'until it passes with it');

# ---- Run ----
my $run = harness('run', '--fresh', '--affected', 'fixtures/one/in.txt', @gates);
is($run->{status}, 0, 'run --affected');
is(join(' ', $run->{out} =~ /^pass +(\S+)/mg), 'one/file', 'runs these cases alone');
like($run->{out}, qr/^harness: --affected: 1 of 13 cases; 12 left out/m, 'and says what it leaves out');
unlike($run->{out}, qr/left out: one/, 'without the names');
like(harness('run', '-v', '--affected', 'fixtures/one/in.txt', @gates)->{out}, qr/^harness: left out: one\/a$/m, '-v names them');
$run = harness('run', '--fresh', '--affected', 'gates/sub/two.gate', 'sub/two');
is(join(' ', sort $run->{out} =~ /^pass +(\S+)/mg), 'one/make sub/two/alone sub/two/take', 'and what they need');
my $names = `printf 'fixtures/one/in.txt\\n\\ngates/sub/two.gate\\n' | $Support::PROGRAM list --affected - @gates 2>&1`;
is(join(' ', sort $names =~ /^  (\S+)/mg), 'one/file sub/two/alone sub/two/take', '- reads names');
$run = harness('run', '--affected', '-', @gates);
is($run->{status}, 0, 'no name at all: exit status 0');
like($run->{out}, qr/0 of 13 cases, as no file is named\n(?:.*\n)*0 passed/, 'and nothing runs');
my %refused = (
    'run --affected fixtures gates/one.gate' => qr/--affected fixtures: a folder; name the files in it/,
    'run --affected x --failed gates/one.gate' => qr/--affected and --failed are mutually exclusive/,
    'bless --affected x gates/one.gate' => qr/it does not accept --affected/,
);
for my $line (sort keys %refused) {
    $run = harness(split ' ', $line);
    is($run->{status}, 2, "$line: exit status 2");
    like($run->{out}, $refused{$line}, 'and why');
}

# ---- With coverage: of a source of code alone, those that ran it ----
SKIP: {
    skip 'this QEMU takes no plugins', 1 if !$plugins;
    my $linked = sub { join ' ', sort grep { $_ ne 'one/linked' } split ' ', $_[0] };
    my $cover = sub {
        my $counted = harness('run', '--coverage', 'coverage', @gates);
        is($counted->{status}, 0, 'the cases are counted') or diag $counted->{out};
    };
    # What fails when a function gives something else must have been selected.
    my $breaks = sub {
        my ($path, $from, $to, @files) = @_;
        my $before = read_file($path);
        write_file($path, $before =~ s/\Q$from\E/$to/r);
        build();
        my $selected = affected(@files ? @files : $path);
        my $broken = harness('run', '--no-history', '--fresh', @gates);
        is_none_missed($selected, $broken->{out} =~ /^fail +(\S+)  /mg);
        return $selected;
    };
    my $mend = sub { my ($path, $text) = @_; write_file($path, $text); build() };
    my ($a, $b, $header) = map { read_file("src/$_") } qw(a.c b.c shared.h);
    $cover->();
    is($linked->(affected('src/b.c')), 'one/b', 'the case that ran it');
    like($said, qr/12 left out: 9 read none of the files, 3 ran none of their code when they were last covered/, 'and why the others need not');
    is($linked->($breaks->('src/b.c', 'return 2', 'return 3')), 'one/b', 'also once it is changed and built');
    is($linked->($breaks->('src/a.c', 'return 1', 'return 4', 'src/b.c')), 'one/a one/b', 'a source that changed too is found by itself');
    $mend->('src/a.c', $a);
    $mend->('src/b.c', $b);
    is($linked->(affected('src/b.c')), 'one/b', 'nothing is left of that');
    is($linked->($breaks->('src/shared.h', 'NONE 0', 'NONE 7', 'src/b.c')), $prog, 'a header that changed too can reach all');
    $mend->('src/shared.h', $header);
    $flags = '-O1';
    build();
    is($linked->(affected('src/b.c')), $prog, 'a program made with other options was never covered');
    $flags = '-O0';
    build();
    write_file('src/new.c', '');
    is($linked->(affected('src/b.c')), 'one/b', 'a new file is no part of the same program');
    unlink 'src/new.c';
    write_file('build/p/prog', read_file('build/p/prog') . "\0");
    is($linked->(affected('src/b.c')), $prog, 'a program that differs with no source to tell why');
    like($said, qr/its coverage is of another program, and no source tells why/, 'which is said');
    # A variable that other sources read needs no code of its own to run.
    write_file('src/b.c', $b =~ s/int of_b/int of_a_too = 1;\nint of_b/r);
    write_file('src/a.c', "#include \"shared.h\"\nextern int of_a_too;\nint of_a(void) { return of_a_too; }\n");
    build();
    $cover->();
    is($linked->($breaks->('src/b.c', 'too = 1', 'too = 5')), $prog, 'a source with variables for others reaches all');
    $mend->('src/a.c', $a);
    $mend->('src/b.c', $b);
    $cover->();
    # A case that did not pass when it was covered is not known.
    write_file('src/b.c', $b =~ s/return 2/return 3/r);
    build();
    is(harness('run', '--coverage', 'coverage', 'one/b')->{status}, 1, 'one fails while it is counted');
    is($linked->(affected('src/a.c')), 'one/a one/b', 'and counts as if it had run everything');
}
chdir '/';
done_testing;
