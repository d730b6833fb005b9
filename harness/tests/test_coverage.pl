#!/usr/bin/perl
# run --coverage and coverage: gcc's gcov judges which lines of a program ran, lcov and genhtml the
# tracefile, Python and libxml2 the XML, binutils the functions.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Support;
use Test::More;

my $plugin = $Support::PROGRAM =~ s{[^/]+$}{libcoverage.so}r;

# ---- A QEMU without plugins ----
my $home = temp_folder();
write_file("$home/old-qemu", "#!/bin/sh\necho \"\$0: -plugin: invalid option\" >&2\nexit 1\n");
chmod 0755, "$home/old-qemu";
my $run = harness('run', '--coverage', "$home/none", '--qemu', "$home/old-qemu", 'gates/boot0.gate');
is($run->{status}, 2, 'a QEMU without plugins: exit status 2');
like($run->{out}, qr/--coverage needs a QEMU that takes plugins .*, and \S+old-qemu does not: .*invalid option/, 'and what it said');
ok(!-e "$home/none", 'and no files');

if (qx(qemu-system-aarch64 -M none -display none -plugin $plugin,probe=on 2>&1) !~ /^coverage plugin loaded$/m) {
    diag 'this QEMU takes no plugins: the rest is skipped';
    done_testing;
    exit;
}

# ---- A tracefile: file -> {lines, functions} with sums ----
sub make_folder { mkdir $_[0] or die }
sub read_lcov {
    my ($path) = @_;
    my (%files, $file);
    for (split /\n/, read_file($path)) {
        $file = $files{$1} //= {lines => {}, functions => {}, tests => {}} if /^SF:(.*)/;
        $file->{lines}{$1} += $2 if /^DA:(\d+),(\d+)/;
        $file->{functions}{$2} += $1 if /^FNDA:(\d+),(.*)/;
    }
    return \%files;
}

# ---- Two programs at one address, whose lines gcov knows ----
my $source = <<'END';
static int twice(int n) {
    return n * 2;
}

static int never(int n) {
    return n - 1;
}

int work(int n) {
    int sum = 0;
    for (int i = 0; i < n; i++) {
        if (i == 100)
            sum = never(sum);
        else
            sum += twice(i);
    }
    switch (n) {
    case 3:
        sum++;
        break;
    case 4:
        sum--;
        break;
    default:
        sum = 0;
    }
    return sum;
}
END
my $root = temp_folder();
mkdir "$root/$_" or die for qw(gates fixtures fixtures/planted);
symlink Cwd::abs_path('build'), "$root/build" or die;
for my $n (3, 4) {
    write_file("$root/work$n.c", $source);
    my $then = $n == 3 ? 'char *argv[] = {"b", 0}; if (run("/b", argv) != 0) return 1;' : '';
    write_file("$root/main$n.c", "#include \"lib.h\"\nint work(int n);\nint main(int argc, char **argv_) { (void)argc; (void)argv_; $then return work($n) == " . ($n == 3 ? 7 : 11) . " ? 0 : 1; }\n");
    is(system("aarch64-linux-gnu-gcc -O0 -g -ffreestanding -fno-pic -fno-pie -fno-stack-protector -nostdlib -static -Wl,--build-id=none,-Ttext-segment=0x600000 "
        . "-Ikernel -Ikernel/user -o $root/fixtures/planted/program$n kernel/user/start.S kernel/user/asm.S kernel/user/lib.c $root/work$n.c $root/main$n.c") >> 8, 0, "program $n is built");
    # The same function for the host, where gcov counts.
    write_file("$root/host$n.c", "int work(int n);\nint main(void) { return work($n) == 0; }\n");
    is(system("cd $root && gcc -O0 --coverage -o host$n work$n.c host$n.c && ./host$n && gcov -t host$n-work$n.gcno >gcov$n 2>/dev/null") >> 8, 0, "gcov counts $n");
}
write_file("$root/gates/planted.gate", <<'END');
[gate]
proves = two programs at one address

