/* What a case becomes: its files and their archive, bootargs, the command line of QEMU. */
#include "base/cpio.h"
#include "base/error.h"
#include "base/mistakes.h"
#include "gate/inputs_archive.h"
#include "guest/boot.h"
#include "guest/guest.h"
#include "suite_gate.h"
#include <sys/stat.h>
#include <unistd.h>

START_TEST(loads_every_kind_of_source) {
    GError *error = NULL;
    g_free(write_file("fixtures/src/f", "F"));
    g_free(write_file("fixtures/other/t/b", "B"));
    g_free(write_file("fixtures/other/t/a/c", "C"));
    g_free(write_file("build/bin", "I"));
    g_free(write_file("out/src/one/o", "O"));
    g_autofree char *path = write_gate(
        "src", "",
        CASE("one",
             "build:bin") "[case two]\nfile /init = build:bin + out:src/one/o + fixture:f + \"!\"\n"
                          "tree /t = fixture:/other/t\nexit = 0\nexpect /x = random:1:3\n");
    g_autofree char *out = g_build_filename(suite_folder(), "out", NULL);
    g_autoptr(Gate) gate = gate_load(path, &error);
    const GateCase *c = gate_find_case(gate, "two");
    g_autoptr(Inputs) inputs = inputs_load(gate, c, DRIVER_SEED, out, &error);
    ck_assert_msg(inputs != NULL, "%s", error ? error->message : "");
    GBytes *init = input_files_find(inputs->files, "/init");
    ck_assert_uint_eq(g_bytes_get_size(init), 4);
    ck_assert_mem_eq(g_bytes_get_data(init, NULL), "IOF!", 4);
    ck_assert_str_eq(((InputFile *)inputs->files->pdata[1])->guest_path, "/t/a/c");
    ck_assert_str_eq(((InputFile *)inputs->files->pdata[2])->guest_path, "/t/b");
    ck_assert_uint_eq(g_bytes_get_size(input_files_find(inputs->equals, "/x")), 3);

    int fd = inputs_archive(inputs, (const char *const[]){"init", "a b", NULL}, NULL, &error);
    struct stat status;
    ck_assert_int_eq(fstat(fd, &status), 0);
    ck_assert_int_eq(status.st_size % 512, 0);
    g_autofree guint8 *data = g_malloc((gsize)status.st_size);
    ck_assert_int_eq(pread(fd, data, (gsize)status.st_size, 0), status.st_size);
    close(fd);
    CpioReader reader = {data, (gsize)status.st_size, 0};
    CpioEntry entry;
    for (guint i = 0; i < 4; i++)
        ck_assert(cpio_read(&reader, &entry, &error));
    ck_assert_str_eq(entry.name, "init.argv");
    ck_assert_mem_eq(entry.data, "init\na b\n", 9);

    g_autofree char *f = g_build_filename(suite_folder(), "fixtures/src/f", NULL);
    unlink(f);
    ck_assert_ptr_null(inputs_load(gate, c, DRIVER_SEED, out, &error));
    ck_assert_msg(strstr(error->message, "src.gate:8:42: error: ") &&
                      strstr(error->message, "fixtures/src/f: No such file or directory"),
                  "%s", error->message);
    g_clear_error(&error);
}
END_TEST

/* The mistakes of loading the one case of a gate, in a folder of fixtures with a, d/x and a FIFO.
 */
static char *load_message(const char *inputs) {
    GError *error = NULL;
    g_free(write_file("fixtures/clash/a", "a"));
    g_free(write_file("fixtures/clash/d/x", "x"));
    g_autofree char *text = g_strconcat("[case c]\nfile /init = \"i\"\nexit = 0\n", inputs, NULL);
    g_autofree char *path = write_gate("clash", "", text);
    g_autoptr(Gate) gate = gate_load(path, &error);
    g_autoptr(Inputs) loaded =
        gate ? inputs_load(gate, gate->cases->pdata[0], DRIVER_SEED, "/none", &error) : NULL;
    g_autoptr(GPtrArray) mistakes = mistakes_new();
    if (gate) inputs_check(gate, gate->cases->pdata[0], mistakes);
    ck_assert_int_eq(gate && mistakes->len == 0, loaded != NULL);
    char *message = error ? g_strdup(error->message) : NULL;
    g_clear_error(&error);
    return message;
}

