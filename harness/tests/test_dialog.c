/* Dialogs with a guest, fed in pieces of every size: how far they come must never depend on those.
 */
#include "gate/dialog.h"
#include "suite.h"
#include <string.h>

static Regex *regex(const char *text) {
    GError *error = NULL;
    Regex *made = regex_new(text, strlen(text), &error);
    ck_assert_msg(made != NULL, "%s", error ? error->message : "");
    return made;
}

/* Steps from a list of texts, which ends with NULL: "wait:REGEX", "maybe:REGEX", "quiet:REGEX",
 * "send:TEXT". */
static GPtrArray *steps_of(const char *const *texts) {
    GPtrArray *steps = dialog_steps();
    for (; *texts; texts++) {
        const char *text = strchr(*texts, ':') + 1;
        if (g_str_has_prefix(*texts, "wait:")) dialog_add_wait(steps, text, regex(text));
        if (g_str_has_prefix(*texts, "maybe:")) dialog_add_maybe(steps, text, regex(text));
        if (g_str_has_prefix(*texts, "quiet:")) dialog_add_quiet(steps, text, regex(text), 1);
        if (g_str_has_prefix(*texts, "send:"))
            dialog_add_send(steps, text, g_bytes_new_static(text, strlen(text)));
    }
    return steps;
}

static guint feed_all(Dialog *dialog, const guint8 *text, gsize length, gsize piece) {
    guint matched = 0;
    for (gsize at = 0; at < length; at += piece) {
        matched += dialog_feed(dialog, text + at, MIN(piece, length - at));
        while (dialog_take(dialog))
            matched += dialog_feed(dialog, NULL, 0);
    }
    return matched;
}

/* How many waits end in `text`, whatever the size of the pieces. */
static guint count(const char *const *texts, const char *text, gboolean with_end) {
    g_autoptr(GPtrArray) steps = steps_of(texts);
    guint all = 0, length = (guint)strlen(text);
    for (gsize piece = 1; piece <= length; piece++) {
        Dialog dialog;
        dialog_init(&dialog, steps);
        guint matched = feed_all(&dialog, (const guint8 *)text, length, piece);
        if (with_end) matched += dialog_end(&dialog);
        ck_assert_ptr_null(dialog.failure);
        ck_assert_int_eq(dialog_is_done(&dialog), dialog.next == steps->len);
        dialog_clear(&dialog);
        ck_assert_msg(piece == 1 || matched == all, "%s in pieces of %d: %u, not %u", text,
                      (int)piece, matched, all);
        all = matched;
    }
    return all;
}

#define STEPS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Which steps match in `text`, in pieces of every size: their texts, and what is sent. */
static void assert_goes(const char *const *texts, const char *text, const char *expected) {
    g_autoptr(GPtrArray) steps = steps_of(texts);
    for (gsize piece = 1; piece <= strlen(text); piece++) {
        Dialog dialog;
        g_autoptr(GString) went = g_string_new(NULL);
        dialog_init(&dialog, steps);
        for (gsize at = 0; at < strlen(text); at += piece) {
            guint met =
                dialog_feed(&dialog, (const guint8 *)text + at, MIN(piece, strlen(text) - at));
            GBytes *sent;
            while (met > 0 || (sent = dialog_take(&dialog))) {
                if (met > 0) {
                    g_string_append_printf(went, "%u*%u ", dialog.next, met);
                } else {
                    g_string_append_len(went, g_bytes_get_data(sent, NULL), 1);
                    g_string_append_c(went, ' ');
                }
                met = dialog_feed(&dialog, NULL, 0);
            }
        }
        g_string_append(went, dialog_is_done(&dialog) ? "done" : "waits");
        ck_assert_msg(strcmp(went->str, expected) == 0, "%s in pieces of %d: %s, not %s", text,
                      (int)piece, went->str, expected);
        dialog_clear(&dialog);
    }
}

