/* Dialogs at run time: what is met, and what is sent when, never depends on where the text was cut.
 * The input is the length of pieces, expressions with a newline each and an empty line, and the
 * text. */
#include "gate/dialog.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS_MAX = 6 };

/* Feeds the text in pieces; returns how many steps were done at its end. */
static guint run(const GPtrArray *steps, const uint8_t *data, size_t size, size_t piece,
                 gboolean *ret_failed) {
    Dialog dialog;
    dialog_init(&dialog, steps);
    for (size_t at = 0; at < size; at += piece) {
        size_t count = piece < size - at ? piece : size - at;
        g_autofree uint8_t *copy = g_memdup2(data + at, count);
        for (guint waits = dialog_feed(&dialog, copy, count); waits;
             waits = dialog_feed(&dialog, NULL, 0))
            while (dialog_take(&dialog))
                continue;
    }
    for (guint waits = dialog_end(&dialog); waits; waits = dialog_end(&dialog))
        while (dialog_take(&dialog))
            continue;
    guint next = dialog.next;
    *ret_failed = dialog.failure != NULL;
    dialog_clear(&dialog);
    return next;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    size_t piece = 1 + data[0] % 16;
    data++;
    size--;
    g_autoptr(GPtrArray) steps = dialog_steps();
    const uint8_t *end;
    while (steps->len < STEPS_MAX && (end = memchr(data, '\n', size))) {
        size_t length = (size_t)(end - data);
        Regex *regex = length ? regex_new((const char *)data, length, NULL) : NULL;
        size -= length + 1;
        data = end + 1;
        if (!length) break;
        if (!regex) return 0;
        /* A wait must follow at last. */
        (steps->len % 2 && steps->len + 1 < STEPS_MAX ? dialog_add_maybe
                                                      : dialog_add_wait)(steps, "x", regex);
        guint groups;
        if (steps->len % 3 == 2) dialog_add_send(steps, "y", g_bytes_new("y", 1));
        if (steps->len % 3 == 1) dialog_add_answer(steps, "z", g_bytes_new("{0}{1}", 6), &groups);
    }
    if (steps->len == 0 || dialog_endless(steps)) return 0;
    gboolean whole_failed, cut_failed;
    guint whole = run(steps, data, size, size ? size : 1, &whole_failed),
          cut = run(steps, data, size, piece, &cut_failed);
    /* An expression that is too much for PCRE is an error, and how much text it has then decides
     * when. */
    if (!whole_failed && !cut_failed && whole != cut) abort();
    return 0;
}
