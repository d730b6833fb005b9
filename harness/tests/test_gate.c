/* Gate files: what they mean, and the exact text of every diagnostic. */
#include "gate/gate.h"
#include "gate/gate_keys.h"
#include "gate/qemu_option.h"
#include "gate/qemu_words.h"
#include "suite.h"

#define HEAD "[gate]\nproves = x\n[case a]\nfile /init = build:a\n"

static Gate *parse(const char *text, GError **error) {
    return gate_parse("g", "g.gate", "/root", text, strlen(text), error);
}

static void assert_refused(const char *text, const char *message) {
    GError *error = NULL;
    g_autoptr(Gate) gate = parse(text, &error);
    ck_assert_msg(gate == NULL, "accepted:\n%s", text);
    suite_assert_error(&error, message);
}

START_TEST(reads_a_whole_gate) {
    GError *error = NULL;
    g_autoptr(Gate) gate = parse("# comment\n"
                                 "[gate]\n"
                                 "proves = all of it\n"
                                 "needs = boot0 other\n"
                                 "timeout = 2m\n"
                                 "\n"
                                 "[case one]\n"
                                 "about = the first\n"
                                 "file /init = out:boot0/catm/catm\n"
                                 "file /in = fixture:a.txt + \"x\\n\\x41\" + random:7:1K\n"
                                 "tree /src = fixture:src\n"
                                 "argv = init /in \"a b\"\n"
                                 "exit = 3\n"
                                 "expect /out = golden\n"
                                 "expect /in = fixture:a.txt\n"
                                 "console = \"one\" two\n"
                                 "spawns = 4\n"
                                 "transport = disk\n"
                                 "memory = 4G\n"
                                 "[case two]\n"
                                 "file /init = out:g/one/out\n"
                                 "signal = SIGSEGV\n"
                                 "hang = off\n"
                                 "timeout = 500ms\n",
                                 &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    ck_assert_str_eq(gate->proves, "all of it");
    ck_assert_str_eq(gate->needs[1], "other");
    ck_assert_str_eq(gate->golden_path, "/root/golden/g.sha256");
    const GateCase *one = gate_find_case(gate, "one"), *two = gate_find_case(gate, "two");
    ck_assert_int_eq(one->timeout_ns, 120 * G_GINT64_CONSTANT(1000000000));
    ck_assert_int_eq(one->end.status, 3);
    ck_assert_int_eq(one->spawns, 4);
    ck_assert_int_eq(one->transport, TRANSPORT_DISK);
    ck_assert_uint_eq(one->memory_bytes, G_GUINT64_CONSTANT(4) << 30);
    ck_assert_str_eq(one->argv[2], "a b");
    ck_assert_uint_eq(one->inputs->len, 3);
    const GateInput *joined = one->inputs->pdata[1];
    ck_assert_uint_eq(joined->source->len, 3);
    const SourcePart *text = joined->source->pdata[1], *random = joined->source->pdata[2];
    ck_assert_uint_eq(g_bytes_get_size(text->text), 3);
    ck_assert_mem_eq(g_bytes_get_data(text->text, NULL), "x\nA", 3);
    ck_assert_uint_eq(random->seed, 7);
    ck_assert_uint_eq(random->size, 1024);
    ck_assert_ptr_null(((GateExpect *)one->expects->pdata[0])->source);
    ck_assert_ptr_nonnull(((GateExpect *)one->expects->pdata[1])->source);
    ck_assert_uint_eq(one->console->len, 2);
    ck_assert_int_eq(two->end.signal, 11);
    ck_assert_int_eq(two->hang_ns, 0);
    ck_assert_int_eq(two->timeout_ns, 500 * G_GINT64_CONSTANT(1000000));
    ck_assert(two->nonce);
}
END_TEST

START_TEST(refuses_unknown_and_misplaced_keys) {
    assert_refused(HEAD "exti = 0\n",
                   "g.gate:5:1: error: unknown key \"exti\"; did you mean \"exit\"?\n"
                   "    exti = 0\n    ^~~~");
    assert_refused(HEAD "colour = red\n",
                   "g.gate:5:1: error: unknown key \"colour\"; harness check --keys lists all\n"
                   "    colour = red\n    ^~~~~~");
    assert_refused("[gate]\nexit = 0\n", "g.gate:2:1: error: \"exit\" belongs in a [case NAME]\n"
                                         "    exit = 0\n    ^~~~");
    assert_refused(HEAD "proves = y\n", "g.gate:5:1: error: \"proves\" belongs in [gate]\n"
                                        "    proves = y\n    ^~~~~~");
}
END_TEST

START_TEST(tells_every_mistake_once) {
    /* No further message says what a wrong line leaves missing, or what stands in a wrong section.
     */
    assert_refused("[gate]\nprovs = x\ntimeout = 5\n"
                   "[case a]\nexit = 300\n"
                   "[cas b]\nfoo = 1\nbar = 2\n"
                   "[case c]\nfile /init = what\nexit = 0\nno key\n"
                   "[case a]\nexit = 0\n[case d]\nexit = 0\n",
                   "g.gate:2:1: error: unknown key \"provs\"; did you mean \"proves\"?\n"
                   "    provs = x\n    ^~~~~\n"
                   "g.gate:3:11: error: expected a number with ms, s, m or h, at most a day: "
                   "500ms, 1.5s, 2m\n    timeout = 5\n              ^\n"
                   "g.gate:5:8: error: expected a number from 0 to 255\n    exit = 300\n"
                   "           ^~~\n"
                   "g.gate:6:2: error: unknown section; known sections are [gate], [set NAME], "
                   "[dialog NAME] and [case NAME]\n"
                   "    [cas b]\n     ^~~\n"
                   "g.gate:10:14: error: expected a source: fixture:PATH, build:PATH, "
                   "out:GATE/CASE/PATH, random:SEED:SIZE or \"text\"\n"
                   "    file /init = what\n                 ^~~~\n"
                   "g.gate:12:1: error: expected \"key = value\", \"[section]\" or a comment\n"
                   "    no key\n    ^~~~~~\n"
                   "g.gate:13:7: error: duplicate case \"a\"\n    [case a]\n          ^\n"
                   "g.gate:15:7: error: case \"d\" has no program: add \"file /init = ...\"\n"
                   "    [case d]\n          ^");
}
END_TEST

START_TEST(refuses_duplicates) {
    assert_refused(
        HEAD "exit = 0\nexit = 1\n",
        "g.gate:6:1: error: \"exit\" is already set in this section\n    exit = 1\n    ^~~~");
    assert_refused(HEAD "exit = 0\nsignal = SIGBUS\n",
                   "g.gate:6:1: error: a case has either \"exit\" or \"signal\"\n"
                   "    signal = SIGBUS\n    ^~~~~~");
    assert_refused(HEAD "file /init = build:b\n",
                   "g.gate:5:1: error: \"file /init\" is already set in this section\n"
                   "    file /init = build:b\n    ^~~~");
    assert_refused(HEAD "exit = 0\n[case a]\n",
                   "g.gate:6:7: error: duplicate case \"a\"\n    [case a]\n          ^");
    assert_refused(
        "[gate]\nproves = x\n[gate]\n",
        "g.gate:3:2: error: duplicate [gate]; it must be the first section\n    [gate]\n     ^~~~");
}
END_TEST

START_TEST(refuses_missing_parts) {
    assert_refused("", "g.gate:1:1: error: missing key \"proves\" in [gate]\n    \n    ^");
    assert_refused("[gate]\nproves = x\n",
                   "g.gate:3:1: error: the gate has no [case NAME]\n    \n    ^");
    assert_refused(
        "proves = x\n",
        "g.gate:1:1: error: the first section must be [gate]\n    proves = x\n    ^~~~~~");
    assert_refused(HEAD,
                   "g.gate:3:7: error: case \"a\" judges nothing: add \"exit\", \"signal\", "
                   "\"status\", \"results\", \"console\" or \"dialog\"\n    [case a]\n          ^");
    assert_refused(HEAD "kernel = k\ndialog = send \"x\"\n",
                   "g.gate:3:7: error: case \"a\" judges nothing: add \"exit\", \"signal\", "
                   "\"status\", \"results\", \"console\" or \"dialog\" with a wait\n    [case a]\n "
                   "         ^");
    assert_refused("[gate]\nproves = x\n[case a]\nexit = 0\n",
                   "g.gate:3:7: error: case \"a\" has no program: add \"file /init = ...\"\n"
                   "    [case a]\n          ^");
    assert_refused(
        HEAD "file = build:a\n",
        "g.gate:5:1: error: \"file\" needs a guest path: file /path = SOURCE [+ SOURCE]...\n"
        "    file = build:a\n    ^~~~");
    assert_refused(HEAD "file /b =\n",
                   "g.gate:5:10: error: missing source\n    file /b =\n             ^");
    assert_refused("[gate]\nproves =\n",
                   "g.gate:2:9: error: missing value\n    proves =\n            ^");
}
END_TEST

START_TEST(refuses_broken_lines) {
    assert_refused("[gate\n", "g.gate:1:6: error: a section line must end with \"]\"\n"
                              "    [gate\n         ^");
    assert_refused("[]\n", "g.gate:1:1: error: missing section name\n    []\n    ^~");
    assert_refused("[gates]\n", "g.gate:1:2: error: unknown section; known sections are [gate], "
                                "[set NAME], [dialog NAME] and [case NAME]\n"
                                "    [gates]\n     ^~~~~");
    assert_refused("[gate]\nhello\n",
                   "g.gate:2:1: error: expected \"key = value\", \"[section]\" or a comment\n"
                   "    hello\n    ^~~~~");
    assert_refused("[gate]\n= 1\n", "g.gate:2:1: error: missing key before \"=\"\n    = 1\n    ^");
    assert_refused("[gate]\r\n",
                   "g.gate:1:7: error: control byte 0x0d (lines must end in a newline "
                   "without carriage return)\n    [gate]?\n          ^");
    assert_refused(
        "[gate]\nproves = \xff\n",
        "g.gate:2:10: error: byte 0xff is not UTF-8\n    proves = \xef\xbf\xbd\n             ^");
}
END_TEST

START_TEST(refuses_bad_values) {
    assert_refused(
        HEAD "exit = 256\n",
        "g.gate:5:8: error: expected a number from 0 to 255\n    exit = 256\n           ^~~");
    assert_refused(
        HEAD "exit = -1\n",
        "g.gate:5:8: error: expected a number from 0 to 255\n    exit = -1\n           ^~");
    assert_refused(HEAD "timeout = 5\n",
                   "g.gate:5:11: error: expected a number with ms, s, m or h, at most a day: "
                   "500ms, 1.5s, 2m\n    timeout = 5\n              ^");
    assert_refused(
        HEAD "memory = 1T\n",
        "g.gate:5:10: error: expected a number of bytes, or of K, M or G of 1024: 4096, 512K, 1G\n"
        "    memory = 1T\n             ^~");
    assert_refused(HEAD "memory = 1000G\n", "g.gate:5:10: error: the limit is 68719476736 bytes\n"
                                            "    memory = 1000G\n             ^~~~~");
    assert_refused(HEAD "file /b = fixtures:a\n",
                   "g.gate:5:11: error: expected a source: fixture:PATH, build:PATH, "
                   "out:GATE/CASE/PATH, random:SEED:SIZE or \"text\"\n"
                   "    file /b = fixtures:a\n              ^~~~~~~~~~");
    assert_refused(HEAD "file /b = fixture:../a\n",
                   "g.gate:5:19: error: the path has a component \"..\"\n"
                   "    file /b = fixture:../a\n                      ^~~~");
    assert_refused(HEAD "file /b = fixture:/a/../b\n",
                   "g.gate:5:20: error: the path has a component \"..\"\n"
                   "    file /b = fixture:/a/../b\n                       ^~~~~~");
    assert_refused(HEAD "file /b = fixture://a\n",
                   "g.gate:5:20: error: the path must be relative. fixture:PATH: A file below "
                   "fixtures/GATE/ of this gate. With a slash in front, fixture:/OTHER/PATH, below "
                   "fixtures/.\n"
                   "    file /b = fixture://a\n                       ^~");
    assert_refused(HEAD "file b = fixture:a\n",
                   "g.gate:5:6: error: the guest path must begin with a slash\n"
                   "    file b = fixture:a\n         ^");
    assert_refused(HEAD "file /b = \"a\\q\"\n", "g.gate:5:13: error: unknown escape; known escapes "
                                                "are \\n \\t \\r \\e \\0 \\\\ \\\" \\xHH\n"
                                                "    file /b = \"a\\q\"\n                ^~");
    assert_refused(HEAD "file /b = \"a\n", "g.gate:5:11: error: missing closing quote\n"
                                           "    file /b = \"a\n              ^~");
    assert_refused(HEAD "file /b = \"a\" \"b\"\n",
                   "g.gate:5:16: error: expected \"+\" between sources\n"
                   "    file /b = \"a\" \"b\"\n                   ^");
    assert_refused(HEAD "file /b = + \"b\"\n", "g.gate:5:11: error: missing source before \"+\"\n"
                                               "    file /b = + \"b\"\n              ^");
    assert_refused(
        HEAD "argv = \"a\\nb\"\nexit = 0\n",
        "g.gate:5:8: error: an argument of init cannot contain a newline: /init.argv, which "
        "carries them, has one argument on each line\n    argv = \"a\\nb\"\n           ^~~~~~");
}
END_TEST

/* What QEMU would read or write of the host's files, or is not known to leave them alone. */
START_TEST(refuses_options_of_qemu_that_name_files) {
    static const char *const refused[] = {
        "virt,dumpdtb=/tmp/x",
        "virt,dumpdtb",
        "virt,dumpdtb=on",
        "virt,dump_dtb=/etc/passwd",
        "virt,firmware=/etc/shadow",
        "virt,dtb=a",
        "virt,gic-version=3,kernel=/etc/shadow",
        "virt,initrd=1",
        "virt,memory-backend=m",
        "virt,memory_backend=1",
        "virt,gic-version=../x",
        "virt,x-new=/etc/passwd",
        "virt,",
        "virt,,dumpdtb=x",
        "virt,type=virt",
        "",
        "-help",
        "{\"type\":\"virt\"}",
        "virt secure=on",
        "max,+x=/etc/passwd",
        "virt,+dtb",
        "type=virt",
    };
    static const char *const taken[] = {
        "virt",
        "virt,virtualization=on,gic-version=3",
        "virt,iommu=smmuv3",
        "virt,mte",
        "max,pmu=off",
        "virt,aia=aplic-imsic",
        "cortex-a57,sve_max_vq=4",
        "qemu64,+x2apic,-pcid,vendor=GenuineIntel",
        "q35,kernel_irqchip=split",
    };
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autofree char *text = g_strdup_printf(HEAD "exit = 0\nmachine = %s\n", refused[i]);
        g_autoptr(GError) error = NULL;
        g_autoptr(Gate) gate = parse(text, &error);
        ck_assert_msg(gate == NULL && strstr(error->message, "g.gate:6:"), "%s", refused[i]);
        g_autofree char *why = qemu_option_check(refused[i]);
        ck_assert_msg(why != NULL, "%s", refused[i]);
    }
    for (guint i = 0; i < G_N_ELEMENTS(taken); i++) {
        g_autofree char *why = qemu_option_check(taken[i]);
        ck_assert_msg(why == NULL, "%s: %s", taken[i], why);
    }
    /* A mark of writing direction in somebody else's gate is no part of what is shown. */
    assert_refused(HEAD "exit = 3\u202e00\n", "g.gate:5:8: error: expected a number from 0 to 255\n"
                                              "    exit = 3?00\n           ^~~~");
    assert_refused(HEAD "exit = 0\ncpu = max,x=/etc/passwd\n",
                   "g.gate:6:7: error: the value has for \"x\" neither a switch nor a number\n"
                   "    cpu = max,x=/etc/passwd\n          ^~~~~~~~~~~~~~~~~");
    assert_refused(
        HEAD "exit = 0\nqemu = -device\n",
        "g.gate:6:8: error: the value ends with the option -device, which needs a value\n"
        "    qemu = -device\n           ^~~~~~~");
}
END_TEST

