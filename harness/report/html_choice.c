#include "report/html_choice.h"
#include <string.h>

/* Characters of a command that are shown. */
#define COMMAND_SHOWN 1000

static gboolean went_wrong(const RecordSpawn *spawn) {
    return spawn->host_ns < 0 || spawn->signal || spawn->status;
}

/* Sorts the spawns to show first; of equal ones, repeated programs, the earlier comes first. */
static gint compare(gconstpointer a, gconstpointer b) {
    const RecordSpawn *x = *(const RecordSpawn *const *)a, *y = *(const RecordSpawn *const *)b;
    if (went_wrong(x) != went_wrong(y)) return went_wrong(x) ? -1 : 1;
    if (x->host_ns != y->host_ns) return x->host_ns > y->host_ns ? -1 : 1;
    return x->start_at_ns < y->start_at_ns ? -1 : x->start_at_ns > y->start_at_ns;
}

void html_choice_init(HtmlChoice *choice, const Record *record) {
    *choice = (HtmlChoice){0};
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    for (guint i = 0; i < record->cases->len; i++) {
        const RecordCase *c = record->cases->pdata[i];
        for (guint j = 0; j < c->attempts->len; j++) {
            const RecordAttempt *attempt = c->attempts->pdata[j];
            for (guint k = 0; k < attempt->spawns->len; k++)
                g_ptr_array_add(all, attempt->spawns->pdata[k]);
        }
    }
    if (all->len <= HTML_SPAWNS_MAX) return;
    choice->left_out = all->len - HTML_SPAWNS_MAX;
    g_ptr_array_sort(all, compare);
    choice->shown = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < HTML_SPAWNS_MAX; i++)
        g_hash_table_add(choice->shown, all->pdata[i]);
}

void html_choice_clear(HtmlChoice *choice) { g_clear_pointer(&choice->shown, g_hash_table_unref); }

gboolean html_choice_has(const HtmlChoice *choice, const RecordSpawn *spawn) {
    return !choice->shown || g_hash_table_contains(choice->shown, spawn);
}

char *html_choice_command(const RecordSpawn *spawn) {
    g_autofree char *command = record_command(spawn);
    glong length = g_utf8_strlen(command, -1);
    if (length <= COMMAND_SHOWN) return g_steal_pointer(&command);
    g_autofree char *begin = g_utf8_substring(command, 0, COMMAND_SHOWN);
    return g_strdup_printf("%s ... (%ld characters)", begin, length);
}