[case both]
file /init = fixture:program3
file /b = fixture:program4
exit = 0
spawns = 1

[case one]
file /init = fixture:program4
exit = 0
END
my $dir = "$root/coverage";
my @planted = ('run', '--kernel', Cwd::abs_path('build/kernel/Image'), '--history', "$home/history", '--coverage', $dir, "$root/gates/planted.gate");
$run = harness(@planted);
is($run->{status}, 0, 'the planted programs run') or diag $run->{out};
like($run->{out}, qr{^coverage: \d+ of \d+ lines, \d+ of \d+ functions; \Q$dir\E/index\.html$}m, 'the run says what was covered');
{
    my ($hit, $all) = $run->{out} =~ /^coverage: (\d+) of (\d+) lines/m;
    my @row = split /[|\n]/, `sqlite3 $home/history 'SELECT cases, lines_hit, lines, (SELECT count(*) FROM run) FROM coverage'`;
    is("@row", "planted $hit $all 0", 'the history has it, and no times of a run that counts');
    harness('dashboard', '--history', "$home/history", "$home/dashboard");
    my $shown = sprintf '%.1f %% of %d lines', 100 * $hit / $all, $all;
    like(read_file("$home/dashboard"), qr{>planted</h3><p class="soft">\Q$shown\E, .*; 1 run</p>}, 'and a dashboard shows it');
}
my $files = read_lcov("$dir/lcov.info");
for my $n (3, 4) {
    my %want = map { $_->[0] eq '-' || !$_->[1] ? () : ($_->[1] => $_->[0] =~ /^\d/ ? 1 : 0) }
        map { [/^\s*([^\s:]+):\s*(\d+):/] } grep { /^\s*\S+:\s*\d+:/ } split /\n/, read_file("$root/gcov$n");
    my $got = $files->{"$root/work$n.c"};
    cmp_ok(scalar(grep { $got->{lines}{$_} } keys %want), '>', 10, 'gcov knows lines that ran');
    my @differ = grep { defined $got->{lines}{$_} && ($got->{lines}{$_} > 0) != $want{$_} } sort { $a <=> $b } keys %want;
    is("@differ", '', "work$n.c: the lines that ran are gcov's");
    # gcov knows labels too, which have no code.
    my %code = map { $_ => 1 } qx(aarch64-linux-gnu-objdump -dl $root/fixtures/planted/program$n) =~ m{^\S+/work$n\.c:(\d+)}mg;
    is_deeply([sort keys %{$got->{lines}}], [sort keys %code], 'and the lines are those that objdump finds in the code');
    is_deeply([map { $got->{functions}{$_} ? 1 : 0 } qw(twice never work)], [1, 0, 1], 'and so are the functions');
}
is($files->{"$root/work3.c"}{lines}{10}, 1, 'a line counts the cases that ran it: one');
is($files->{"$root/work4.c"}{lines}{10}, 2, 'and two');
my $page = read_file("$dir/index.html");
like($page, qr{<h2>Functions never entered</h2>\n<ul>\n(?:<li>.*\n)*<li>.*work3\.c:5</a> never</li>}, 'the page names the function never entered');
like($page, qr{<h2>Branches of which only one side ran</h2>\n<ul>\n(?:<li>.*\n)*<li>.*work3\.c:12</a> branch 1 of 1 always jumps</li>}, 'and the branch of which one side ran');
like($page, qr{work4\.c:17</a> branch 1 of 2 never jumps</li>}, 'or the other');
unlike($page, qr{work3\.c:11</a> branch}, 'a loop runs both sides');
my ($set) = $page =~ m{id="f\d+l10"[^>]*><i>10</i><i><a href="#s(\d+)">2</a>};
like($page, qr{<dt id="s$set">2 cases</dt><dd>planted/both planted/one </dd>}, 'and the cases of a line') if ok($set, 'a line leads to its cases');
is(system("xmllint --html --noout $dir/index.html 2>$root/xmllint") >> 8, 0, 'libxml2 reads the page');
my %first = map { $_ => read_file("$dir/$_") } qw(lcov.info cobertura.xml index.html);
harness(@planted, '-j', 2);
is(join(' ', grep { $first{$_} ne read_file("$dir/$_") } sort keys %first), '', 'a second run, side by side, gives the same bytes');