START_TEST(leaves_out_what_does_not_come) {
    const char *const *steps =
        STEPS("maybe:y/n", "send:y", "maybe:Name: ", "send:n", "wait:# ", "send:d");
    assert_goes(steps, "# ", "5*1 d done");
    assert_goes(steps, "y/n# ", "1*1 y 5*1 d done");
    assert_goes(steps, "Name: # ", "3*1 n 5*1 d done");
    assert_goes(steps, "y/nName: # ", "1*1 y 3*1 n 5*1 d done");
    /* The first in the text, not in the gate, counts. */
    assert_goes(steps, "Name: y/n# ", "3*1 n 5*1 d done");
    assert_goes(steps, "# y/n", "5*1 d done");
    assert_goes(steps, "y/n", "1*1 y waits");
    /* Of two at one place the earlier step, and one that is open is waited for. */
    assert_goes(STEPS("maybe:abc", "send:m", "wait:ab", "send:w"), "abc ab ", "1*1 m 3*1 w done");
    assert_goes(STEPS("maybe:abc", "send:m", "wait:ab", "send:w"), "abd", "3*1 w done");
    assert_goes(STEPS("maybe:b", "send:m", "wait:a.*c", "send:w"), "a b c\n", "3*1 w done");
    g_autoptr(GPtrArray) last = steps_of(STEPS("wait:a", "maybe:b"));
    g_autoptr(GPtrArray) quiet = steps_of(STEPS("maybe:b", "quiet:a", "wait:c"));
    g_autoptr(GPtrArray) fine = steps_of(STEPS("maybe:b", "send:c", "wait:a"));
    ck_assert(dialog_endless(last) == last->pdata[1] && dialog_endless(quiet) == quiet->pdata[0]);
    ck_assert(!dialog_endless(fine) && dialog_judges(fine));
}
END_TEST

START_TEST(waits_and_sends_in_order) {
    const char *const *steps = STEPS("wait:^boot", "wait:login: ", "send:x", "wait:^# ");
    ck_assert_uint_eq(count(steps, "rom\r\nboot 1\r\nlogin: x\r\n# ", FALSE), 3);
    ck_assert_uint_eq(count(steps, "# \nboot\nlogin: x\n", FALSE), 2);
    ck_assert_uint_eq(count(steps, "login: \nboot", FALSE), 1);
}
END_TEST

START_TEST(an_end_is_before_a_newline) {
    ck_assert_uint_eq(count(STEPS("wait:^value 1$"), "value 10\n", FALSE), 0);
    ck_assert_uint_eq(count(STEPS("wait:^value 1$"), "value 1", FALSE), 0);
    ck_assert_uint_eq(count(STEPS("wait:^value 1$"), "value 1\n", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:^value 1$"), "value 1\r\n", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:^value 1$"), "value 1", TRUE), 1);
    ck_assert_uint_eq(count(STEPS("wait:^value 1$"), "value 10", TRUE), 0);
    ck_assert_uint_eq(count(STEPS("wait:1\\Z"), "10", FALSE), 0);
    ck_assert_uint_eq(count(STEPS("wait:$"), "10\n", FALSE), 1);
}
END_TEST

