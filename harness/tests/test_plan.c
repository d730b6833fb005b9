/* Gates together: needs, circles, filters; and what a case becomes: archive, bootargs, argv. */
#include "base/cpio.h"
#include "base/error.h"
#include "base/mistakes.h"
#include "gate/inputs_archive.h"
#include "gate/plan.h"
#include "gate/selection.h"
#include "gate/shard.h"
#include "guest/boot.h"
#include "guest/guest.h"
#include "suite.h"
#include <sys/stat.h>
#include <unistd.h>

static char *write_file(const char *name, const char *text) {
    char *path = g_build_filename(suite_folder(), name, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
    ck_assert(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static char *write_gate(const char *name, const char *needs, const char *cases) {
    g_autofree char *file = g_strdup_printf("gates/%s.gate", name);
    g_autofree char *text =
        g_strdup_printf("[gate]\nproves = x\n%s%s\n%s", *needs ? "needs = " : "", needs, cases);
    return write_file(file, text);
}

#define CASE(name, source) "[case " name "]\nfile /init = " source "\nexit = 0\n"

static Plan *plan_of(const char *path, GError **error) {
    return plan_new((const char *const[]){path, NULL}, error);
}

START_TEST(orders_gates_by_need) {
    GError *error = NULL;
    g_free(write_gate("one", "", CASE("a", "\"x\"")));
    g_free(write_gate("two", "one", CASE("b", "out:one/a/x") CASE("c", "out:two/b/y")));
    g_autofree char *path =
        write_gate("three", "two one", CASE("d", "out:two/c/z") CASE("e", "\"x\""));
    g_autoptr(Plan) plan = plan_of(path, &error);
    ck_assert_msg(plan != NULL, "%s", error ? error->message : "");
    g_autoptr(GString) order = g_string_new(NULL);
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        g_string_append_printf(order, "%s%s ", planned->id, planned->requested ? "!" : "");
    }
    ck_assert_str_eq(order->str, "one/a two/b two/c three/d! three/e! ");
    ck_assert_uint_eq(plan_keep_requested(plan), 5);
    g_autoptr(Plan) two = plan_of(path, &error);
    ck_assert(plan_filter(two, (const char *const[]){"*/e", "*/a", NULL}, &error));
    ck_assert_uint_eq(two->cases->len, 2);
    ck_assert_str_eq(((PlanCase *)two->cases->pdata[0])->id, "one/a");
    ck_assert_str_eq(((PlanCase *)two->cases->pdata[1])->id, "three/e");
    ck_assert(plan_filter(plan, (const char *const[]){"*/c", NULL}, &error));
    ck_assert_uint_eq(plan->cases->len, 3);
    const PlanCase *last = plan->cases->pdata[2];
    ck_assert_str_eq(last->id, "two/c");
    ck_assert_uint_eq(g_array_index(last->needs, guint, 0), 1);
    ck_assert(!plan_filter(plan, (const char *const[]){"*/c", "nothing", NULL}, &error));
    suite_assert_error(&error, "--filter nothing: matches no case; harness list shows all");
}
END_TEST

/* What patterns select of five names, the first two of which were asked for. */
static char *selected_by(const char *const *patterns, GError **error) {
    static const char *const names[] = {"a/x", "a/y", "b/x", "b/y", "c/z", NULL};
    static const gboolean candidates[] = {TRUE, TRUE, TRUE, TRUE, FALSE};
    gboolean selected[] = {TRUE, TRUE, FALSE, FALSE, FALSE};
    GString *out = g_string_new(NULL);
    if (selection_apply(patterns, names, G_N_ELEMENTS(selected), candidates, selected, error))
        for (guint i = 0; i < G_N_ELEMENTS(selected); i++)
            if (selected[i]) g_string_append_printf(out, "%s ", names[i]);
    return g_string_free(out, FALSE);
}

START_TEST(patterns_select_names) {
    static const struct {
        const char *patterns[4], *selected, *refused;
    } all[] = {
        {{"*/x"}, "a/x b/x ", NULL},
        {{"!*/x"}, "a/y ", NULL},
        {{"b/*", "!*/x", "a/x"}, "b/y ", NULL},
        {{"{a,b}/x"}, "a/x b/x ", NULL},
        {{"{a/{x,y},b/y}"}, "a/x a/y b/y ", NULL},
        {{"{,a/}x"},
         "",
         "--filter {,a/}x: matches no case; did you mean \"a/x\"?; harness list "
         "shows all"},
        {{"!{a/x,b/?}"}, "a/y ", NULL},
        {{"c/z"},
         "",
         "--filter c/z: matches no case; did you mean \"a/x\"?; harness list "
         "shows all"},
        {{"a/{x"}, "", "--filter a/{x: unmatched { or }"},
        {{"a/x}{"}, "", "--filter a/x}{: unmatched { or }"},
        {{"{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"},
         "",
         "--filter {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}: too many alternatives"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
        GError *error = NULL;
        g_autofree char *selected = selected_by(all[i].patterns, &error);
        ck_assert_str_eq(selected, all[i].selected);
        if (all[i].refused)
            suite_assert_error(&error, all[i].refused);
        else
            ck_assert_ptr_null(error);
    }
}
END_TEST

START_TEST(drivers_share_the_cases) {
    GError *error = NULL;
    g_autofree char *path = write_gate("d1", "",
                                       CASE("a", "\"x\"") "drivers = seed\n" CASE("b", "\"x\"")
                                           CASE("c", "out:d1/b/y") CASE("d", "out:d1/a/y"));
    g_autoptr(Plan) plan = plan_of(path, &error);
    ck_assert_msg(plan != NULL, "%s", error ? error->message : "");
    plan_drive(plan, PLAN_BOTH);
    static const struct {
        const char *id;
        gssize counterpart;
        gboolean refused;
        gssize need;
    } expected[] = {{"d1/a", -1, FALSE, -1},     {"d1/b", -1, FALSE, -1},
                    {"d1/c", -1, FALSE, 1},      {"d1/d", -1, FALSE, 0},
                    {"d1@linux/a", 0, TRUE, -1}, {"d1@linux/b", 1, FALSE, -1},
                    {"d1@linux/c", 2, FALSE, 5}, {"d1@linux/d", 3, TRUE, -1}};
    ck_assert_uint_eq(plan->cases->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *planned = plan->cases->pdata[i];
        ck_assert_str_eq(planned->id, expected[i].id);
        ck_assert_int_eq(planned->counterpart, expected[i].counterpart);
        ck_assert_int_eq(planned->unsupported != NULL, expected[i].refused);
        ck_assert_int_eq(planned->needs->len, expected[i].need >= 0);
        if (expected[i].need >= 0)
            ck_assert_int_eq(g_array_index(planned->needs, guint, 0), expected[i].need);
    }
    /* What only a case needs that cannot run does not run either. */
    g_free(write_gate("d2", "", CASE("a", "\"x\"")));
    g_autofree char *needy = write_gate("d3", "d2", CASE("b", "out:d2/a/y") "drivers = linux\n");
    for (PlanDrivers drivers = PLAN_SEED; drivers <= PLAN_BOTH; drivers++) {
        g_autoptr(Plan) small = plan_of(needy, &error);
        plan_drive(small, drivers);
        g_autoptr(GString) order = g_string_new(NULL);
        for (guint i = 0; i < small->cases->len; i++) {
            const PlanCase *planned = small->cases->pdata[i];
            g_string_append_printf(order, "%s%s%s ", planned->id, planned->unsupported ? "-" : "",
                                   planned->counterpart >= 0 ? "=" : "");
        }
        ck_assert_str_eq(order->str, drivers == PLAN_SEED    ? "d3/b- "
                                     : drivers == PLAN_LINUX ? "d2@linux/a d3@linux/b "
                                                             : "d3/b- d2@linux/a d3@linux/b ");
    }
    g_autofree char *gate_name = NULL;
    ck_assert_int_eq(driver_of_label("a/b@linux", &gate_name), DRIVER_LINUX);
    ck_assert_str_eq(gate_name, "a/b");
}
END_TEST

START_TEST(shards_share_the_cases) {
    GError *error = NULL;
    g_free(write_gate("s1", "", CASE("a", "\"x\"") CASE("b", "\"x\"") CASE("c", "\"x\"")));
    g_autofree char *path =
        write_gate("s2", "s1", CASE("d", "out:s1/b/y") CASE("e", "\"x\"") CASE("f", "\"x\""));
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint index = 0; index < 2; index++) {
        g_autoptr(Plan) plan = plan_of(path, &error);
        plan_shard(plan, index, 2);
        for (guint i = 0; i < plan->cases->len; i++) {
            const PlanCase *planned = plan->cases->pdata[i];
            if (planned->requested)
                ck_assert_msg(g_hash_table_add(seen, g_strdup(planned->id)), "%s runs twice",
                              planned->id);
            else
                ck_assert_str_eq(planned->id, "s1/b");
        }
    }
    ck_assert_uint_eq(g_hash_table_size(seen), 3);
    g_autoptr(Plan) plan = plan_of(path, &error);
    plan_shard(plan, 7, 9);
    ck_assert_uint_eq(plan->cases->len, 0);
}
END_TEST

START_TEST(finds_its_shard) {
    static const struct {
        const char *option, *bazel_index, *bazel_total, *gitlab_index, *gitlab_total;
        int index, total; /* -1: refused */
    } cases[] = {
        {NULL, NULL, NULL, NULL, NULL, 0, 1},   {"2/3", NULL, NULL, NULL, NULL, 1, 3},
        {"3/3", "0", "2", "1", "2", 2, 3},      {NULL, "0", "2", "2", "2", 0, 2},
        {NULL, "1", "2", NULL, NULL, 1, 2},     {NULL, NULL, NULL, "1", "4", 0, 4},
        {"0/3", NULL, NULL, NULL, NULL, -1, 0}, {"4/3", NULL, NULL, NULL, NULL, -1, 0},
        {"1", NULL, NULL, NULL, NULL, -1, 0},   {"1/0", NULL, NULL, NULL, NULL, -1, 0},
        {NULL, "2", "2", NULL, NULL, -1, 0},    {NULL, NULL, NULL, "0", "4", -1, 0},
    };
    static const char *const names[] = {"TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", "CI_NODE_INDEX",
                                        "CI_NODE_TOTAL"};
    g_unsetenv("TEST_SHARD_STATUS_FILE");
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *const values[] = {cases[i].bazel_index, cases[i].bazel_total,
                                      cases[i].gitlab_index, cases[i].gitlab_total};
        for (guint k = 0; k < G_N_ELEMENTS(names); k++) {
            if (values[k])
                g_setenv(names[k], values[k], TRUE);
            else
                g_unsetenv(names[k]);
        }
        Shard shard = {99, 99};
        g_autoptr(GError) error = NULL;
        gboolean found = shard_find(cases[i].option, &shard, &error);
        ck_assert_msg(found == (cases[i].index >= 0) && found == !error, "case %u", i);
        if (found)
            ck_assert_msg(shard.index == (guint)cases[i].index &&
                              shard.total == (guint)cases[i].total,
                          "case %u", i);
    }
}
END_TEST

START_TEST(refuses_circles_and_strangers) {
    GError *error = NULL;
    g_autofree char *a = write_gate("a", "b", CASE("x", "\"x\""));
    g_autofree char *b = write_gate("b", "a", CASE("x", "\"x\""));
    ck_assert_ptr_null(plan_of(a, &error));
    ck_assert_msg(g_str_has_suffix(error->message, "gates/a.gate: gate a needs itself through b"),
                  "%s", error->message);
    g_clear_error(&error);
    g_autofree char *c = write_gate("c", "nowhere", CASE("x", "\"x\""));
    ck_assert_ptr_null(plan_of(c, &error));
    ck_assert_msg(strstr(error->message, "c.gate: needs nowhere: "), "%s", error->message);
    g_clear_error(&error);
    g_autofree char *d = write_file("elsewhere/x.gate", "");
    ck_assert_ptr_null(plan_of(d, &error));
    ck_assert_msg(
        g_str_has_suffix(
            error->message,
            "x.gate: a gate file must be named NAME.gate and be below a folder \"gates\""),
        "%s", error->message);
    g_clear_error(&error);
    g_free(write_gate("e1", "", CASE("a", "\"x\"")));
    g_autofree char *e = write_gate("e", "e1", CASE("x", "out:e1/b/y"));
    ck_assert_ptr_null(plan_of(e, &error));
    ck_assert_msg(strstr(error->message, "error: gate e1 has no case \"b\""), "%s", error->message);
    g_clear_error(&error);
}
END_TEST

START_TEST(refuses_stale_goldens) {
    GError *error = NULL;
    g_autofree char *path = write_gate("gold", "", CASE("a", "\"x\""));
    g_free(write_file("golden/gold.sha256",
                      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef  a/x\n"));
    g_autoptr(Plan) plan = plan_of(path, &error);
    ck_assert_ptr_nonnull(plan);
    g_autoptr(GPtrArray) mistakes = mistakes_new();
    plan_check_goldens(plan, mistakes);
    ck_assert_uint_eq(mistakes->len, 1);
    ck_assert_msg(strstr(mistakes->pdata[0],
                         "no case of gate gold expects a/x; harness bless removes the line"),
                  "%s", (char *)mistakes->pdata[0]);
}
END_TEST

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

SUITE_MAIN("plan", drivers_share_the_cases, shards_share_the_cases, finds_its_shard,
           orders_gates_by_need, patterns_select_names, refuses_circles_and_strangers,
           refuses_stale_goldens, loads_every_kind_of_source, no_two_files_want_one_place,
           another_kernel_gets_entries_for_folders, a_fifo_is_no_input,
           arguments_that_bootargs_cannot_carry, qemu_gets_no_network_and_no_defaults)
