#!/usr/bin/perl
# harness import kvm-unit-tests: each test of a list becomes a case that asks QEMU for what the runner
# of that project would, or a comment that says why it does not.
use strict;
use warnings;
use File::Path 'make_path';
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $root = temp_folder();
my $tree = "$root/build/k";
my $harness = Cwd::abs_path($ENV{HARNESS} || 'build/harness');
make_path("$root/gates", "$tree/arm", "$tree/x86", "$tree/riscv");
write_file("$tree/$_", 'x') for qw(arm/selftest.flat arm/gic.flat x86/apic.flat riscv/sbi.flat);
write_file("$root/there", "Y\n");

sub configure {
    my (@lines) = @_;
    write_file("$tree/config.mak", join '', map { "$_\n" } @lines);
}

# The gate, its comments and its cases by name, as `harness check` shows them.
sub import_tests {
    my (@more) = @_;
    my $out = qx{cd $root && $harness import kvm-unit-tests build/k @more 2>&1};
    my $status = $? >> 8;
    write_file("$root/gates/k.gate", $out) if $status == 0;
    my $shown = $status == 0 ? harness('check', "$root/gates/k.gate") : {status => 0, out => ''};
    is($shown->{status}, 0, 'harness check accepts the gate') or diag $shown->{out}, $out;
    my %cases = map { /\A  case (\S+)\n(.*)\z/ms ? ($1 => join "\n", map { s/^ +//r } split /\n/, $2) : () } split /^(?=  case )/m, $shown->{out};
    return {status => $status, out => $out, cases => \%cases};
}

my @arm64 = ('ARCH=arm64', 'ARCH_NAME=aarch64', 'TEST_DIR=arm', 'PROCESSOR=cortex-a57', 'ENVIRON_DEFAULT=yes', 'CONFIG_EFI=');

# ---- Every feature of a list ----
configure(@arm64);
write_file("$tree/arm/unittests.cfg", <<'LIST');
# A comment
file = ignored before the first section

[setup]
file = selftest.flat
smp = 2   # two of them
extra_params = -m 256 -append 'setup smp=2 mem=256'
groups = selftest first

[arguments]
file = selftest.flat
test_args = 'a "quoted" \ word'
qemu_params = -machine gic-version=2 --machine secure=on -cpu max,+sve,sve512=on

  [smp]
file=selftest.flat
smp = $MAX_SMP
unknown = ignored

[few]
file = gic.flat
smp = $((($MAX_SMP < 8)?$MAX_SMP:8))
extra_params = -append "mem=$MAX_SMP"

[long]
file = gic.flat
qemu_params = """-device virtio-rng-device \
  -append 'one \
two'"""
timeout = 10

[refused]
file = gic.flat
extra_params = -serial null -icount 8 -device virtio-rng-device -no-hpet stray

[kvm only]
file = gic.flat
accel = kvm
timeout = 1.5m

[kvm-only]
file = gic.flat
accel = tcg,thread=single
timeout = 0

[machine]
file = gic.flat
machine = sbsa-ref

[off]
file = gic.flat
disabled_if = [[ "$TARGET" != qemu ]]

[good-check]
file = gic.flat
check = ROOT/there=Y

[nodefault]
file = gic.flat
groups = nodefault gic

[migration]
file = gic.flat
groups = gic migration

[other-arch]
file = gic.flat
arch = arm

[disabled]
file = gic.flat
disabled_if = [[ "$TARGET" = qemu ]]

[condition]
file = gic.flat
disabled_if = test -e /x

[shell]
file = gic.flat
extra_params = -append "`date +%s`"

[bad-smp]
file = gic.flat
smp = $((MAX_SMP * 2))

[bad-quote]
file = gic.flat
extra_params = -append 'open

[bad-cpu]
file = gic.flat
extra_params = -cpu max,x=/etc/passwd

[bad-line]
file = gic.flat
test_args = "a	b"

[bad-time]
file = gic.flat
timeout = soon

[bad-check]
file = gic.flat
check = ROOT/there=N

[not-built]
file = absent.flat

[outside]
file = ../../secret
LIST
edit("$tree/arm/unittests.cfg", sub { s/ROOT/$root/g });
my $run = import_tests('--max-smp', 4);
is($run->{status}, 0, 'it writes a gate');
my %cases = %{$run->{cases}};
is(join(' ', sort keys %cases), 'arguments few good-check kvm-only kvm-only-2 long machine off refused setup smp', 'the cases; names are unique, of letters that a case may have');

sub has {
    my ($case, $line) = @_;
    like($cases{$case}, qr/^\Q$line\E$/m, "$case: $line");
}
has($_, 'memory = ' . ($_ eq 'setup' ? '256M' : '128M')), has($_, 'status = 1'), has($_, 'skip-status = 155'),
    has($_, 'results = kvm-unit-tests'), has($_, 'hang = off') for sort keys %cases;
has('setup', $_) for 'kernel = build/k/arm/selftest.flat', 'smp = 2', 'append = setup smp=2 mem=256', 'machine = virt', 'cpu = cortex-a57', 'timeout = 90s',
    'about = line 4 of unittests.cfg; groups: selftest first', 'initrd = "QEMU_ACCEL=tcg\nERRATA_FORCE=y\n"';
like($cases{setup}, qr/^qemu = -device virtio-serial-device -device virtconsole,chardev=ctd -chardev testdev,id=ctd -device pci-testdev$/m, 'the device by which a test ends');
has('arguments', $_) for 'append = a "quoted" \\ word', 'machine = virt,gic-version=2,secure=on', 'cpu = max,+sve,sve512=on';
has('smp', 'smp = 4');
has('few', $_) for 'smp = 4', 'append = mem=4';
has('long', 'timeout = 10s');
like($cases{long}, qr/^append = one two$/m, 'a value of several lines');
like($cases{long}, qr/^qemu = .*testdev,id=ctd -device pci-testdev -device virtio-rng-device$/m, 'further words follow those of the runner');
like($cases{refused}, qr/^qemu = .*pci-testdev -device virtio-rng-device -no-hpet$/m, 'what the key qemu refuses is left out');
like($run->{out}, qr/^# Without -serial null: the list of words has the option -serial, which the harness sets itself\.$/m, 'and a comment says so');
like($run->{out}, qr/^# Without -icount 8: .*use harness run --icount\.$/m, 'with what to use instead');
like($run->{out}, qr/^# Without stray: .*where an option must begin\.$/m, 'also for a word alone');
has('kvm-only', $_) for 'accel = kvm', 'machine = virt,gic-version=host', 'cpu = host', 'timeout = 90s', 'initrd = "QEMU_ACCEL=kvm\n"';
unlike($cases{'kvm-only-2'}, qr/^accel = kvm/m, 'tcg alone');
has('kvm-only-2', 'timeout = 86400s');
has('machine', 'machine = sbsa-ref');
my %why = (
    nodefault => 'it is in the group nodefault, which runs on demand', migration => "its runner migrates the guest or waits for QEMU's event of a panic",
    'other-arch' => 'it is for arm alone', disabled => 'disabled_if = [[ "$TARGET" = qemu ]] holds', condition => 'disabled_if = test -e /x needs a shell',
    shell => 'its parameters need a shell: -append "`date +%s`"', 'bad-smp' => 'smp = $((MAX_SMP * 2)) is not a number',
    'bad-quote' => "its parameters are not words: -append 'open", 'bad-cpu' => '-cpu max,x=/etc/passwd has for "x" neither a switch nor a number',
    'bad-line' => 'its boot arguments have control characters', 'bad-time' => 'timeout = soon is not a duration of at most a day', 'bad-check' => "it wants \"N\" in $root/there, which has \"Y\"",
    'not-built' => 'build/k/arm/absent.flat is not built', outside => 'it names no file below arm',
);
like($run->{out}, qr/^# \Q$_ is left out: $why{$_}\E\.$/m, "$_: left out, with the reason") for sort keys %why;
like(import_tests('--max-smp', 16)->{cases}{few}, qr/^smp = 8$/m, 'the smaller of two numbers');
like(import_tests('--accel', 'kvm')->{cases}{smp}, qr/^cpu = host$/m, 'another accelerator for tests that name none');
configure(grep { !/ENVIRON/ } @arm64);
unlike(import_tests()->{out}, qr/^initrd/m, 'without an environment, no initrd');

# ---- QEMU takes it: a kernel that powers off is no error, but not what was asked ----
{
    configure(@arm64);
    write_file("$tree/arm/selftest.flat", read_file('build/selftest/say.img'));
    write_file("$tree/arm/unittests.cfg", "[say]\nfile = selftest.flat\nextra_params = -m 1024 -append x\n");
    import_tests();
    my $said = harness('run', "$root/gates/k.gate");
    like($said->{out}, qr/^fail .*k\/say .*\n.*\n +expected exit status 1 of QEMU\n +actual +exit status 0$/m, 'the words of the runner need no --allow-host');
    like($said->{out}, qr/\| QEMU_ACCEL=tcg\n +\| ERRATA_FORCE=y$/m, 'the environment reaches the guest');
}

# ---- Other architectures ----
configure('ARCH=x86_64', 'ARCH_NAME=x86_64', 'TEST_DIR=x86', 'PROCESSOR=x86_64');
write_file("$tree/x86/unittests.cfg", "[apic]\nfile = apic.flat\nextra_params = -cpu qemu64,+x2apic -machine kernel_irqchip=split -m 4g\n[q35]\nfile = apic.flat\nextra_params = -M q35,accel=kvm\n");
%cases = %{import_tests()->{cases}};
has('apic', $_) for 'arch = x86_64', 'cpu = qemu64,+x2apic', 'machine = pc,kernel_irqchip=split', 'memory = 4096M', 'status = 1',
    'qemu = -device pc-testdev -device isa-debug-exit,iobase=0xf4,iosize=0x4 -device pci-testdev';
has('q35', $_) for 'machine = q35', 'accel = kvm';
configure('ARCH=riscv64', 'ARCH_NAME=riscv64', 'TEST_DIR=riscv', 'DEFAULT_QEMU_CPU=max', 'PROCESSOR=rv64');
write_file("$root/list", "[sbi]\nfile = sbi.flat\n");
%cases = %{import_tests('list')->{cases}};
like(do { configure('ARCH=riscv64', 'ARCH_NAME=riscv64', 'TEST_DIR=riscv', 'TARGET_CPU=rv64', 'DEFAULT_QEMU_CPU=max'); import_tests('list')->{out} }, qr/^cpu = rv64$/m, 'the processor that configure was asked for');
has('sbi', $_) for 'arch = riscv64', 'cpu = max', 'status = 0', 'dialog = wait "^EXIT: STATUS=(1|155)\\\\s"';

# ---- What cannot be imported ----
sub refused {
    my ($pattern, @arguments) = @_;
    my $out = qx{cd $root && $harness import @arguments 2>&1};
    is($? >> 8, 2, "@arguments: exit status 2");
    like($out, $pattern, 'and says why');
}
refused(qr/needs kvm-unit-tests, DIR/, 'kvm-unit-tests');
refused(qr/unknown kind of tests "kunit"; known: kvm-unit-tests/, 'kunit', 'build/k');
refused(qr/copy or build the tree below the folder that has gates/, 'kvm-unit-tests', $tree);
refused(qr/configure and make kvm-unit-tests there first/, 'kvm-unit-tests', 'build');
refused(qr/--accel must be tcg, kvm or hvf/, '--accel', 'xen', 'kvm-unit-tests', 'build/k');
write_file("$root/list", "[x]\nfile = absent.flat\n");
refused(qr/has no test that can run here; the reasons:\n.*# x is left out: build\/k\/riscv\/absent.flat is not built/s, 'kvm-unit-tests', 'build/k', 'list');
configure('ARCH=s390x', 'ARCH_NAME=s390x', 'TEST_DIR=s390x');
refused(qr/config.mak is for an architecture other than/, 'kvm-unit-tests', 'build/k');
configure(map { s/CONFIG_EFI=/CONFIG_EFI=y/r } @arm64);
refused(qr/is for tests under EFI/, 'kvm-unit-tests', 'build/k');
configure('ARCH=arm64');
refused(qr/names no ARCH, ARCH_NAME or TEST_DIR/, 'kvm-unit-tests', 'build/k');
configure(map { s/cortex-a57/max,x=y/r } @arm64);
refused(qr/names a processor that has for "x"/, 'kvm-unit-tests', 'build/k');
done_testing();
