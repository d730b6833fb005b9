#include "gate/gate_keys.h"

#define SOURCE_SYNTAX   "SOURCE [+ SOURCE]..."
#define OF_GATE(member) offsetof(Gate, member)
#define OF_CASE(member) offsetof(GateCase, member)

static const GateKey keys[] = {
    {"proves", KEY_GATE, &key_text, OF_GATE(proves), NULL, "TEXT",
     "proves = catm joins files as cat does", "What the gate proves. Required."},
    {"needs", KEY_GATE, &key_words, OF_GATE(needs), NULL, "GATE...", "needs = boot0 boot1",
     "The gates whose outputs this gate may read with out:. Their cases run first."},
    {"like", KEY_CASE | KEY_OWN | KEY_FIRST | KEY_NO_RESULT, &key_text, OF_CASE(like), NULL, "CASE",
     "like = tcc1",
     "An earlier case of the gate whose keys this case copies, except about. Must be on the "
     "first line of the case; the following lines replace or add keys."},
    {"about", KEY_CASE | KEY_OWN | KEY_NO_RESULT, &key_text, OF_CASE(about), NULL, "TEXT",
     "about = an input of one byte", "What the case shows."},
    {"kernel", KEY_DEFAULT | KEY_NO_RESULT, &key_path, OF_CASE(kernel), NULL, "PATH",
     "kernel = build/other/Image",
     "The kernel, relative to the folder of gates/. Default: the seed kernel, build/kernel/Image; "
     "with firmware none."},
    {"firmware", KEY_DEFAULT | KEY_NO_RESULT, &key_path, OF_CASE(firmware), NULL, "PATH | none",
     "firmware = build/others/u-boot.bin",
     "QEMU's -bios, relative to the folder of gates/. Default: that of the machine."},
    {"dtb", KEY_DEFAULT | KEY_NO_RESULT, &key_path, OF_CASE(dtb), NULL, "PATH",
     "dtb = build/others/board.dtb",
     "The device tree of another kernel, relative to the folder of gates/. Default: the "
     "machine's."},
    {"symbols", KEY_DEFAULT | KEY_NO_RESULT, &key_path, OF_CASE(symbols), NULL, "PATH",
     "symbols = build/others/vmlinux",
     "The ELF file with the symbols of another kernel, relative to the folder of gates/: a hang "
     "then shows functions and lines. Default: the kernel, if it is one, or kernel.elf beside it."},
    {"append", KEY_DEFAULT, &key_text, OF_CASE(append), NULL, "TEXT", "append = console=ttyAMA0",
     "The boot arguments of another kernel. Default: none."},
    {"arch", KEY_DEFAULT, &key_arch, OF_CASE(arch), GATE_DEFAULT_ARCH, "NAME", "arch = riscv64",
     "The architecture of the kernel as QEMU names it: qemu-system-NAME."},
    {"machine", KEY_DEFAULT, &key_qemu_option, OF_CASE(machine), NULL, "QEMU -M",
     "machine = virt,gic-version=2",
     "QEMU's machine. Default: " GATE_DEFAULT_MACHINE "; for other architectures QEMU's default."},
    {"cpu", KEY_DEFAULT, &key_qemu_option, OF_CASE(cpu), NULL, "QEMU -cpu", "cpu = cortex-a72",
     "QEMU's processor. Default: " GATE_DEFAULT_CPU "; for other architectures QEMU's default."},
    {"accel", KEY_DEFAULT, &key_accel, OF_CASE(accel), "tcg", "tcg | kvm | hvf[:...]",
     "accel = kvm:tcg",
     "What runs the guest's code: QEMU's translator, or the host's processor. Of several names "
     "the first counts that this machine has; without any the case is skipped. With kvm and hvf "
     "the default of cpu is host."},
    {"smp", KEY_DEFAULT, &key_count, OF_CASE(smp), NULL, "N", "smp = 4",
     "The number of processors. Default: 1, QEMU's."},
    {"memory", KEY_DEFAULT, &key_memory, OF_CASE(memory_bytes), NULL, "SIZE", "memory = 4G",
     "The size of guest memory, in whole KiB. Default: 1G for the machine virt, QEMU's for "
     "others."},
    {"qemu", KEY_DEFAULT | KEY_LINES, &key_qemu_words, OF_CASE(qemu), NULL, "WORD...",
     "qemu = -device virtio-rng-device",
     "Further words of QEMU's command line; may be given on several lines. Options that the "
     "harness sets itself are refused. Those that can reach files or sockets of the host need "
     "harness run --allow-host, and QEMU is then not confined."},
    {"qemu-program", KEY_DEFAULT | KEY_NO_RESULT, &key_program, OF_CASE(qemu_program), NULL,
     "NAME | PATH", "qemu-program = qemu-system-xtensa-esp32",
     "The QEMU of the case, where it is not qemu-system-ARCH: a name that begins with "
     "qemu-system-, "
     "which is looked for in PATH, or a path relative to the folder of gates/, which needs harness "
     "run --allow-host. The option --qemu comes first."},
    {"net", KEY_DEFAULT, &key_net, OF_CASE(net), "none", "none | user | open", "net = user",
     "The network of another kernel. user: a virtio network card in a network that QEMU makes up, "
     "with an address by DHCP, from which nothing of the host or beyond can be reached; open: the "
     "same, and the guest reaches what this user can, which needs harness run --allow-host."},
    {"transport", KEY_DEFAULT, &key_transport, OF_CASE(transport), "console", "console | disk",
     "transport = disk",
     "How files go into and out of the guest: initrd and hex on the console, or virtio disks."},
    {"drivers", KEY_DEFAULT | KEY_NO_RESULT, &key_drivers, OF_CASE(drivers), "seed linux hex",
     "seed | linux | hex...", "drivers = seed", "The drivers that support the case."},
    {"argv", KEY_CASE, &key_argv, OF_CASE(argv), NULL, "WORD...", "argv = catm /out \"a b\"",
     "The arguments of /init, argv[0] first. Default: init."},
    {"file", KEY_CASE | KEY_ARGUMENT | KEY_INPUT | KEY_NO_RESULT, &key_file, OF_CASE(inputs), NULL,
     SOURCE_SYNTAX, "file /in = fixture:in.txt + \"end\\n\"",
     "A file that the guest has at its start."},
    {"tree", KEY_CASE | KEY_ARGUMENT | KEY_INPUT | KEY_NO_RESULT | KEY_SHARED, &key_tree,
     OF_CASE(inputs), NULL, "SOURCE", "tree /include = fixture:libc/include",
     "A folder whose files the guest has below this path at its start. For another kernel links "
     "stay "
     "links, files are executable or not as they are, and empty folders come along."},
    {"node", KEY_CASE | KEY_ARGUMENT | KEY_INPUT | KEY_SHARED, &key_node, OF_CASE(inputs), NULL,
     "c|b MAJOR MINOR [MODE]", "node /dev/console = c 5 1 600",
     "A device node that another kernel has at its start."},
    {"initrd", KEY_CASE | KEY_NO_RESULT | KEY_SHARED, &key_initrd, OF_CASE(inputs), NULL,
     SOURCE_SYNTAX, "initrd = build:others/initrd.gz",
     "The initrd of another kernel, as it is, instead of an archive of files. Default: none."},
    {"disk", KEY_CASE | KEY_ARGUMENT | KEY_NAMED, &key_disk, OF_CASE(drives), NULL,
     "[on pci | mmio | sd | mtd | none] CONTENT | gpt | mbr", "disk data = ext4 64M fixture:data",
     "A disk of another kernel. CONTENT is an image as it is, [raw | qcow2] SOURCE; a file system "
     "with the files of a folder, ext4 SIZE SOURCE, fat SIZE SOURCE or squashfs SOURCE (by mke2fs "
     "and debugfs of e2fsprogs, mtools, squashfs-tools); or zeros, empty SIZE. With gpt or mbr it "
     "has the partitions of the key partition. It is a virtio disk with the name as its serial "
     "number, on PCI, or on virtio-mmio where the machine has no PCI (microvm, vexpress); a board "
     "that boots from an SD card has it there (raspi, sifive_u). on says it otherwise; on none "
     "leaves the device to the key qemu: -device nvme,drive=disk-NAME,serial=1. What the guest "
     "writes stays in a copy in memory."},
    {"partition", KEY_CASE | KEY_ARGUMENT | KEY_NAMED | KEY_SHARED | KEY_LINES, &key_partition,
     OF_CASE(drives), NULL, "CONTENT", "partition data = fat 32M fixture:boot",
     "A partition of the disk with that name, which is gpt or mbr; a line for each, in their order "
     "(by sfdisk of Debian's package fdisk). Its files are /NAME/N/PATH for expect and take, where "
     "N "
     "counts from 1, as they are of an image that comes with partitions; its PARTUUID is "
     "00000000-0000-4000-8000-00000000000N, of an mbr 00004000-0N."},
    {"flash", KEY_CASE | KEY_SHARED, &key_flash, OF_CASE(drives), NULL, SOURCE_SYNTAX,
     "flash = build:others/edk2-arm64-vars.bin",
     "The second flash memory of the machine, where UEFI firmware keeps its variables; the key "
     "firmware then names the first, rather than -bios. What the guest writes stays in a copy in "
     "memory."},
    {"share", KEY_CASE | KEY_ARGUMENT | KEY_NAMED | KEY_SHARED, &key_share, OF_CASE(drives), NULL,
     "SOURCE | empty", "share src = fixture:src",
     "A folder that another kernel mounts by 9p with the name as its tag: a copy, which the guest "
     "may write to."},
    {"serial", KEY_CASE | KEY_ARGUMENT | KEY_NAMED | KEY_SHARED, &key_serial, OF_CASE(drives), NULL,
     "log", "serial second = log",
     "A further serial port of another kernel's machine, the second, third and so on in the order "
     "of "
     "the lines: what the guest prints there is kept as the file /NAME.log, which expect can "
     "judge. With \"dialog NAME = ...\" the harness talks to it."},
    {"exit", KEY_CASE, &key_exit, OF_CASE(end), NULL, "STATUS", "exit = 0",
     "The expected exit status of init, 0 to 255."},
    {"signal", KEY_CASE | KEY_SHARED | KEY_EXCLUSIVE, &key_signal, OF_CASE(end), NULL,
     "SIGSEGV, SIGBUS, ...", "signal = SIGSEGV", "The signal that must kill init."},
    {"expect", KEY_CASE | KEY_ARGUMENT | KEY_NO_RESULT, &key_expect, OF_CASE(expects), NULL,
     "golden | " SOURCE_SYNTAX, "expect /out = golden",
     "A file that the guest must leave: with the recorded hash, or with these bytes. Of another "
     "kernel, /NAME/PATH is the file /PATH on the disk or share NAME when QEMU has ended, and "
     "/NAME.img all of a disk; the guest must have written them back (sync, or a power-off)."},
    {"take", KEY_CASE, &key_take, OF_CASE(takes), NULL, "/PATH...", "take = /data/log.txt",
     "Files on disks and shares that are kept with the outputs, if they are there, and not judged: "
     "the paths are those of expect."},
    {"console", KEY_CASE | KEY_LINES, &key_console, OF_CASE(console), NULL, "\"TEXT\"...",
     "console = \"hello\\n\"",
     "Texts that programs must print, in this order. May be given on several lines."},
    {"dialog", KEY_CASE | KEY_LINES, &key_dialog, OF_CASE(dialog), NULL,
     "wait \"REGEX\" [within DURATION] | maybe \"REGEX\" | quiet DURATION \"REGEX\" | send "
     "\"TEXT\" "
     "| answer \"TEXT\"...",
     "dialog = wait \"login: \" send \"root\\n\" quiet 200ms \"# $\"",
     "What to wait for on the console and what to send, in this order; may be given on several "
     "lines. Expressions are PCRE; ^ and $ match at lines, and the echo of sent text is part of "
     "its line. A wait ends with the first match that more text cannot change: $ matches before a "
     "newline or at the end of all output, and \\d+ or .* ends where other text follows. For a "
     "prompt, after which nothing follows, wait for its last characters (wait \"login: \"), or "
     "write quiet 200ms \"# $\": after that time without output, the text so far counts as "
     "complete. answer sends a text in which {1} to {9} stand for the groups of the last match. A "
     "wait within a duration is a timeout when that is over. What maybe names may come before the "
     "next wait, or not: if the wait matches first, the texts that would be sent after it are left "
     "out. What shells ask a terminal (ESC [ 6 "
     "n) is not part of the text. \\G, (*COMMIT) and (*NOTEMPTY_ATSTART) are refused: their "
     "results depend on where reads cut the text. Without exit or signal, the case ends with the "
     "dialog."},
    {"dialog", KEY_CASE | KEY_ARGUMENT | KEY_NAMED | KEY_LINES, &key_talk, OF_CASE(talks), NULL,
     "STEPS", "dialog second = wait \"monitor> \" send \"status\\n\"",
     "A dialog on the port of the key serial with that name, with the steps of the one on the "
     "console, which goes on beside it; the case ends when all have ended. panic, never, console "
     "and results look at the console alone."},
    {"status", KEY_DEFAULT, &key_status, OF_CASE(status), NULL, "N", "status = 0",
     "The expected exit status of QEMU, which another kernel sets: 0 by a power-off; with "
     "isa-debug-exit twice its value plus 1; by semihosting, sifive_test and the like its own. "
     "The case ends with QEMU, also after a dialog; any other status, and a reset, is a failure."},
    {"skip-status", KEY_DEFAULT, &key_status, OF_CASE(skip_status), NULL, "N", "skip-status = 77",
     "The exit status of QEMU with which the guest says that it cannot run on this machine: the "
     "case is skipped. Needs status."},
    {"results", KEY_DEFAULT, &key_results, OF_CASE(results), NULL,
     "tap | ktap | kvm-unit-tests | regex", "results = ktap",
     "How the guest prints the results of its tests, each of which becomes a subtest in the "
     "reports: TAP 12 to 14 and Linux's KTAP, with nested levels, plans, SKIP, TODO and \"Bail "
     "out!\"; the lines PASS, FAIL, SKIP and SUMMARY of kvm-unit-tests; or lines of its own, which "
     "result-line describes. The case fails with any of them, and if a plan does not come true. "
     "Where nothing else ends the case, it ends with its plan. A test of kvm-unit-tests that "
     "prints "
     "no result is judged by status, if that is given."},
    {"result-line", KEY_DEFAULT | KEY_LINES, &key_expressions, OF_CASE(result_lines), NULL,
     "\"REGEX\"...",
     "result-line = \"^test (?<name>\\S+) \\.\\.\\. "
     "(?:(?<pass>ok)|(?<fail>FAILED)|(?<skip>ignored))\"",
     "With results = regex, the lines that are results, by groups with names: name is that of the "
     "test, and that of pass, fail, skip and todo which matches is its result; detail is what is "
     "said of it. A line with a group plan has the number of results that come. May be given on "
     "several lines; of several expressions the first that matches counts."},
    {"panic", KEY_DEFAULT | KEY_LINES, &key_expressions, OF_CASE(panic), NULL, "\"REGEX\"...",
     "panic = \"^Kernel panic - .*\"",
     "What the console shows when the kernel panics: the case ends with that verdict, also after "
     "the dialog. May be given on several lines."},
    {"never", KEY_DEFAULT | KEY_LINES, &key_expressions, OF_CASE(never), NULL, "\"REGEX\"...",
     "never = \"BUG:\" \"Oops\"",
     "What the console must not show: the case fails at once, also after the dialog. May be given "
     "on several lines."},
    {"spawns", KEY_CASE, &key_count, OF_CASE(spawns), NULL, "N", "spawns = 3",
     "The expected number of spawned programs, without init."},
    {"budget", KEY_CASE, &key_budget, OF_CASE(budget), NULL, "INSTRUCTIONS", "budget = 250000",
     "The most that init and all programs it spawns may cost; judged in runs with --icount."},
    {"slower", KEY_DEFAULT | KEY_NO_RESULT, &key_percent, OF_CASE(slower_percent), NULL, "PERCENT",
     "slower = 20%", "How much slower programs may become before harness perf check fails."},
    {"timeout", KEY_DEFAULT, &key_timeout, OF_CASE(timeout_ns), "60s", "DURATION", "timeout = 2m",
     "The time limit of the whole attempt."},
    {"hang", KEY_DEFAULT, &key_hang, OF_CASE(hang_ns), "20s", "DURATION | off", "hang = 5s",
     "The time limit without progress; a kernel line or bytes of a file are progress."},
    {"nonce", KEY_DEFAULT, &key_yes_no, OF_CASE(nonce), "yes", "yes | no", "nonce = no",
     "Whether kernel lines must carry the nonce of the attempt."},
    {NULL},
};

const GateKey *gate_keys = keys;