START_TEST(what_more_text_may_change_is_open) {
    ck_assert_uint_eq(count(STEPS("wait:value \\d+", "wait:^0"), "value 10\n", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:value 1(?!0)"), "value 10\n", FALSE), 0);
    ck_assert_uint_eq(count(STEPS("wait:value 1(?!0)"), "value 11\n", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:value 1\\b"), "value 10\n", FALSE), 0);
    ck_assert_uint_eq(count(STEPS("wait:a|ab", "wait:b"), "ab", FALSE), 2);
    ck_assert_uint_eq(count(STEPS("wait:ab|a", "wait:b"), "ab", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:x\\n^y"), "x\ny", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:\\d+"), "12", FALSE), 0);
    ck_assert_uint_eq(count(STEPS("wait:\\d+"), "12", TRUE), 1);
}
END_TEST

START_TEST(a_line_begins_behind_a_newline_alone) {
    /* Not where the last match ended, nor where what was sent is echoed. */
    ck_assert_uint_eq(count(STEPS("wait:na", "wait:^me\\? "), "name? ", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:cmd\\? ", "send:ok\n", "wait:^ok$"), "cmd? ok\n", FALSE),
                      1);
    ck_assert_uint_eq(
        count(STEPS("wait:cmd\\? ", "send:ok\n", "wait:^ok$"), "cmd? ok\nok\n", FALSE), 2);
    ck_assert_uint_eq(count(STEPS("wait:a", "wait:(?<=a)b"), "ab", FALSE), 2);
    ck_assert_uint_eq(count(STEPS("wait:a", "wait:(?<!a)b"), "ab", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:a", "wait:\\bb"), "ab ", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:\\n", "wait:^b"), "a\nb", FALSE), 2);
    ck_assert_uint_eq(count(STEPS("wait:a", "wait:^[^b]"), "a\r\nb", FALSE),
                      count(STEPS("wait:a", "wait:^[^b]"), "a\r\nb", TRUE));
}
END_TEST

START_TEST(quiet_ends_the_text_for_a_while) {
    g_autoptr(GPtrArray) steps = steps_of(STEPS("quiet:^# $", "send:x", "quiet:\\d+$"));
    Dialog dialog;
    dialog_init(&dialog, steps);
    ck_assert_int_eq(dialog_quiet_ns(&dialog), 1);
    ck_assert_uint_eq(dialog_feed(&dialog, (const guint8 *)"#", 1), 0);
    ck_assert_uint_eq(dialog_quiet(&dialog), 0);
    ck_assert_uint_eq(dialog_feed(&dialog, (const guint8 *)" 1\n# ", 5), 0);
    ck_assert_uint_eq(dialog_quiet(&dialog), 1);
    ck_assert_int_eq(dialog_quiet_ns(&dialog), 0);
    ck_assert_ptr_nonnull(dialog_take(&dialog));
    ck_assert_uint_eq(dialog_feed(&dialog, (const guint8 *)"12", 2), 0);
    ck_assert_uint_eq(dialog_quiet(&dialog), 1);
    ck_assert(dialog_is_done(&dialog));
    dialog_clear(&dialog);
}
END_TEST

START_TEST(loses_nothing_and_takes_any_bytes) {
    g_autoptr(GPtrArray) steps = steps_of(STEPS("wait:\\xff\\x00end", "wait:^last$"));
    gsize size = 5 * DIALOG_MATCH_MAX;
    g_autofree guint8 *noise = g_malloc(size);
    for (gsize piece = 4096; piece <= size; piece *= 4) {
        Dialog dialog;
        dialog_init(&dialog, steps);
        memset(noise, 0xff, size);
        memcpy(noise + 70000, "\0end", 4);
        memcpy(noise + size - 6, "\nlast\n", 6);
        ck_assert_uint_eq(feed_all(&dialog, noise, size, MIN(piece, size)), 2);
        ck_assert(dialog_is_done(&dialog));
        dialog_clear(&dialog);
        /* What cannot match any more is not kept. */
        dialog_init(&dialog, steps);
        memset(noise, 'a', size);
        ck_assert_uint_eq(feed_all(&dialog, noise, size, 4096), 0);
        ck_assert_uint_le(dialog.text->len, 128 * 1024);
        dialog_clear(&dialog);
    }
    g_autoptr(GPtrArray) none = dialog_steps();
    Dialog empty;
    dialog_init(&empty, none);
    ck_assert_uint_eq(dialog_feed(&empty, noise, 10), 0);
    ck_assert(!dialog_is_done(&empty));
    dialog_clear(&empty);
}
END_TEST

START_TEST(an_expression_that_is_never_decided_fails) {
    g_autoptr(GPtrArray) steps = steps_of(STEPS("wait:(?s)a.*b"));
    g_autofree guint8 *noise = g_malloc(2 * DIALOG_MATCH_MAX);
    memset(noise, 'a', 2 * DIALOG_MATCH_MAX);
    Dialog dialog;
    dialog_init(&dialog, steps);
    feed_all(&dialog, noise, 2 * DIALOG_MATCH_MAX, 256 * 1024);
    ck_assert_msg(g_strrstr(dialog.failure, "could still match text that began 1048576 bytes ago"),
                  "%s", dialog.failure);
    dialog_clear(&dialog);
    /* Each "a" could be taken by each of them. */
    g_autoptr(GPtrArray) costly = steps_of(STEPS("wait:(a+)+(a+)+(a+)+c"));
    dialog_init(&dialog, costly);
    noise[5000] = '\n';
    feed_all(&dialog, noise, 6000, 6000);
    ck_assert_msg(g_strrstr(dialog.failure, "limit exceeded"), "%s", dialog.failure);
    dialog_clear(&dialog);
}
END_TEST

/* A search that begins anew behind what came would find another match, or none. */
START_TEST(what_depends_on_pieces_is_refused) {
    static const char *const refused[] = {"\\G",
                                          "a|\\Gb",
                                          "(?<=\\Ga)b",
                                          "\\\\\\Gb",
                                          "\\Qx\\E\\Gb",
                                          "\\Qx\\\\E\\Gb",
                                          "[]]\\Gb",
                                          "[^]\\]]\\Gb",
                                          "[[:alpha:]]\\G",
                                          "a(*COMMIT)b",
                                          "a(*COMMIT:x)b",
                                          "(*COMMIT)a",
                                          "(*NOTEMPTY_ATSTART)a*",
                                          NULL};
    static const char *const taken[] = {"\\\\Gb",
                                        "\\Q\\G\\E",
                                        "\\Q(*COMMIT)",
                                        "[(*COMMIT)]",
                                        "[^](*COMMIT)]",
                                        "[[:alpha:](*COMMIT)]",
                                        "\\Ab",
                                        "a(*PRUNE)b",
                                        "\\(*COMMIT",
                                        "[\\](*COMMIT)]",
                                        NULL};
    for (const char *const *text = refused; *text; text++) {
        g_autoptr(GError) error = NULL;
        ck_assert_msg(!regex_new(*text, strlen(*text), &error), "%s", *text);
        ck_assert_msg(strstr(error->message, " its result depends on where reads cut "), "%s: %s",
                      *text, error->message);
    }
    for (const char *const *text = taken; *text; text++)
        regex_free(regex(*text));
}
END_TEST

START_TEST(only_a_wait_judges) {
    g_autoptr(GPtrArray) sends = steps_of(STEPS("send:x"));
    ck_assert(!dialog_judges(sends));
    g_autoptr(GPtrArray) waits = steps_of(STEPS("send:x", "quiet:y"));
    ck_assert(dialog_judges(waits));
}
END_TEST

/* What a dialog sends in the end. */
START_TEST(answers_with_what_matched) {
    g_autoptr(GPtrArray) steps = dialog_steps();
    guint groups;
    dialog_add_wait(steps, "", regex("pid (\\d+)( of (\\w+))?;"));
    ck_assert(
        dialog_add_answer(steps, "", g_bytes_new_static("kill {1} {3}{2} {x} {0}\n", 24), &groups));
    ck_assert_uint_eq(groups, 3);
    for (gsize piece = 1; piece < 20; piece++) {
        Dialog dialog;
        dialog_init(&dialog, steps);
        const char *text = "pid 42;";
        for (gsize at = 0; at < strlen(text); at += piece)
            dialog_feed(&dialog, (const guint8 *)text + at, MIN(piece, strlen(text) - at));
        GBytes *sent = dialog_take(&dialog);
        ck_assert_ptr_nonnull(sent);
        gsize size;
        const char *data = g_bytes_get_data(sent, &size);
        ck_assert_uint_eq(size, strlen("kill 42  {x} pid 42;\n"));
        ck_assert_mem_eq(data, "kill 42  {x} pid 42;\n", size);
        ck_assert(dialog_is_done(&dialog));
        dialog_clear(&dialog);
    }
    ck_assert(!dialog_add_answer(steps, "", g_bytes_new_static("{4}", 3), &groups));
}
END_TEST

START_TEST(hears_no_queries_to_a_terminal) {
    static const char *const queries[] = {"\033[6n", "\033[5n", "\033[c", "\033[0c"};
    for (guint i = 0; i < G_N_ELEMENTS(queries); i++) {
        g_autofree char *text = g_strconcat("a\n# ", queries[i], NULL);
        ck_assert_uint_eq(count(STEPS("wait:^# $"), text, TRUE), 1);
        g_autofree char *within = g_strconcat("lo", queries[i], "gin: ", queries[i], "x", NULL);
        ck_assert_uint_eq(count(STEPS("wait:login: x"), within, FALSE), 1);
    }
    /* Other escapes are text, and so is the begin of a query that does not come. */
    ck_assert_uint_eq(count(STEPS("wait:\\e\\[1mb"), "a\033[1mb ", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:\\e\\[6m"), "\033[6m ", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:\\e\\e\\[x"), "\033\033[\033[6nx ", FALSE), 1);
    ck_assert_uint_eq(count(STEPS("wait:\\e\\[6$"), "\033[6", TRUE), 1);
}
END_TEST

SUITE_MAIN("dialog", leaves_out_what_does_not_come, answers_with_what_matched,
           hears_no_queries_to_a_terminal, waits_and_sends_in_order, an_end_is_before_a_newline,
           what_more_text_may_change_is_open, a_line_begins_behind_a_newline_alone,
           quiet_ends_the_text_for_a_while, loses_nothing_and_takes_any_bytes,
           an_expression_that_is_never_decided_fails, what_depends_on_pieces_is_refused,
           only_a_wait_judges)
