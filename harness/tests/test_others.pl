#!/usr/bin/perl
# The gates of gates/others/: programs, firmware and kernels of others, each as far as its QEMU and its
# files are installed; and what their guests do wrong is judged as what it is.
use strict;
use warnings;
use File::Copy;
use File::Path 'make_path';
use FindBin;
use JSON::PP;
use lib $FindBin::Bin;
use Support;
use Test::More;

# What a gate needs beyond what `make tests` builds from sources: programs and files, and the packages that
# have them.
my %needs = (
    'cortex-m' => {'qemu-system-arm' => 'qemu-system-arm'},
    multiboot => {'qemu-system-x86_64' => 'qemu-system-x86'},
    ports => {'qemu-system-x86_64' => 'qemu-system-x86'},
    riscv64 => {'qemu-system-riscv64' => 'qemu-system-riscv or qemu-system-misc'},
    'u-boot' => {'qemu-system-riscv64' => 'qemu-system-riscv or qemu-system-misc', 'build/others/u-boot-arm64.bin' => 'u-boot-qemu', 'build/others/u-boot-riscv64.bin' => 'u-boot-qemu'},
    edk2 => {
        (map { ("build/others/edk2-arm64$_.bin" => 'qemu-efi-aarch64') } '', '-code', '-vars'),
        mformat => 'mtools',
    },
    disks => {
        'build/linux/vmlinuz' => 'linux-image-arm64', 'build/others/u-boot-arm64.bin' => 'u-boot-qemu', mformat => 'mtools', sfdisk => 'fdisk',
        (map { ("build/others/$_-arm64.cpio" => "make tests fetches it; see build/others/$_-arm64.cpio.log") } qw(initrd modules)),
    },
    linux => {
        'qemu-system-x86_64' => 'qemu-system-x86', 'build/linux/vmlinuz' => 'linux-image-arm64',
        (map { ("build/others/$_" => "make tests fetches it; see build/others/$_.log") } qw(initrd-arm64.cpio initrd-amd64.cpio linux-amd64/vmlinuz)),
    },
    answers => {},
);

# What is missing of these, in words; '' if nothing is.
sub missing {
    my ($gate) = @_;
    my $of = $needs{$gate};
    return join ', ', map { "$_ is not there ($of->{$_})" }
        grep { my $name = $_; $name =~ m{/} ? !-e $name : !grep { -x "$_/$name" } split(/:/, $ENV{PATH}), '/usr/sbin' } sort keys %$of;
}

my $page = read_file('docs/others.md');
is(join(' ', sort keys %needs), join(' ', sort map { m{([^/]+)\.gate$} } glob 'gates/others/*.gate'), 'each gate is known here');
like($page, qr{gates/others/$_\.gate}, "docs/others.md shows $_") for sort keys %needs;

for my $gate (sort grep { $_ ne 'answers' } keys %needs) {
  SKIP: {
        my $missing = missing($gate);
        skip "gates/others/$gate.gate: $missing", 1 if $missing;
        my $json = temp_folder() . '/json';
        my $run = harness('run', '-j', 2, '--json', $json, "gates/others/$gate.gate");
        my $cases = decode_json(read_file($json))->{cases};
        is($_->{verdict}, 'pass', $_->{id}) for @$cases;
        is($run->{status}, 0, "$gate: exit status 0") or diag $run->{out};
    }
}

# ---- The commands of the page ----
SKIP: {
    my $missing = missing('multiboot');
    skip "the commands of docs/others.md: $missing", 1 if $missing;
    my @commands = map { split /\n/ } $page =~ /^```sh\n(.*?)^```$/msg;
    cmp_ok(scalar @commands, '>=', 2, 'the commands of docs/others.md');
    for my $command (@commands) {
        my $out = qx{$command 2>&1};
        is($?, 0, $command) or diag $out;
    }
}

# ---- The same guests, when they do something else ----
# Each: the gate, keys of the case that replace its own, and what the run says.
my @wrong = (
    ['cortex-m', 'a wrong status', qq{dialog = wait "ready> " send "3"\nstatus = 0\n}, qr/^fail .*\n.*did not end as expected\n +expected exit status 0 of QEMU\n +actual   exit status 3\b/m],
    ['cortex-m', 'a processor that locks up', qq{dialog = wait "ready> " send "l"\nstatus = 0\n}, qr/^panic .*\n.*[Ll]ock/m],
    ['multiboot', 'a wrong value', qq{dialog = wait "ready> " send "5"\nstatus = 1\n}, qr/^fail .*\n.*\n +expected exit status 1 of QEMU\n +actual   exit status 11$/m],
    ['riscv64', 'a wrong status', qq{dialog = wait "ready> " send "2"\nstatus = 0\n}, qr/^fail .*\n.*\n +expected exit status 0 of QEMU\n +actual   exit status 2$/m],
    ['linux', 'a kernel without an init', qq{kernel = build/linux/vmlinuz\nmachine = virt\nappend = console=ttyAMA0 panic=-1\n}, qr/^panic .*\n.*says the console: "Kernel panic - \.\*": Kernel panic - not syncing: VFS/m],
);
for my $wrong (@wrong) {
    my ($gate, $name, $keys, $said) = @$wrong;
  SKIP: {
        my $missing = missing($gate);
        skip "$gate, $name: $missing", 1 if $missing;
        my $root = temp_folder();
        make_path("$root/gates");
        symlink Cwd::abs_path('build'), "$root/build" or die;
        my $head = read_file("gates/others/$gate.gate") =~ s/^\[case .*//msr;
        write_file("$root/gates/x.gate", "$head\[case c]\n$keys");
        like(harness('run', "$root/gates/x.gate")->{out}, $said, "$gate: $name");
    }
}

# ---- A tree of kvm-unit-tests, whose test is the multiboot program ----
SKIP: {
    my $missing = missing('multiboot');
    skip "a test of kvm-unit-tests: $missing", 3 if $missing;
    my $root = temp_folder();
    make_path("$root/gates", "$root/build/k/x86");
    copy('build/others/multiboot.img', "$root/build/k/x86/apic.flat") or die;
    write_file("$root/build/k/config.mak", "ARCH=x86_64\nARCH_NAME=x86_64\nTEST_DIR=x86\nENVIRON_DEFAULT=yes\n");
    write_file("$root/build/k/x86/unittests.cfg", "[apic]\nfile = apic.flat\nsmp = 2\nextra_params = -cpu qemu64,+x2apic -append run=T\n");
    my $harness = Cwd::abs_path($ENV{HARNESS} || 'build/harness');
    is(system("cd $root && $harness import kvm-unit-tests build/k >gates/k.gate"), 0, 'it is imported');
    my $run = harness('run', "$root/gates/k.gate");
    is($run->{status}, 0, 'and passes') or diag $run->{out};
    like($run->{out}, qr{^pass    k/apic +[\d.]+ ms  2 subtests: 1 passed, 1 skipped$}m, 'its results are subtests');
}
done_testing();