# ---- Judges of the formats ----
# lcov 2 derives the last lines of functions, and checks what optimised code does not keep.
my $genhtml = 'genhtml --quiet' . (qx(genhtml --version) =~ /version 2/ ? ' --ignore-errors inconsistent,inconsistent,unsupported,unsupported' : '');
unlike(qx($genhtml --branch-coverage --output-directory $root/genhtml $dir/lcov.info 2>&1; echo "status \$?"), qr/error|warning|status [1-9]/i, 'genhtml has nothing to say of the tracefile');
my $all = scalar map { keys %{$_->{lines}} } values %$files;
my $hit = scalar map { my $lines = $_->{lines}; grep { $lines->{$_} } keys %$lines } values %$files;
like(qx(lcov --summary $dir/lcov.info 2>&1), qr/lines\.*: [\d.]+% \($hit of $all lines\)/, 'lcov counts the lines as we do');
write_file("$root/cobertura.py", <<'END');
import sys, xml.etree.ElementTree as tree
top = tree.parse(sys.argv[1]).getroot()
# Elements and attributes of coverage-04.dtd.
want = {'coverage': 'line-rate branch-rate lines-covered lines-valid branches-covered branches-valid complexity version timestamp',
        'package': 'name line-rate branch-rate complexity', 'class': 'name filename line-rate branch-rate complexity',
        'method': 'name signature line-rate branch-rate complexity'}
children = {'coverage': ['sources', 'packages'], 'package': ['classes'], 'class': ['methods', 'lines'], 'method': ['lines']}
for element in top.iter():
    if element.tag in want:
        assert sorted(element.attrib) == sorted(want[element.tag].split()), element.attrib
        assert [child.tag for child in element] == children[element.tag], element.tag
lines = [line for c in top.iter('class') for line in c.find('lines')]
assert all(int(line.get('number')) > 0 for line in lines)
assert len({c.get('filename') for c in top.iter('class')}) == len(list(top.iter('class')))
hit = sum(int(line.get('hits')) > 0 for line in lines)
assert (len(lines), hit) == (int(top.get('lines-valid')), int(top.get('lines-covered')))
print(len(lines), hit, top.find('sources/source').text)
END
# The elements and attributes of Cobertura's reports, as its documentation names them.
write_file("$root/cobertura.dtd", join '', map { my ($name, $content, @attributes) = split / /;
    "<!ELEMENT $name $content>\n", map { m{^(\w[\w-]*)(\?)?$}; "<!ATTLIST $name $1 CDATA " . ($2 ? '#IMPLIED' : '#REQUIRED') . ">\n" } @attributes }
    'coverage (sources?,packages) line-rate branch-rate lines-covered lines-valid branches-covered branches-valid complexity version timestamp',
    'sources (source*)', 'source (#PCDATA)', 'packages (package*)',
    'package (classes) name line-rate branch-rate complexity', 'classes (class*)',
    'class (methods,lines) name filename line-rate branch-rate complexity', 'methods (method*)',
    'method (lines) name signature line-rate branch-rate complexity', 'lines (line*)',
    'line (conditions*) number hits branch? condition-coverage?', 'conditions (condition*)', 'condition EMPTY number type coverage');
my $xml = read_file("$dir/cobertura.xml") =~ s/^(<!DOCTYPE coverage SYSTEM ")[^"]*/$1cobertura.dtd/mr;
write_file("$root/judged.xml", $xml);
is(qx(xmllint --nonet --noout --valid $root/judged.xml 2>&1), '', 'libxml2 validates it by the DTD');
write_file("$root/wrong.xml", $xml =~ s/ hits="/ hit="/r);
like(qx(xmllint --nonet --noout --valid $root/wrong.xml 2>&1), qr/No declaration for attribute hit /, 'which sees another attribute');
is(qx(python3 $root/cobertura.py $dir/cobertura.xml 2>&1), "$all $hit $root\n", 'Python reads the XML, and it has the same counts');

