/* Gate files: the keys of other kernels and their machines. */
#include "gate/gate_keys.h"
#include "gate/qemu_option.h"
#include "gate/qemu_words.h"
#include "suite_gate.h"

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
        g_autoptr(Gate) gate = parse_gate(text, &error);
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
    g_autoptr(Gate) gate =
        parse_gate("[gate]\nproves = x\n[case a]\nkernel = build/k\narch = riscv64\n"
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
    g_autoptr(Gate) broken = parse_gate(HEAD "dialog = wait \"a(b\"\n", &error);
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
        parse_gate("[gate]\nproves = x\naccel = kvm:tcg\n"
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

SUITE_MAIN("machine", refuses_options_of_qemu_that_name_files, talks_to_other_kernels,
           describes_other_machines, knows_what_options_of_qemu_reach)
