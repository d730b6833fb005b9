#!/usr/bin/perl
# harness diff: of planted differences, made by compilers, archivers and editors, the first line names each.
use strict;
use warnings;
use Cwd 'abs_path';
use FindBin;
use lib $FindBin::Bin;
use POSIX 'mkfifo';
use Support;
use Test::More;

$Support::PROGRAM = abs_path($Support::PROGRAM);
my $dir = temp_folder();
chdir $dir or die;
$ENV{LC_ALL} = 'C';
my $cross = 'aarch64-linux-gnu-';

# Two functions, data of every kind, a call and a string.
write_file('p.c', <<'END');
extern int outside(int), other(int);
int table[4] = {1, 2, 3, 4};
const char *const text = "the answer is here";
int space[100];
static int twice(int x) { return x * 2; }
int helper(int x) { return twice(x) + 40; }
int main(int argc, char **argv) { (void)argv; space[argc] = helper(argc); return outside(argc + 3) + table[1]; }
END

sub shell {
    my ($commands) = @_;
    system('sh', '-ec', $commands) == 0 or die "failed: $commands";
}

# Runs shell commands for each side in a folder of its own with the file p.c; both make the file x.
my %made; # commands -> the number of what they made
mkdir 'made' or die;
sub planted {
    my ($name, $for_a, $for_b, $pattern, %more) = @_;
    for my $side (['a', $for_a], ['b', $for_b]) {
        my $kept = 'made/' . ($made{$side->[1]} //= scalar keys %made);
        shell("rm -rf work; mkdir work; cp p.c work; cd work; (set -e; $side->[1]); mv x ../$kept") if !-e $kept;
        shell("rm -rf $side->[0]; cp -a $kept $side->[0]");
    }
    my $run = harness('diff', 'a', 'b');
    my ($first) = $run->{out} =~ /\A(.*)$/m;
    like($first, $pattern, "$name: the first line names it") or diag $run->{out};
    is($run->{status}, 1, "$name: exit status 1");
    cmp_ok(scalar(() = $run->{out} =~ /\n/g), '<=', 24, "$name: at most 24 lines");
    my $swapped = harness('diff', 'b', 'a');
    is($swapped->{status}, 1, "$name: and the other way round");
    is(harness('diff', 'a', 'a')->{status} . harness('diff', 'b', 'b')->{status}, '00', "$name: each equals itself");
    # cmp is the judge of the first byte.
    if (!-d 'a') {
        my $cmp = qx{cmp a b 2>&1};
        my ($byte) = $cmp =~ /(?:byte|char) (\d+)/;
        my ($ours) = $run->{out} =~ /first difference at byte ([\d,]+)/;
        my $at = $cmp =~ /EOF on (\S+) which is empty/ ? 0 : $cmp =~ /EOF/ ? $byte : $byte - 1;
        is($ours =~ s/,//gr, $at, "$name: the first byte is cmp's");
    }
}

my $cc = "${cross}gcc -O1 -c p.c -o x";
my $change = sub { my ($edit, $with) = @_; "perl -pi -e '$edit' p.c; " . ($with // $cc) };
my $link = "${cross}gcc -O1 -nostdlib -static -Wl,--build-id=none -Wl,-e,main -DOUT p.c o.c -o x";
my $linked = sub { my ($edit) = @_; "printf 'int outside(int x) { return x ^ 5; } int other(int x) { return x + 1; }' >o.c; perl -pi -e '$edit' p.c; $link" };
my $as = sub { my ($text) = @_; "printf '$text' | ${cross}as -o x" };

# ---- ELF ----
planted('an immediate', $cc, $change->('s/\+ 40/+ 41/'), qr/function "helper".*0x28.*0x29/);
planted('another operator', $cc, $change->('s/argc \+ 3/argc - 3/'), qr/function "main"\+0x\w+: .*"add .*sub /);
planted('a string', $cc, $change->('s/is here/is gone/'), qr/\.rodata.*string .*is here.*is gone/);
planted('a datum', $cc, $change->('s/2, 3/2, 7/'), qr/section \.data, symbol "table"\+0x8/);
planted('a size of .bss', $cc, $change->('s/space\[100\]/space[120]/'), qr/section "\.bss": size 400 against 480.*"space"/);
planted('an alignment', $cc, $change->('s/int table/__attribute__((aligned(64))) int table/'), qr/section "\.data": alignment .* 64/);
planted('another function is called', $cc, $change->('s/return outside/return other/'), qr/symbol "outside".*"other".*relocation/);
planted('a relocation', $change->('s/return outside/other(1); return outside/'), $change->('s/return outside/outside(1); return other/'), qr/relocation in \.rela\.text.*"other".*"outside"/);
planted('an addend', $cc, $change->('s/table\[1\]/table[2]/'), qr/relocation.*addend|function "main"/);
planted('a symbol is renamed', $cc, "$cc; ${cross}objcopy --redefine-sym helper=assistant x", qr/symbol "helper".*"assistant".*renamed/);
planted('a symbol is weak', $cc, "$cc; ${cross}objcopy --weaken-symbol=helper x", qr/symbol "helper": binding global against weak/);
planted('a symbol is local', $cc, "$cc; ${cross}objcopy --localize-symbol=helper x", qr/symbol "helper": binding global against local/);
planted('a function is added', $cc, $change->('print "int added(void) { return 1; }\n" if $. == 1'), qr/symbol "added" \(function in \.text\) is only in B/);
planted('a section is added', $cc, "$cc; ${cross}objcopy --add-section .extra=p.c x", qr/section "\.extra".*only in B/);
planted('a section is renamed', $cc, "$cc; ${cross}objcopy --rename-section .data=.mine x", qr/section "\.data".*only in A.*"\.mine"/);
planted('the flags of a section', $cc, "$cc; ${cross}objcopy --set-section-flags .data=alloc,readonly,data x", qr/section "\.data": flags/);
planted('stripped', $cc, "$cc; ${cross}strip -g x; ${cross}strip -x x", qr/symbol/);
planted('another machine', $cc, "gcc -O1 -c p.c -o x", qr/e_machine.*AArch64 against x86-64/);
planted('another byte order', $cc, "${cross}gcc -mbig-endian -O1 -c p.c -o x", qr/byte order.*little-endian against big-endian/);
planted('the machine in the header', $cc, "$cc; printf '\\362' | dd of=x bs=1 seek=18 conv=notrunc status=none", qr/e_machine/);
planted('the version in the header', $cc, "$cc; printf '\\003' | dd of=x bs=1 seek=6 conv=notrunc status=none", qr/EI_VERSION/);
planted('the offset of the section headers', $cc, "$cc; printf '\\001' | dd of=x bs=1 seek=41 conv=notrunc status=none", qr/e_shoff/);
planted('sections for functions', $cc, "$cc -ffunction-sections", qr/"\.text\.helper".*only in B/);
planted('a library', 'gcc -O1 -shared -fPIC p.c -o x', 'gcc -O1 -shared -fPIC p.c -o x -Wl,--no-as-needed -lm', qr/NEEDED.*"libm\.so\.6" is only in B/);
planted('the type in the header', $cc, "$cc; printf '\\003' | dd of=x bs=1 seek=16 conv=notrunc status=none", qr/e_type/);
planted('another compiler', $cc, "clang --target=aarch64-linux-gnu -O1 -c p.c -o x", qr/another tool.*GCC.*clang/);
planted('other options', "${cross}gcc -g -O1 -c p.c -o x", "${cross}gcc -g -O2 -c p.c -o x", qr/options: "-O1" against "-O2"/);
planted('a path in debug information', "mkdir one; cd one; ${cross}gcc -g -O1 -c ../p.c -o ../x", "mkdir two; cd two; ${cross}gcc -g -O1 -c ../p.c -o ../x", qr/a path differs.*\/one" against .*\/two"/);
planted('a path by __FILE__', 'mkdir one; cp p.c one; echo "const char *f = __FILE__;" >>one/p.c; ' . "${cross}gcc -O1 -c \$PWD/one/p.c -o x",
    'mkdir other; cp p.c other; echo "const char *f = __FILE__;" >>other/p.c; ' . "${cross}gcc -O1 -c \$PWD/other/p.c -o x", qr/a path differs/);
planted('a date by __DATE__', 'echo "const char *d = __DATE__ __TIME__;" >>p.c; SOURCE_DATE_EPOCH=1700000000 ' . $cc,
    'echo "const char *d = __DATE__ __TIME__;" >>p.c; SOURCE_DATE_EPOCH=1600000000 ' . $cc, qr/a timestamp differs.*2023.*2020/);
planted('the name of the source', $cc, "mv p.c q.c; ${cross}gcc -O1 -c q.c -o x", qr/name of the source file.*"p.c" against "q.c"/);
planted('one bit of code', $cc, "$cc; perl -0777 -pi -e 'BEGIN { \$at = hex qx{${cross}readelf -SW x} =~ s/.*\\.text +PROGBITS +\\w+ (\\w+).*/\$1/sr } vec(\$_, (\$at + 4) * 8 + 10, 1) ^= 1' x", qr/function "helper"/);
planted('bytes after the end', $cc, "$cc; head -c 64 /dev/zero >>x", qr/padding: 64 bytes/);
planted('cut', $cc, "$cc; truncate -s 1000 x", qr/B is cut.*first 1,000 bytes of A/);
planted('a linked program, a value', $linked->(''), $linked->('s/\+ 40/+ 41/'), qr/function "helper"/);
planted('a linked program, a longer function', $linked->(''), $linked->('s/\+ 40/+ 40 * argv_count(x)/; s/^static/static int argv_count(int x) { return x * x * 77 + 5; } static/'), qr/function "helper"/);
planted('a linked program, a longer string', $linked->(''), $linked->('s/answer/answer to all questions/'), qr/\.rodata.*answer/);
planted('a linked program, another call', $linked->(''), $linked->('s/return outside/return other/'), qr/function "main"\+0x\w+: bl? differs.*outside.*other/);
planted('a linked program, its base', $linked->(''), $linked->('') . ' -Wl,-Ttext-segment=0x800000', qr/p_vaddr.*0x400000 against 0x800000/);
planted('a linked program, the size of pages', $linked->(''), $linked->('') . ' -Wl,-z,max-page-size=4096', qr/p_align/);
planted('a linked program, an executable stack', $linked->(''), $linked->('') . ' -Wl,-z,execstack', qr/GNU_STACK.*flags/);
planted('a build ID', "printf '.section .note.gnu.build-id,\"a\",%%note\\n.word 4,4,3,0x554e47,1\\n' | ${cross}as -o x", "printf '.section .note.gnu.build-id,\"a\",%%note\\n.word 4,4,3,0x554e47,2\\n' | ${cross}as -o x", qr/build.id/i);
planted('assembly', $as->('start: mov x0, #1\nnext: add x1, x0, #4\nret\n'), $as->('start: mov x0, #1\nnext: add x1, x0, #8\nret\n'), qr/label "next"\+0x0: add differs.*#4.*#8/);
planted('x86-64', 'gcc -O1 -c p.c -o x', $change->('s/\+ 40/+ 41/', 'gcc -O1 -c p.c -o x'), qr/function "helper".*0x28.*0x29/);
planted('arm', 'clang --target=arm-linux-gnueabi -O1 -c p.c -o x', $change->('s/\+ 40/+ 41/', 'clang --target=arm-linux-gnueabi -O1 -c p.c -o x'), qr/function "helper".*40.*41|function "helper".*0x28.*0x29/);
planted('riscv64', 'clang --target=riscv64-linux-gnu -O1 -c p.c -o x', $change->('s/\+ 40/+ 41/', 'clang --target=riscv64-linux-gnu -O1 -c p.c -o x'), qr/function "helper"/);

# ---- Archives ----
my $three = 'for n in 1 2 3; do echo "int f$n(void) { return $n; }" >m$n.c; ' . "${cross}gcc -c m\$n.c; touch -d \@1500000000 m\$n.o; done; ";
my $files = 'mkdir t; cd t; for n in one two three; do echo "this is $n" >$n; chmod 644 $n; touch -d @1500000000 $n; done; ';
my $cpio = "printf 'one\\ntwo\\nthree\\n' | cpio -o -H newc --quiet --renumber-inodes --ignore-devno -R 0:0 >../x";
planted('the order of an ar', $three . 'ar rcD x m1.o m2.o m3.o', $three . 'ar rcD x m1.o m3.o m2.o', qr/order of the members.*member 2.*"m2.o" in A, "m3.o" in B/);
planted('a time in an ar', $three . 'ar rcU x m1.o m2.o m3.o', $three . 'touch -d @1600000000 m2.o; ar rcU x m1.o m2.o m3.o', qr/member 2 of 3, "m2.o": mtime 1500000000 against 1600000000/);
planted('times in an ar', $three . 'ar rcSD x m1.o m2.o m3.o', $three . 'ar rcSU x m1.o m2.o m3.o', qr/member 1 of 3, "m1.o": (mtime 0 against|mode)/);
planted('a member of an ar', $three . 'ar rcD x m1.o m2.o m3.o', $three . 'ar rcD x m1.o m3.o', qr/"m2.o" is only in A/);
planted('the last member of an ar', $three . 'ar rcSD x m1.o m2.o m3.o', $three . 'ar rcSD x m1.o m2.o', qr/"m3.o" is only in A/);
planted('a function in an ar', $three . 'ar rcD x m1.o m2.o m3.o', $three . "sed -i 's/return 2/return 7/' m2.c; ${cross}gcc -c m2.c; ar rcD x m1.o m2.o m3.o", qr/"m2.o": function "f2"/);
planted('an index in an ar', $three . 'ar rcD x m1.o m2.o m3.o', $three . 'ar rcSD x m1.o m2.o m3.o', qr/symbol index.*only in A/);
planted('a newc archive, its content', $files . $cpio, $files . "echo 'this is new' >two; $cpio", qr/member 2 of 3, "two": (a timestamp|content|line 1)|member 2 of 3, "two".*"this is two" against "this is new"/);
planted('a newc archive, a mode', $files . $cpio, $files . "chmod 755 two; $cpio", qr/member 2 of 3, "two": mode 0100644 against 0100755/);
planted('a newc archive, an owner', $files . $cpio, $files . $cpio =~ s/0:0/1000:0/r, qr/"one": owner \(uid\) 0 against 1000/);
planted('a newc archive, a group', $files . $cpio, $files . $cpio =~ s/0:0/0:7/r, qr/group \(gid\) 0 against 7/);
planted('a newc archive, a time', $files . $cpio, $files . "touch -d \@1600000000 three; $cpio", qr/"three": mtime 1500000000 against 1600000000/);
planted('a newc archive, its order', $files . $cpio, $files . $cpio =~ s/one\\ntwo/two\\none/r, qr/order of the members/);
planted('a newc archive, a member', $files . $cpio, $files . $cpio =~ s/two\\n//r, qr/member 2 of 3, "two" is only in A/);
planted('a newc archive, a name', $files . $cpio, $files . 'mv two TWO; ' . $cpio =~ s/two/TWO/r, qr/name "two" against "TWO"/);
planted('a newc archive, a path', $files . $cpio, $files . $cpio =~ s{printf '(.*?)'}{ls -d \$PWD/one \$PWD/two \$PWD/three}r, qr/name "one" against "\/.*one".*another path/);
planted('a newc archive, a folder for a file', $files . $cpio, $files . "rm two; mkdir two; touch -d \@1500000000 two; $cpio", qr/"two": mode 0100644 against 040755/);
planted('two forms of archives', $files . $cpio, $files . $cpio =~ s/newc/crc/r, qr/A is a newc archive, B is a newc archive with checksums/);
planted('a newc archive, a padding', $files . $cpio, $files . "$cpio; printf 'z' | dd of=../x bs=1 seek=386 conv=notrunc status=none", qr/padding between them differs, at byte 386/);
planted('a newc archive, padding', $files . $cpio, $files . "$cpio; head -c 512 /dev/zero >>../x", qr/padding/);
planted('a newc archive, cut', $files . $cpio, $files . "$cpio; truncate -s 200 ../x", qr/B is cut.*first 200 bytes/);
planted('an ELF file in an ar in a newc archive', $three . 'ar rcD lib.a m1.o; echo lib.a | cpio -o -H newc --quiet --reproducible -R 0:0 >x',
    $three . "sed -i 's/return 1/return 9/' m1.c; ${cross}gcc -c m1.c; ar rcD lib.a m1.o; touch -d \@1500000000 lib.a; echo lib.a | cpio -o -H newc --quiet --reproducible -R 0:0 >x", qr/"lib.a": member 1 of 1, "m1.o": function "f1"/);

# ---- Text ----
my $lines = 'seq -f "line number %g of the text" 1 50 >x; ';
planted('a line', $lines, "$lines sed -i '7s/number/no/' x", qr/line 7\b.*number 7.*no 7/);
planted('CRLF', $lines, "$lines sed -i 's/\$/\\r/' x", qr/line endings.*LF.*CRLF/);
planted('CRLF in one line', $lines, "$lines sed -i '9s/\$/\\r/' x", qr/line endings.*line 9/);
planted('no newline at the end', $lines, "$lines truncate -s -1 x", qr/B has no newline at its end/);
planted('an empty line at the end', $lines, "$lines echo >>x", qr/more empty line/);
planted('white space', $lines, "$lines sed -i '5s/ of/  of/' x", qr/white space.*line 5/);
planted('white space at an end of line', $lines, "$lines sed -i '5s/\$/ /' x", qr/white space.*line 5.*end of the line/);
planted('a tab', $lines, "$lines sed -i '5s/ of/\\tof/' x", qr/white space.*line 5.*tab/);
planted('a line is added', $lines, "$lines sed -i '5a more' x", qr/line 6 is only in B: "more"/);
planted('lines are missing', $lines, "$lines sed -i 5,7d x", qr/lines 5 to 7 are only in A/);
planted('lines in another order', $lines, "$lines sort -r -o x x", qr/another order/);
planted('a cut text', $lines, "$lines truncate -s 500 x", qr/B is cut.*first 500 bytes.*line 19/);
planted('a NUL', $lines, "$lines sed -i '4s/of/o\\x00/' x", qr/line 4: a NUL byte.*in B/);
planted('a timestamp', 'printf "made\nat 2023-11-14 22:13:20\nend\n" >x', 'printf "made\nat 2024-01-02 03:04:05\nend\n" >x', qr/timestamp.*line 2/);
planted('a time of day in a C string', 'echo "char *t = \"Nov 14 2023 10:00:00\";" >x', 'echo "char *t = \"Jan  4 2024 11:00:01\";" >x', qr/timestamp/);
planted('seconds since 1970', 'printf "a\nEPOCH=1700000000\n" >x', 'printf "a\nEPOCH=1700000001\n" >x', qr/timestamp.*line 2/);
planted('a path', 'printf "a\nSRC=/home/one/src\n" >x', 'printf "a\nSRC=/tmp/build.77/src\n" >x', qr/a path.*line 2/);
planted('a byte order mark', $lines, "$lines printf '\\357\\273\\277' | cat - x >y; mv y x", qr/byte order mark/);
planted('an encoding', 'printf "caf\\303\\251 au lait\n" >x', 'printf "caf\\351 au lait\n" >x', qr/encoding differs, A is UTF-8, B is not/);
planted('carriage returns alone', $lines, "$lines tr '\\n' '\\r' <x >y; mv y x", qr/line endings.*A has LF, B has CR$/);
planted('case', 'echo Hello world >x', 'echo hello world >x', qr/upper and lower case/);
planted('a control character', $lines, "$lines sed -i '4s/of/\\x01f/' x", qr/line 4: a control character.*in B/);

# ---- Bytes ----
my $random = 'perl -e "srand 7; print map { chr int rand 256 } 1 .. 5000" >x; ';
my $poke = sub { my ($code) = @_; "$random perl -0777 -pi -e '$code' x" };
planted('one bit', $random, $poke->('vec($_, 8 * 1000 + 3, 1) ^= 1'), qr/one bit differs: bit 3 of byte 1,000 \(0x3e8\)/);
planted('one byte', $random, $poke->('substr($_, 77, 1) ^= "\x77"'), qr/one byte differs: byte 77/);
planted('truncation', $random, "$random truncate -s 4096 x", qr/B is cut.*first 4,096 bytes of A/);
planted('zeros at the end', $random, "$random truncate -s 5120 x", qr/padding: 120 bytes/);
planted('bytes inserted', $random, $poke->('substr($_, 100, 0, "xyz")'), qr/B has 3 more bytes at byte 100/);
planted('byte order', $random, $poke->('s/(....)/reverse $1/gse'), qr/byte order.*group of 4/);
planted('zeros', $random, $poke->('substr($_, 1024, 512) = "\0" x 512'), qr/B has 512 zeros at byte 0x400/);
planted('empty', ': >x', 'echo hello >x', qr/A is empty/);
planted('kinds', $cc, 'echo hello >x', qr/A is an ELF file/);
SKIP: {
    my $kernel = "$FindBin::Bin/../../build/kernel/Image";
    skip 'the kernel is not built', 1 if !-e $kernel;
    $kernel = abs_path($kernel);
    planted('an Image, its flags', "cp $kernel x", "cp $kernel x; printf '\\013' | dd of=x bs=1 seek=24 conv=notrunc status=none", qr/arm64 Image header, flags/);
    planted('an Image, an instruction', "cp $kernel x", "cp $kernel x; printf '\\037\\040\\003\\325' | dd of=x bs=4 seek=2000 conv=notrunc status=none", qr/arm64 Image.*instruction.*"nop"/);
}

# ---- Folders ----
my $tree = 'mkdir -p x/d; echo one >x/one; echo two >x/d/two; ln -s one x/link; ';
planted('a folder, a file', $tree, "$tree echo 2 >x/d/two", qr{"d/two": line 1});
planted('a folder, a file more', $tree, "$tree echo 2 >x/d/three", qr{"d/three" is only in B});
planted('a folder, a mode', $tree, "$tree chmod 755 x/one", qr{"one": mode.*0644 against 0755});
planted('a folder, a link', $tree, "$tree ln -sf two x/link", qr{"link": the symbolic link});
planted('a folder, a kind', $tree, "$tree rm x/one; mkdir x/one", qr{"one" is a file in A, a folder in B});

# ---- Trouble is 2 ----
write_file('file', "x\n");
write_file('secret', "x\n");
mkdir 'folder' or die;
mkfifo('fifo', 0600) or die;
for (['a missing file', 'file', 'missing', qr/missing: No such file/], ['a folder and a file', 'folder', 'file', qr/folder is a folder, file is a file; name two/],
    ['a FIFO', 'file', 'fifo', qr/fifo: a FIFO/], ['a device', '/dev/null', 'file', qr{/dev/null: a device}],
    ['one argument', 'file', undef, qr/diff needs two/]) {
    my ($name, $a, $b, $pattern) = @$_;
    my $run = harness('diff', grep { defined } $a, $b);
    is($run->{status}, 2, "$name: exit status 2");
    like($run->{out}, $pattern, "$name: a message");
}
SKIP: {
    chmod 0, 'secret' or die;
    skip 'root reads everything', 1 if -r 'secret';
    is(harness('diff', 'file', 'secret')->{status}, 2, 'an unreadable file: exit status 2');
}
is(harness('diff', 'file', 'file')->{out}, '', 'equal files: nothing is printed');
is(harness('diff', 'folder', 'folder')->{status}, 0, 'equal folders');
write_file('empty', '');
is(harness('diff', 'empty', 'empty')->{status}, 0, 'empty files');

# ---- Large files ----
shell('truncate -s 1G huge1; cp --sparse=always huge1 huge2; printf x | dd of=huge2 bs=1 seek=1000000000 conv=notrunc status=none');
my $run = start('diff', 'huge1', 'huge2');
my $peak = 0;
while (kill 0, $run->{pid}) {
    my $now = rss_peak_kb($run);
    $peak = $now if $now > $peak;
    last if waitpid($run->{pid}, POSIX::WNOHANG()) != 0;
    select undef, undef, undef, 0.005;
}
$run->{out} = output($run);
like($run->{out}, qr/one byte differs: byte 1,000,000,000/, 'a byte in 1 GiB');
cmp_ok($peak, '<', 200 * 1024, "in constant memory: $peak KiB") if !$ENV{HARNESS} || $ENV{HARNESS} !~ /sanitize/;

# ---- Output ----
my $json = harness('diff', '--json', 'huge1', 'huge2');
like($json->{out}, qr/^\{"a":"huge1","b":"huge2","equal":false,"cause":"one byte differs.*"offset":1000000000,/, '--json');
is(qx{printf '%s' '$json->{out}' | jq -r .offset}, "1000000000\n", 'jq reads it');
shell('mkdir -p many1 many2; for n in $(seq 100); do echo $n >many1/$n; echo x >many2/$n; done');
is(scalar(() = harness('diff', 'many1', 'many2')->{out} =~ /\n/g), 24, 'one screen');
cmp_ok(scalar(() = harness('diff', '--all', 'many1', 'many2')->{out} =~ /\n/g), '>', 99, '--all');

# ---- Runs ----
{
    my $gate = sub { write_file("$_[0]/gates/t.gate", "[gate]\nproves = x\n[case a]\nabout = $_[1]\nfile /init = build:kernel/user/hello\nfile /text = \"$_[1]\"\n"
        . "argv = init\nexit = 0\n[case b]\nfile /init = build:kernel/user/hello\nexit = 0\n") };
    chdir "$FindBin::Bin/../..";
    my $root = temp_root();
    for my $n (1, 2) {
        $gate->($root, "text $n");
        is(harness('run', '--no-history', '--out', "$root/out", '--journal', "$dir/j$n", "$root/gates/t.gate")->{status}, 0, "run $n");
    }
    my $run = harness('diff', "$dir/j1", "$dir/j2");
    like($run->{out}, qr{\Acase t/a: the file /text differs, sha256 \w+ against \w+}, 'journals: the case and its file');
    is($run->{status}, 1, 'journals: exit status 1');
    is(harness('diff', "$dir/j1", "$dir/j1")->{status}, 0, 'a journal equals itself');
}

# ---- A chain: what changed first, in another case than the one that fails ----
{
    my $main = Cwd::abs_path('.');
    my $root = enter_root();
    write_file("$root/fixtures/chain/in", "one\ntwo\n") if mkdir "$root/fixtures/chain";
    mkdir "$root/build/chain" or die;
    shell("cp build/kernel/user/true build/chain/true");
    write_file("$root/gates/chain.gate", <<'END');
[gate]
proves = x
[case first]
file /init = build:kernel/user/true
file /in = fixture:in
exit = 0
expect /in = fixture:in
[case second]
file /init = build:kernel/user/true
file /between = out:chain/first/in
exit = 0
expect /between = golden
[case third]
file /init = build:kernel/user/true
file /last = out:chain/second/between
exit = 0
END
    local $ENV{HARNESS_CACHE} = "$root/cache";
    is(harness('bless', 'gates/chain.gate')->{status}, 0, 'a chain is blessed');
    is(harness('run', 'chain')->{status}, 0, 'and passes');
    my $fine = harness('diff', '--why', 'chain/third');
    is($fine->{status}, 0, 'why: nothing failed');
    like($fine->{out}, qr/passed when they were last run/, 'why: and says so');
    edit("$root/fixtures/chain/in", sub { s/two/three/ });
    my $run = harness('run', 'chain');
    is($run->{status}, 1, 'an input of its first case changes: the second fails');
    like($run->{out}, qr{the cause: line 2 differs: "two" against "three"\n +to see more: \S+ diff \S*/out/\.good/chain/second/between \S*/out/chain/second/between\n}, 'the finding ends with the cause and the command');
    my ($more) = $run->{out} =~ /to see more: (.*)/;
    like(scalar qx{$more}, qr/\Aline 2 differs/, 'which can be run');
    my $why = harness('diff', '--why', 'chain/third');
    is($why->{status}, 1, 'why: exit status 1');
    like($why->{out}, qr{\Achain/first: input /in \(fixture:in\) changed: sha256 \w+ at the last pass, sha256 \w+ now\n}, 'why: the first cause is at the top');
    like($why->{out}, qr/^chain\/first makes another \/in\nchain\/second reads it as \/between, .*\nchain\/third needs chain\/second, which failed\n/m, 'why: the way from there');
    like($why->{out}, qr/^ +the cause: line 2 differs/m, 'why: the cause in the file');
    like($why->{out}, qr/^command: init$/m, 'why: the command');
    cmp_ok(scalar(() = $why->{out} =~ /\n/g), '<=', 24, 'why: one screen');
    unlink "$root/build/out/.good/chain/second/between";
    like(harness('run', 'chain')->{out}, qr{to see more: \S+ diff \S*/cache/objects/}, 'without the last output, the bytes come from the cache');
    shell('rm -rf cache build/out/.good');
    like(harness('run', 'chain')->{out}, qr/no file with the expected hash is in the output folder or the cache: run the case where/, 'without both, it says what to do');
    edit("$root/fixtures/chain/in", sub { s/three/two/ });
    is(harness('run', 'chain')->{status}, 0, 'the input is as it was: it passes');
    SKIP: {
        skip 'no Linux was fetched', 1 if !-e "$main/build/linux/vmlinuz";
        shell("cp -r $main/build/linux build/");
        is(harness('run', '--driver', 'linux', 'chain')->{status}, 0, 'on Linux it passes too');
        edit("$root/fixtures/chain/in", sub { s/two/four/ });
        is(harness('run', '--driver', 'linux', 'chain')->{status}, 1, 'there the input changes');
        $why = harness('diff', '--why', 'chain@linux/third');
        is($why->{status}, 1, 'why, on Linux: exit status 1');
        my $first = qr{\Achain\@linux/first: input /in \(fixture:in\) changed: sha256 \w+ at the last pass, sha256 \w+ now\n};
        like($why->{out}, $first, 'why, on Linux: the first cause');
        like($why->{out}, qr/^chain\@linux\/first makes another \/in\nchain\@linux\/second reads it as \/between, .*\nchain\@linux\/third needs chain\@linux\/second, which failed\n/m, 'and the way from there');
        like(harness('diff', '--why', 'chain/third')->{out}, $first, 'without the driver Linux is asked where the seed kernel passed');
        edit("$root/fixtures/chain/in", sub { s/four/two/ });
        is(harness('run', '--driver', 'both', 'chain')->{status}, 0, 'and all is as it was');
        is(harness('diff', '--why', 'chain@linux/third')->{status}, 0, 'which it says');
    }
    is(harness('diff', '--why', 'chain@made/third')->{status}, 2, 'why: a kernel that a case makes');
    edit("$root/gates/chain.gate", sub { s/(second\].*?)exit = 0/$1exit = 1/s });
    is(harness('run', 'chain')->{status}, 1, 'the gate file changes');
    like(harness('diff', '--why', 'chain/second')->{out}, qr{\Achain/second: the gate file changed: exit = 0 at the last pass, exit = 1 now}, 'why: the line of the gate file');
    is(harness('diff', '--why', 'chain/none')->{status}, 2, 'why: an unknown case');
    is(harness('diff', '--why', 'chain')->{status}, 2, 'why: a gate is no case');
}
chdir '/';
done_testing;
