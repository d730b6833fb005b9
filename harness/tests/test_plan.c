/* Gates together: needs, circles, filters, drivers, shards. */
#include "base/error.h"
#include "base/mistakes.h"
#include "gate/plan.h"
#include "gate/selection.h"
#include "gate/shard.h"
#include "suite_gate.h"
#include <sys/stat.h>

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

SUITE_MAIN("plan", orders_gates_by_need, patterns_select_names, drivers_share_the_cases,
           shards_share_the_cases, finds_its_shard, refuses_circles_and_strangers,
           refuses_stale_goldens)
