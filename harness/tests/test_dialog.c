/* Dialogs with a guest, fed in pieces of every size. */
#include "dialog.h"
#include "suite.h"
#include <string.h>

static GRegex *regex(const char *text) {
    GError *error = NULL;
    GRegex *made = dialog_regex(text, &error);
    ck_assert_msg(made != NULL, "%s", error ? error->message : "");
    return made;
}

/* A guest that prints `first`, and `second` once it was sent "x": how far the dialog comes. */
static guint play(const GPtrArray *steps, const char *first, const char *second, gsize piece) {
    Dialog dialog;
    guint matched = 0;
    dialog_init(&dialog, steps);
    const char *parts[] = {first, second};
    for (guint part = 0; part < 2; part++) {
        const char *text = parts[part];
        for (gsize at = 0; at < strlen(text); at += piece)
            matched +=
                dialog_feed(&dialog, (const guint8 *)text + at, MIN(piece, strlen(text) - at));
        GBytes *due = dialog_take(&dialog);
        if (!due) break;
        ck_assert_uint_eq(g_bytes_get_size(due), 1);
        matched += dialog_feed(&dialog, NULL, 0);
    }
    ck_assert_int_eq(dialog_is_done(&dialog), dialog.next == steps->len && steps->len > 0);
    dialog_clear(&dialog);
    return matched;
}

START_TEST(waits_and_sends_in_order) {
    g_autoptr(GPtrArray) steps = dialog_steps();
    dialog_add(steps, "", regex("^boot"), NULL);
    dialog_add(steps, "", regex("login: $"), NULL);
    dialog_add(steps, "", NULL, g_bytes_new_static("x", 1));
    dialog_add(steps, "", regex("^# $"), NULL);
    for (gsize piece = 1; piece < 30; piece++) {
        ck_assert_uint_eq(play(steps, "rom\r\nboot 1\r\nlogin: ", "x\r\n# ", piece), 3);
        /* What was sent is no answer, nor is what came before the question. */
        ck_assert_uint_eq(play(steps, "# \nboot\nlogin: ", "x\n", piece), 2);
        ck_assert_uint_eq(play(steps, "login: \nboot", "", piece), 1);
    }
}
END_TEST

START_TEST(takes_any_bytes) {
    g_autoptr(GPtrArray) steps = dialog_steps();
    dialog_add(steps, "", regex("\\xff\\x00end"), NULL);
    Dialog dialog;
    dialog_init(&dialog, steps);
    g_autofree guint8 *noise = g_malloc(5 * DIALOG_WINDOW);
    memset(noise, 0xff, 5 * DIALOG_WINDOW);
    ck_assert_uint_eq(dialog_feed(&dialog, noise, 5 * DIALOG_WINDOW), 0);
    ck_assert_uint_le(dialog.seen->len, 2 * DIALOG_WINDOW);
    ck_assert_uint_eq(dialog_feed(&dialog, (const guint8 *)"\0end", 4), 1);
    ck_assert(dialog_is_done(&dialog));
    dialog_clear(&dialog);
    g_autoptr(GPtrArray) none = dialog_steps();
    dialog_init(&dialog, none);
    ck_assert_uint_eq(dialog_feed(&dialog, noise, 10), 0);
    ck_assert(!dialog_is_done(&dialog));
    dialog_clear(&dialog);
}
END_TEST

SUITE_MAIN("dialog", waits_and_sends_in_order, takes_any_bytes)