START_TEST(no_two_files_want_one_place) {
    static const struct {
        const char *inputs, *message; /* NULL: fine */
    } cases[] = {
        {"file /a = \"1\"\nfile /b/c = \"2\"\n", NULL},
        {"file /a = \"1\"\nfile /a/b = \"2\"\n",
         ":8:13: error: the guest path /a/b lies below /a, which is a file (line 7)"},
        {"file /a/b = \"1\"\nfile /a = \"2\"\n",
         ":8:11: error: the guest path /a is already a folder with files (line 7)"},
        {"tree /t = fixture:d\nfile /t/y = \"2\"\n", NULL},
        {"tree /t = fixture:d\nfile /t/x = \"2\"\n",
         ":8:13: error: the guest path /t/x is already in use (line 7)"},
        {"file /t/x = \"2\"\ntree /t = fixture:d\n",
         ":8:11: error: the guest path /t/x is already in use (line 7)"},
        {"file /t = \"2\"\ntree /t = fixture:d\n",
         ":8:11: error: the guest path /t/x lies below /t, which is a file (line 7)"},
        {"file /TRAILER!!! = \"1\"\n",
         ":7:6: error: the guest path is the name of the trailer of an archive"},
        {"file /a/TRAILER!!! = \"1\"\n", NULL},
        {"file /.harness/init = \"1\"\n",
         ":7:6: error: the guest path lies in /.harness, which is reserved for the driver linux"},
        {"file /.harness = \"1\"\n", ":7:6: error: the guest path lies in /.harness"},
        {"file /.harness2 = \"1\"\n", NULL},
        {"file /init.argv = \"1\"\nargv = a\n", NULL},
        {"file /init.argv = \"1\"\nargv = \"a b\"\n",
         ":4:7: error: the argv of case \"c\" goes into /init.argv, a file that the case has "
         "already"},
        {"file /n = fixture:none\n", ":7:11: error: "},
        {"file /n = fixture:d\n", "fixtures/clash/d: a folder, not a file"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *message = load_message(cases[i].inputs);
        ck_assert_msg(cases[i].message ? message && strstr(message, cases[i].message) : !message,
                      "%s: %s", cases[i].inputs, message);
    }
}
END_TEST

/* The names of the archive that the case `text` starts with, folders with "/". */
static char *archive_names(const char *text) {
    GError *error = NULL;
    g_autofree char *path = write_gate("other", "", text);
    g_autoptr(Gate) gate = gate_load(path, &error);
    ck_assert_msg(gate != NULL, "%s", error ? error->message : "");
    const GateCase *c = gate->cases->pdata[0];
    g_autoptr(Inputs) inputs = inputs_load(gate, c, DRIVER_SEED, "/none", &error);
    const Boot boot = {.driver = DRIVER_SEED, .gate = gate, .gate_case = c};
    int fd = boot_archive(&boot, inputs, &error);
    ck_assert_int_ge(fd, 0);
    g_autofree guint8 *data = g_malloc(100000);
    ssize_t size = pread(fd, data, 100000, 0);
    close(fd);
    CpioReader reader = {data, (gsize)size, 0};
    CpioEntry entry;
    GString *names = g_string_new(NULL);
    while (cpio_read(&reader, &entry, &error))
        g_string_append_printf(names, "%s%s ", entry.name, S_ISDIR(entry.mode) ? "/" : "");
    return g_string_free(names, FALSE);
}

START_TEST(another_kernel_gets_entries_for_folders) {
    static const char seed[] = "[case a]\nfile /init = \"i\"\nfile /a/b/c = \"x\"\nexit = 0\n";
    static const char other[] = "[case a]\nkernel = k\nfile /a/b/c = \"x\"\nconsole = x\n";
    static const char append[] =
        "[case a]\nkernel = k\nappend = y\nfile /a/b/c = \"x\"\nconsole = x\n";
    g_autofree char *of_seed = archive_names(seed), *of_other = archive_names(other);
    g_autofree char *of_append = archive_names(append);
    ck_assert_str_eq(of_seed, "init a/b/c ");
    ck_assert_str_eq(of_other, "a/ a/b/ a/b/c ");
    ck_assert_str_eq(of_append, of_other);
}
END_TEST

START_TEST(a_fifo_is_no_input) {
    g_free(write_file("fixtures/clash/f/x", "x"));
    g_autofree char *fifo = g_build_filename(suite_folder(), "fixtures/clash/f/fifo", NULL);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    g_autofree char *message = load_message("tree /t = fixture:f\n");
    ck_assert_msg(strstr(message, "/fifo: a FIFO, not a file"), "%s", message);
    ck_assert_int_eq(unlink(fifo), 0);
}
END_TEST

START_TEST(arguments_that_bootargs_cannot_carry) {
    g_autofree char *plain = inputs_bootargs((const char *const[]){"a", "-b=c", NULL});
    ck_assert_str_eq(plain, "a -b=c");
    static const char *const bad[] = {"", "a b", "dumpfs", "spawnlog", "nonce=1", "a\tb", "\"a"};
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
        ck_assert_msg(!inputs_bootargs((const char *const[]){"x", bad[i], NULL}), "%s", bad[i]);
}
END_TEST

START_TEST(qemu_gets_no_network_and_no_defaults) {
    GuestConfig config = {.qemu = "q",
                          .arch = "aarch64",
                          .machine = "virt",
                          .cpu = "max",
                          .kernel = "k",
                          .append = "x y",
                          .memory_bytes = 1 << 30,
                          .initrd_fd = 5,
                          .seed_in_fd = -1,
                          .seed_out_fd = 9};
    g_auto(GStrv) argv = guest_argv(&config, 3);
    g_autofree char *line = g_strjoinv(" ", argv);
    static const char *const parts[] = {"q -M virt ",
                                        "-nodefaults",
                                        "-no-user-config",
                                        " -S ",
                                        "-m 1024M ",
                                        "-sandbox on,",
                                        "-chardev socket,id=qmp,fd=3 ",
                                        "-kernel k ",
                                        "-append x y ",
                                        "serial=seed-out"};
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        ck_assert_msg(strstr(line, parts[i]), "%s is not in %s", parts[i], line);
    ck_assert_msg(!strstr(line, "seed-in"), "%s", line);
}
END_TEST

SUITE_MAIN("inputs", loads_every_kind_of_source, no_two_files_want_one_place,
           another_kernel_gets_entries_for_folders, a_fifo_is_no_input,
           arguments_that_bootargs_cannot_carry, qemu_gets_no_network_and_no_defaults)