# ---- Without DWARF: functions of the symbol table, by nm ----
mkdir "$root/stripped" or die;
is(system("aarch64-linux-gnu-objcopy --strip-debug build/kernel/kernel.elf $root/stripped/kernel.elf && cp build/kernel/Image $root/stripped/") >> 8, 0, 'a kernel without lines');
write_file("$root/gates/stripped.gate", "[gate]\nproves = functions by the symbol table\n\n[case hello]\nkernel = stripped/Image\nsymbols = stripped/kernel.elf\n"
    . "file /init = build:kernel/user/hello\nexit = 0\nconsole = \"hello\\n\"\n");
$run = harness('run', '--no-history', '--coverage', "$dir-stripped", "$root/gates/stripped.gate");
is($run->{status}, 0, 'it runs') or diag $run->{out};
my $stripped = read_lcov("$dir-stripped/lcov.info");
my ($list) = grep { m{/functions/kernel\.elf-} } keys %$stripped;
ok($list && -f $list, 'a list of functions stands for the source');
my %entered = %{$stripped->{$list}{functions}};
my %nm = map { /^\S+ [tT] ([^\$]\S*)$/ ? ($1 => 1) : () } qx(aarch64-linux-gnu-nm build/kernel/kernel.elf);
is(join(' ', grep { !$nm{s/\@\d+$//r} } sort keys %entered), '', 'nm knows each');
cmp_ok(scalar keys %entered, '>', 150, 'and there are many');
is($entered{panic_report}, 0, 'no panic was entered');
cmp_ok(scalar(grep { $_ } values %entered), '>', 60, 'many functions were');
unlike(qx($genhtml --output-directory $root/genhtml2 $dir-stripped/lcov.info 2>&1; echo "status \$?"), qr/error|warning|status [1-9]/i, 'genhtml takes that too');

# ---- Programs of the chain, whose lines another file has; QEMU says which instructions ran ----
{
    my $log = "$root/in_asm";
    my $one = qx(qemu-aarch64 -h) =~ /-one-insn-per-tb/ ? '-one-insn-per-tb' : '-singlestep';
    my ($hex0, $lines) = ('build/boot0/host/hex0', 'build/lines/hex0.elf');
    is(system("qemu-aarch64 $one -d in_asm -D $log $hex0 fixtures/boot0/hex1.hex0 $root/hex1") >> 8, 0, 'QEMU writes down what hex0 runs');
    my %places = map { hex($_) => 1 } read_file($log) =~ /^0x0*([0-9a-f]+):/mg;
    my %want = map { $_ => 1 } map { /:(\d+)/ ? $1 : () } split /\n/, qx(aarch64-linux-gnu-addr2line -e $lines @{[map { sprintf '%x', $_ } sort { $a <=> $b } keys %places]});
    my @hex1 = ('run', '--no-history', '--coverage', "$dir-lines", '--filter', 'boot0/hex1', 'gates/boot0.gate');
    is(harness(@hex1, '--coverage-lines', 'build/lines')->{status}, 0, 'and so it is counted in the guest');
    my $covered = read_lcov("$dir-lines/lcov.info");
    my ($file) = grep { m{/fixtures/boot0/hex0\.hex0$} } keys %$covered;
    my @ran = grep { $covered->{$file}{lines}{$_} } keys %{$covered->{$file}{lines}};
    is(join(' ', sort { $a <=> $b } @ran), join(' ', sort { $a <=> $b } keys %want), 'the lines of hex0 that ran are those that QEMU names');
    cmp_ok(scalar(@ran), '>', 50, 'and there are many');
    is_deeply([map { $covered->{$file}{functions}{$_} ? 1 : 0 } qw(read next flush fail)], [1, 1, 1, 0], 'labels are functions');
    is(join(' ', grep { /scheme1|M1pp|\.m1$/ } keys %$covered), '', 'and tools that no case has are left out');
    is(harness(@hex1, '--coverage-lines', $lines)->{status}, 0, 'a file instead of a folder');
    is(join(' ', sort keys %{read_lcov("$dir-lines/lcov.info")}), join(' ', sort keys %$covered), 'gives the same');
    unlike(qx($genhtml --output-directory $root/genhtml3 $dir-lines/lcov.info 2>&1; echo "status \$?"), qr/error|warning|status [1-9]/i, 'genhtml shows them');
    write_file("$root/no.elf", "x\n");
    make_folder("$root/empty");
    for my $bad ("$root/no.elf", "$root/missing.elf", "$root/empty") {
        my $refused = harness(@hex1, '--coverage-lines', $bad);
        is($refused->{status}, 2, "$bad is refused");
        like($refused->{out}, qr/--coverage-lines:? \Q$bad\E/, 'by its name');
    }
    is(harness('run', '--coverage-lines', $lines, 'gates/boot0.gate')->{status}, 2, 'it needs --coverage');
}

# ---- The cache ----
my $cache = "$root/cache";
my @tier1 = ('run', '--cache', $cache, '--no-history', '--filter', 'tier1/one-byte', 'gates/tier1.gate');
harness(@tier1);
like(harness(@tier1)->{out}, qr/1 unchanged/, 'a case is unchanged');
$run = harness(@tier1, '--coverage', "$dir-cache");
unlike($run->{out}, qr/unchanged/, 'but not with --coverage');
is($run->{status}, 0, 'which runs it');
my $stamp = sub { join ' ', map { "$_ " . (stat)[9] } sort { $a cmp $b } all_files($cache) };
my $before = $stamp->();
harness(@tier1, '--coverage', "$dir-cache");
is($stamp->(), $before, 'and keeps nothing');

# ---- QEMUs of others, and bad counters ----
is(system("qemu-system-aarch64 -M virt,gic-version=3 -cpu cortex-a57 -m 256M -nodefaults -nographic -no-reboot -plugin $plugin,into=$root/counters "
    . "-kernel build/kernel/Image </dev/null >/dev/null 2>&1") >> 8, 0, 'a QEMU of others counts');
my @report = ('coverage', '--elf', 'build/kernel/kernel.elf', '--into', "$dir-others");
is(harness(@report, "$root/counters")->{status}, 0, 'its counters are read');
my ($panic) = grep { m{/kernel/panic\.c$} } keys %{read_lcov("$dir-others/lcov.info")};
is(read_lcov("$dir-others/lcov.info")->{$panic}{functions}{panic_report}, 1, 'a kernel without files panics');
for my $bad (['', 'cannot be read'], ["HCOUNT0\n" . "\0" x 24, 'has not written'], ["HCOUNT1\n" . pack('Q3', 5, 0, 0), 'cannot be read'],
    ["HCOUNT1\n" . pack('Q3', 1, 0, 0) . pack('Q3C', 1, 1, 1, 16) . "\0" x 15, 'longer than any'])
{
    write_file("$root/bad", $bad->[0]);
    $run = harness(@report, "$root/bad");
    cmp_ok($run->{status}, '>=', 2, "counters that are bad are refused: $bad->[1]");
    like($run->{out}, qr/\Q$root\E\/bad: .*$bad->[1]/, 'by their name');
}
is(harness('coverage', "$root/counters")->{status}, 2, 'without --elf and --into: exit status 2');
is(harness('run', '--coverage', "$root/bad/below", 'gates/boot0.gate')->{status}, 3, 'a folder that cannot be made: exit status 3');

# ---- The page docs/coverage.md ----
for my $block (read_file('docs/coverage.md') =~ /^```sh\n(.*?)^```$/msg) {
    $block =~ s/genhtml --quiet/$genhtml/g;
    my $said = qx((set -e; $block) 2>&1);
    is($? >> 8, 0, 'docs/coverage.md: ' . (split /\n/, $block)[0]) or diag $said;
}
done_testing;
