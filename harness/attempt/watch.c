#include "attempt/watch.h"

/* One expression: a dialog of a single wait. */
typedef struct {
    GPtrArray *step; /* not owned */
    Dialog dialog;
    gboolean is_panic;
} Item;

struct _Watch {
    GArray *items; /* of Item */
    gboolean is_done;
};

static void add_items(Watch *watch, const GPtrArray *steps, gboolean is_panic) {
    for (guint i = 0; i < steps->len; i++) {
        Item item = {.step = g_ptr_array_new(), .is_panic = is_panic};
        g_ptr_array_add(item.step, steps->pdata[i]);
        dialog_init(&item.dialog, item.step);
        g_array_append_val(watch->items, item);
    }
}

Watch *watch_new(const GateCase *c) {
    Watch *watch = g_new0(Watch, 1);
    watch->items = g_array_new(FALSE, FALSE, sizeof(Item));
    add_items(watch, c->panic, TRUE);
    add_items(watch, c->never, FALSE);
    return watch;
}

void watch_free(Watch *watch) {
    for (guint i = 0; i < watch->items->len; i++) {
        Item *item = &g_array_index(watch->items, Item, i);
        dialog_clear(&item->dialog);
        g_ptr_array_unref(item->step);
    }
    g_array_unref(watch->items);
    g_free(watch);
}

gboolean watch_feed(Watch *watch, const guint8 *data, gsize length, gboolean is_end,
                    WatchMatch *ret_match) {
    for (guint i = 0; !watch->is_done && i < watch->items->len; i++) {
        Item *item = &g_array_index(watch->items, Item, i);
        guint found = is_end ? dialog_end(&item->dialog) : dialog_feed(&item->dialog, data, length);
        if (!found) continue;
        watch->is_done = TRUE;
        *ret_match = (WatchMatch){item->is_panic, ((DialogStep *)item->step->pdata[0])->shown,
                                  item->dialog.matched};
        return TRUE;
    }
    return FALSE;
}

const char *watch_failure(const Watch *watch) {
    for (guint i = 0; i < watch->items->len; i++) {
        const Item *item = &g_array_index(watch->items, Item, i);
        if (item->dialog.failure) return item->dialog.failure;
    }
    return NULL;
}
