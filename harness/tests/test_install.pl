#!/usr/bin/perl
# What make install puts where, and the documents that come from the command table: groff and bash
# judge.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $dir = temp_folder();
is(system("make -s SKIP_SETUP=1 install DESTDIR=$dir PREFIX=/usr >$dir.log 2>&1") >> 8, 0, 'make install')
    or diag `cat $dir.log`;
is_deeply([sort map { s/^\Q$dir\E//r } grep { -f } all_files($dir)], [map { "/usr/$_" } qw(bin/harness lib/harness/Image
    lib/harness/kernel.elf lib/harness/libcoverage.so lib/harness/libdisasm.so
    lib/harness/libhttp.so share/bash-completion/completions/harness share/man/man1/harness.1)], 'these files and no others');
my $program = "$dir/usr/bin/harness";
my $hello = Cwd::abs_path('build/kernel/user/hello');
is(`cd $dir && $program exec $hello 2>&1`, "hello\n", 'it finds the kernel beside itself');

# ---- The Debian package: lintian judges, and the program runs out of it ----
{
    local ($ENV{DEBFULLNAME}, $ENV{DEBEMAIL}) = ('The authors', 'harness@lists.debian.org');
    my $deb = `tools/deb $dir/deb 2>$dir/deb.log`;
    chomp $deb;
    like($deb, qr{/harness_[\d.]+_\w+\.deb$}, 'tools/deb names the package') or diag read_file("$dir/deb.log");
    is(`lintian --allow-root --fail-on error,warning $deb 2>&1`, '', 'lintian has nothing to say of it');
    is(system("dpkg-deb -x $deb $dir/unpacked") >> 8, 0, 'it unpacks');
    is(`cd $dir && $dir/unpacked/usr/bin/harness exec $hello 2>&1`, "hello\n", 'and its program runs');
    my ($depends) = `dpkg-deb -f $deb Depends` =~ /(.*)/;
    my $program = "$dir/unpacked/usr/bin/harness";
    my $objects = join ' ', $program, glob "$dir/unpacked/usr/lib/harness/*.so";
    my %needed = map { $_ => 1 } `objdump -p $objects` =~ /^ *NEEDED +(\S+)/mg;
    my %paths = `ldd $objects` =~ /^\s*(\S+) => (\S+)/mg;
    for my $path (map { Cwd::abs_path($paths{$_}) } sort keys %needed) {
        # dpkg knows the path that the package gives, before or after the merge of /usr.
        my $other = $path =~ m{^/usr/} ? $path =~ s{^/usr}{}r : "/usr$path";
        my ($package) = `dpkg -S $path 2>/dev/null || dpkg -S $other` =~ /^([^:]+)/;
        like($depends, qr/\b\Q$package\E\b/, "it depends on $package");
    }
    like($depends, qr/qemu-system-arm/, 'and on QEMU');
}

# ---- The manual page ----
is(`groff -man -ww -z $dir/usr/share/man/man1/harness.1 2>&1`, '', 'groff has nothing to say of the page');
my $page = `groff -man -Tascii -P-cbou $dir/usr/share/man/man1/harness.1`;
my @commands = `$program --help` =~ /^  (\w+) /mg;
cmp_ok(scalar @commands, '>', 8, 'help shows the commands');
for my $command (@commands) {
    like($page, qr/^ +harness $command /m, "the page has $command");
    my ($help) = `$program $command --help` =~ /Application Options:(.*)/s;
    my @missing = grep { $page !~ /--\Q$_\E\b/ } ($help // '') =~ /--([\w-]+)/g;
    is("@missing", '', "and its options");
}
my @keys = `$program check --keys` =~ /^  (\w+)(?: \/PATH)? = /mg;
is(join(' ', grep { $page !~ /^ +$_( \/PATH)? = /m } @keys), '', 'the page has every key of gate files');

# ---- The reference of gate files ----
is(read_file('docs/gates.md'), `$program docs gates`, 'docs/gates.md is what the program writes')
    or diag 'build/harness docs gates >docs/gates.md writes it';

# ---- The completion ----
my %completions = (
    'harness r' => 'run report',
    'harness run --dr' => '--driver=',
    'harness run --driver = l' => 'linux',
    'harness run -d b' => 'both',
    'harness run --filter = boot0/hex1' => 'boot0/hex1 boot0/hex1-again',
    'harness run gates/tier1' => 'gates/tier1.gate',
    'harness debug gates/tier1.gate o' => 'one-byte',
    'harness run -f !boot0/hex1' => '!boot0/hex1 !boot0/hex1-again',
    'harness run --filter =' => join(' ', `$program list` =~ /^  (\S+)/mg),
    'harness run tier1/jo' => 'tier1/join tier1/join-console',
    'harness run tie' => 'tier1 tier2',
    'harness bless tie' => 'tier1 tier2',
    'harness bless --fi' => '',
    'harness bless --sh' => '',
    'harness run --col' => '--color=',
    'harness run --color = n' => 'never',
    'harness exec -d s' => 'seed',
    'harness exec -d b' => '',
    'harness help pe' => 'perf',
    'harness debug tier1/em' => 'tier1/empty',
    'harness docs m' => 'man',
    'harness perf c' => 'compare check',
    'harness perf s' => 'show steps',
    'harness perf export --format = b' => 'bencher',
    'harness report --format = j' => 'junit json',
);
for my $typed (sort keys %completions) {
    my $got = `bash -c 'source $dir/usr/share/bash-completion/completions/harness; PATH=$dir/usr/bin:\$PATH
        COMP_WORDS=($typed); COMP_CWORD=\$((\${#COMP_WORDS[@]} - 1)); _harness; echo -n "\${COMPREPLY[*]}"' 2>&1`;
    is($got, $completions{$typed}, "completes: $typed");
}
done_testing();