START_TEST(talks_to_other_kernels) {
    GError *error = NULL;
    g_autoptr(Gate) gate = parse("[gate]\nproves = x\n[case a]\nkernel = build/k\narch = riscv64\n"
                                 "append = console=ttyS0 quiet\n"
                                 "dialog = wait \"a+$\" send \"x\\n\" quiet 2s \"b\"\n"
                                 "[case b]\nkernel = build/k\nconsole = x\nslower = 12.5%\n",
                                 &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    const GateCase *a = gate_find_case(gate, "a"), *b = gate_find_case(gate, "b");
    ck_assert_str_eq(a->arch, "riscv64");
    ck_assert_str_eq(a->append, "console=ttyS0 quiet");
    ck_assert_ptr_null(a->machine);
    ck_assert_uint_eq(a->dialog->len, 3);
    ck_assert_mem_eq(g_bytes_get_data(((DialogStep *)a->dialog->pdata[1])->send, NULL), "x\n", 2);
    ck_assert_int_eq(((DialogStep *)a->dialog->pdata[2])->quiet_ns, G_GINT64_CONSTANT(2000000000));
    ck_assert_str_eq(gate_case_machine(b), GATE_DEFAULT_MACHINE);
    ck_assert_str_eq(gate_case_cpu(b), GATE_DEFAULT_CPU);
    ck_assert(b->slower_percent > 12.4 && b->slower_percent < 12.6);

    assert_refused(HEAD "exit = 0\narch = arm\n",
                   "g.gate:3:7: error: case \"a\": \"arch\" needs the key \"kernel\"\n"
                   "    [case a]\n          ^");
    assert_refused(HEAD "exit = 0\narch = ../x\n",
                   "g.gate:6:8: error: expected the name of an architecture, such as riscv64\n"
                   "    arch = ../x\n           ^~~~");
    assert_refused(HEAD "dialog = await \"x\"\n",
                   "g.gate:5:10: error: expected wait, maybe, quiet, send, answer or include, or "
                   "within after a wait\n"
                   "    dialog = await \"x\"\n             ^~~~~");
    assert_refused(HEAD "dialog = quiet \"x\"\n",
                   "g.gate:5:10: error: expected a duration and a text in quotes after this: quiet "
                   "200ms \"# $\"\n    dialog = quiet \"x\"\n             ^~~~~");
    assert_refused(HEAD "dialog = quiet 0s \"x\"\n",
                   "g.gate:5:16: error: the duration must not be 0\n"
                   "    dialog = quiet 0s \"x\"\n                   ^~");
    assert_refused(HEAD "dialog = wait\n",
                   "g.gate:5:10: error: expected a text in quotes after this\n"
                   "    dialog = wait\n             ^~~~");
    assert_refused(HEAD "dialog = wait \"\"\n",
                   "g.gate:5:16: error: an empty expression always matches\n"
                   "    dialog = wait \"\"\n                   ^");
    assert_refused(
        HEAD "dialog = wait \"a\\\\Gb\"\n",
        "g.gate:5:16: error: \\G is not allowed: its result depends on where reads cut the console "
        "(at byte 2)\n    dialog = wait \"a\\\\Gb\"\n                   ^~~~~");
    g_autoptr(Gate) broken = parse(HEAD "dialog = wait \"a(b\"\n", &error);
    ck_assert_ptr_null(broken);
    ck_assert_msg(strstr(error->message, "g.gate:5:16: error: ") &&
                      strstr(error->message, "missing"),
                  "%s", error->message);
    g_clear_error(&error);
    assert_refused(HEAD "exit = 0\nslower = 20\n",
                   "g.gate:6:10: error: expected a percentage, at most 10000%: 20%\n"
                   "    slower = 20\n             ^~");
    assert_refused(HEAD "exit = 0\ndrivers = seed lisa\n",
                   "g.gate:6:11: error: expected some of \"seed\", \"linux\" and \"hex\"\n"
                   "    drivers = seed lisa\n              ^~~~~~~~~");
}
END_TEST

START_TEST(describes_other_machines) {
    GError *error = NULL;
    g_autoptr(Gate) gate =
        parse("[gate]\nproves = x\naccel = kvm:tcg\n"
              "[case seed]\nfile /init = \"x\"\nexit = 0\nsmp = 2\n"
              "[case board]\nkernel = build/k\nmachine = microbit\narch = arm\nconsole = x\n"
              "[case small]\nkernel = build/k\nmachine = microbit\nmemory = 16K\nconsole = x\n"
              "[case u-boot]\nfirmware = build/u-boot.bin\nconsole = x\n"
              "[case bare]\nkernel = build/k\nfirmware = none\ndtb = build/d\n"
              "initrd = \"a\" + build:b\nconsole = x\nqemu = -device virtio-rng-device\n"
              "qemu = -rtc base=utc\n",
              &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    const GateCase *seed = gate_find_case(gate, "seed"), *board = gate_find_case(gate, "board");
    const GateCase *uboot = gate_find_case(gate, "u-boot"), *bare = gate_find_case(gate, "bare");
    ck_assert_str_eq(seed->accel, "kvm:tcg");
    ck_assert_int_eq(seed->smp, 2);
    ck_assert_uint_eq(gate_case_memory(seed), 1 << 30);
    ck_assert(!gate_case_is_foreign(seed) && gate_case_keeps_contract(seed));
    ck_assert_uint_eq(gate_case_memory(board), 0);
    ck_assert_uint_eq(gate_case_memory(gate_find_case(gate, "small")), 16384);
    ck_assert(gate_case_is_foreign(uboot) && !gate_case_keeps_contract(uboot));
    const GateInput *initrd = bare->inputs->pdata[0];
    ck_assert(initrd->kind == INPUT_INITRD && initrd->source->len == 2);
    ck_assert_uint_eq(g_strv_length(bare->qemu.words), 4);
    ck_assert_ptr_null(bare->qemu.host);
    assert_refused(HEAD "exit = 0\ninitrd = \"x\"\n",
                   "g.gate:3:7: error: case \"a\": \"initrd\" needs the key \"kernel\"\n"
                   "    [case a]\n          ^");
    assert_refused("[gate]\nproves = x\n[case a]\nfirmware = none\nconsole = x\n",
                   "g.gate:3:7: error: case \"a\" has neither a kernel nor a firmware\n"
                   "    [case a]\n          ^");
    assert_refused(HEAD "exit = 0\nmemory = 1000K\n",
                   "g.gate:3:7: error: case \"a\": the seed kernel wants a whole number of MiB of "
                   "memory\n    [case a]\n          ^");
    assert_refused(HEAD "exit = 0\naccel = xen\n",
                   "g.gate:6:9: error: expected tcg, kvm or hvf, or several as in \"kvm:tcg\"\n"
                   "    accel = xen\n            ^~~");
}
END_TEST

/* Words of QEMU's command line: whether they are refused, and whether they reach the host. */
START_TEST(knows_what_options_of_qemu_reach) {
    static const struct {
        const char *words; /* separated by blanks */
        gboolean is_refused, reaches_host;
    } cases[] = {
        {"-device virtio-rng-device", FALSE, FALSE},
        {"--device virtio-net-pci,mac=52:54:00:12:34:56", FALSE, FALSE},
        {"-device isa-debug-exit,iobase=0xf4,iosize=4", FALSE, FALSE},
        {"-object memory-backend-ram,id=m,size=1G -numa node,memdev=m", FALSE, FALSE},
        {"-rtc base=utc -boot order=c -no-hpet -nic none", FALSE, FALSE},
        {"-device loader,addr=0,file=/etc/passwd", FALSE, TRUE},
        {"-device virtio-net-pci,romfile=/etc/passwd", FALSE, TRUE},
        {"-device vfio-pci,host=0:1", FALSE, TRUE},
        {"-device vhost-vsock-pci,guest-cid=3", FALSE, TRUE},
        {"-device {\"driver\":\"loader\"}", FALSE, TRUE},
        {"-device usb-host,vendorid=1", FALSE, TRUE},
        {"-device virtio-rng-device,x=a/b", FALSE, TRUE},
        {"-device virtio-rng-device,,file=x", FALSE, TRUE},
        {"-object rng-random,filename=/dev/mem,id=r", FALSE, TRUE},
        {"-object secret,id=s,file=k", FALSE, TRUE},
        {"-object memory-backend-ram,id=m,mem_path=x", FALSE, TRUE},
        {"-global virtio-net-pci.romfile=x", FALSE, TRUE},
        {"-global a.b=/etc/x", FALSE, TRUE},
        {"-boot splash=x", FALSE, TRUE},
        {"-global virtio-rng-device.max-bytes=5", FALSE, FALSE},
        {"-drive file=x", FALSE, TRUE},
        {"-hda x", FALSE, TRUE},
        {"-netdev user,id=n", FALSE, TRUE},
        {"-nic user", FALSE, TRUE},
        {"-fsdev local,path=/,id=f", FALSE, TRUE},
        {"-semihosting", FALSE, FALSE},
        {"-semihosting-config enable=on,target=native", FALSE, FALSE},
        {"-semihosting-config chardev=c", FALSE, TRUE},
        {"-device virtconsole,chardev=ctd -chardev testdev,id=ctd", FALSE, FALSE},
        {"-device virtconsole,chardev=console -chardev testdev,id=ctd", FALSE, TRUE},
        {"-device virtconsole,drive=ctd -chardev testdev,id=ctd", FALSE, TRUE},
        {"-chardev file,id=f,path=x", FALSE, TRUE},
        {"-chardev null,id=n,logfile=x", FALSE, TRUE},
        {"-readconfig x", FALSE, TRUE},
        {"-D log", FALSE, TRUE},
        {"-kernel x", TRUE, FALSE},
        {"--append x", TRUE, FALSE},
        {"-m 1G", TRUE, FALSE},
        {"-serial null", TRUE, FALSE},
        {"-S", TRUE, FALSE},
        {"-sandbox off", TRUE, FALSE},
        {"-device", TRUE, FALSE},
        {"x", TRUE, FALSE},
        {"-nic none x", TRUE, FALSE},
        {"-nic none  x", TRUE, FALSE},
        {"-no-hpet x", TRUE, FALSE},
        {"-drive file=x -kernel y", TRUE, FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) words = g_strsplit(cases[i].words, " ", -1);
        g_autofree char *why = qemu_words_refuse((const char *const *)words);
        ck_assert_msg(cases[i].is_refused == (why != NULL), "%s: %s", cases[i].words, why);
        if (why) continue;
        g_autofree char *host = qemu_words_host((const char *const *)words);
        ck_assert_msg(cases[i].reaches_host == (host != NULL), "%s: %s", cases[i].words, host);
    }
}
END_TEST

START_TEST(makes_a_case_for_each_value) {
    GError *error = NULL;
    g_autoptr(Gate) gate =
        parse("[gate]\nproves = x\nkernel = build/k\n[case a]\nconsole = \"x{2}\"\n"
              "[case boot]\n# of {m}\neach m = virt sbsa-ref\nmachine = {m}\neach n = 1 2\n"
              "smp = {n}\nconsole = \"{m} {n} {o}\"\n"
              "[case t{test}]\neach test = setup  smp\nconsole = {test}\n"
              "[case last]\nlike = boot-virt-2\n",
              &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    static const char *const names[] = {
        "a",      "boot-virt-1", "boot-virt-2", "boot-sbsa-ref-1", "boot-sbsa-ref-2",
        "tsetup", "tsmp",        "last"};
    ck_assert_uint_eq(gate->cases->len, G_N_ELEMENTS(names));
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        ck_assert_str_eq(((GateCase *)gate->cases->pdata[i])->name, names[i]);
    const GateCase *c = gate_find_case(gate, "boot-sbsa-ref-2");
    ck_assert_str_eq(c->machine, "sbsa-ref");
    ck_assert_int_eq(c->smp, 2);
    ck_assert_mem_eq(g_bytes_get_data(c->console->pdata[0], NULL), "sbsa-ref 2 {o}", 14);
    ck_assert_int_eq(gate_find_case(gate, "last")->smp, 2);
    /* Errors are where they stand in the file, with the line as it was filled in. */
    assert_refused(
        "[gate]\nproves = x\n[case a]\nkernel = k\nconsole = x\neach n = 1 x\n\nsmp = {n}\n",
        "g.gate:8:7: error: expected a number from 0 to 2147483647\n    smp = x\n"
        "          ^");
    assert_refused(HEAD "each n =\n", "g.gate:5:1: error: \"each\" needs values\n    each n =\n"
                                      "    ^~~~");
    assert_refused(HEAD "each = 1\n", "g.gate:5:1: error: \"each\" needs a name: each machine = "
                                      "virt sbsa-ref\n    each = 1\n    ^~~~");
    assert_refused(HEAD "each n = a/b\n",
                   "g.gate:5:10: error: a value of \"each\" has letters, digits, \"-\", \"_\" and "
                   "\".\", at most 64: a/b\n    each n = a/b\n             ^~~");
    assert_refused(HEAD "each n = 1\neach n = 2\n",
                   "g.gate:6:6: error: \"each n\" is already set in this section\n    each n = 2\n"
                   "         ^");
    assert_refused(
        "[gate]\nproves = x\neach n = 1\n",
        "g.gate:3:1: error: \"each\" belongs in a [case NAME]\n    each n = 1\n    ^~~~");
    assert_refused(HEAD "console = x\nkernel = k\n[case b{n}]\nlike = a\neach n = 1 1\n",
                   "g.gate:7:7: error: duplicate case \"b1\"\n    [case b1]\n          ^~");
}
END_TEST

START_TEST(refuses_outputs_that_cannot_be) {
    assert_refused(HEAD "exit = 0\nfile /b = out:other/c/x\n",
                   "g.gate:6:11: error: add the gate of this output to \"needs\"\n"
                   "    file /b = out:other/c/x\n              ^~~~~~~~~~~~~");
    assert_refused(HEAD "exit = 0\nfile /b = out:g/b/x\n",
                   "g.gate:6:11: error: this gate has no case \"b\"\n"
                   "    file /b = out:g/b/x\n              ^~~~~~~~~");
    assert_refused(HEAD "exit = 0\nfile /b = out:g/a/x\n",
                   "g.gate:6:11: error: case \"a\" is not an earlier case\n"
                   "    file /b = out:g/a/x\n              ^~~~~~~~~");
    assert_refused(HEAD "exit = 0\nfile /b = out:g/a\n",
                   "g.gate:6:11: error: expected out:GATE/CASE/PATH\n"
                   "    file /b = out:g/a\n              ^~~~~~~");
}
END_TEST

START_TEST(every_key_has_help) {
    for (const GateKey *key = gate_keys; key->name; key++) {
        ck_assert_ptr_nonnull(key->type);
        ck_assert_uint_gt(strlen(key->help), 10);
        ck_assert_uint_gt(strlen(key->syntax), 0);
    }
}
END_TEST

START_TEST(makes_a_case_for_each_set) {
    GError *error = NULL;
    g_autoptr(Gate) gate = parse(
        "[gate]\nproves = x\n[set arm64]\n# of arm64\nkernel = build/a\nappend = from the set\n"
        "panic = \"a\"\npanic = \"b\"\ndisk d = empty 1M\n\n[set riscv]\narch = riscv64\n"
        "kernel = build/r-{n}\n[case boot]\non = arm64 riscv\neach n = 1 2\nconsole = {on}-{n}\n"
        "append = own\npanic = \"c\"\n[case {on}]\non = riscv\neach n = 3\nconsole = x\n"
        "[case alone]\nkernel = k\nconsole = y\n",
        &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    static const struct {
        const char *name, *kernel, *arch, *append;
        guint panics, drives;
    } expected[] = {{"boot-arm64-1", "build/a", "aarch64", "own", 1, 1},
                    {"boot-arm64-2", "build/a", "aarch64", "own", 1, 1},
                    {"boot-riscv-1", "build/r-1", "riscv64", "own", 1, 0},
                    {"boot-riscv-2", "build/r-2", "riscv64", "own", 1, 0},
                    {"riscv-3", "build/r-3", "riscv64", NULL, 0, 0},
                    {"alone", "k", "aarch64", NULL, 0, 0}};
    ck_assert_uint_eq(gate->cases->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        const GateCase *c = gate->cases->pdata[i];
        ck_assert_str_eq(c->name, expected[i].name);
        ck_assert_str_eq(c->kernel, expected[i].kernel);
        ck_assert_str_eq(c->arch, expected[i].arch);
        ck_assert_pstr_eq(c->append, expected[i].append);
        ck_assert_uint_eq(c->panic->len, expected[i].panics);
        ck_assert_uint_eq(c->drives->len, expected[i].drives);
    }
    static const char head[] = "[gate]\nproves = x\n[set a]\nkernel = k\n[case c]\nconsole = x\n";
    g_autofree char *unknown = g_strconcat(head, "on = a b\n", NULL);
    assert_refused(unknown, "g.gate:7:6: error: there is no set \"b\"\n    on = a b\n         ^~~");
    assert_refused(head, "g.gate:3:6: error: no case is \"on\" this set\n    [set a]\n         ^");
    g_autofree char *twice = g_strconcat(head, "on = a\non = a\n", NULL);
    assert_refused(twice,
                   "g.gate:8:1: error: \"on\" is already set in this section\n    on = a\n    ^~");
    assert_refused("[gate]\nproves = x\n[set a]\n[set a]\n",
                   "g.gate:4:6: error: duplicate set \"a\"\n    [set a]\n         ^");
    assert_refused("[gate]\nproves = x\n[set]\n",
                   "g.gate:3:2: error: a set needs a name: [set NAME]\n    [set]\n     ^~~");
    assert_refused("[gate]\nproves = x\non = a\n",
                   "g.gate:3:1: error: \"on\" belongs in a [case NAME]\n    on = a\n    ^~");
    /* A mistake in a set is shown where it stands. */
    assert_refused(
        "[gate]\nproves = x\n[set a]\nkernel = k\nsmp = x\n[case c]\non = a\nconsole = x\n",
        "g.gate:5:7: error: expected a number from 0 to 2147483647\n    smp = x\n          ^");
}
END_TEST

START_TEST(includes_dialogs_by_name) {
    GError *error = NULL;
    g_autoptr(Gate) gate =
        parse("[gate]\nproves = x\n[dialog login]\n# steps\n"
              "dialog = wait \"include a\" send \"root\\n\"\n"
              "  dialog=maybe \"x\" send \"\\\"\"  wait \"# \"\n"
              "[case a]\nkernel = k\ndialog = include login send \"include login\"\n"
              "dialog = wait \"b\"\n"
              "[case b]\neach n = 1 2\nkernel = k\ndialog = wait \"{n}\" include login\n",
              &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    static const char *const of_a[] = {"include a", "root\\n",       "x", "\\\"",
                                       "# ",        "include login", "b"};
    const GateCase *a = gate_find_case(gate, "a"), *b = gate_find_case(gate, "b-2");
    ck_assert_uint_eq(a->dialog->len, G_N_ELEMENTS(of_a));
    for (guint i = 0; i < G_N_ELEMENTS(of_a); i++)
        ck_assert_str_eq(((const DialogStep *)a->dialog->pdata[i])->shown, of_a[i]);
    ck_assert_uint_eq(b->dialog->len, 6);
    ck_assert_str_eq(((const DialogStep *)b->dialog->pdata[0])->shown, "2");
    assert_refused("[gate]\nproves = x\n[case a]\nkernel = k\ndialog = include login\n",
                   "g.gate:5:10: error: include needs the name of a section [dialog NAME] of this "
                   "file\n    dialog = include login\n             ^~~~~~~");
    assert_refused("[gate]\nproves = x\n[dialog a]\ndialog = wait \"x\"\n[case a]\nkernel = k\n"
                   "dialog = wait \"x\"\n",
                   "g.gate:3:9: error: no dialog includes this one\n    [dialog a]\n            ^");
}
END_TEST

SUITE_MAIN("gate", reads_a_whole_gate, refuses_unknown_and_misplaced_keys, tells_every_mistake_once,
           refuses_duplicates, refuses_missing_parts, refuses_broken_lines, refuses_bad_values,
           refuses_options_of_qemu_that_name_files, talks_to_other_kernels,
           makes_a_case_for_each_value, makes_a_case_for_each_set, includes_dialogs_by_name,
           describes_other_machines, knows_what_options_of_qemu_reach,
           refuses_outputs_that_cannot_be, every_key_has_help)
