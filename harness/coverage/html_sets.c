#include "coverage/html_sets.h"

struct _HtmlSets {
    const Coverage *coverage;
    GPtrArray *all;      /* of CoverageCases *, not owned */
    GHashTable *numbers; /* bytes of a set -> its number */
};

HtmlSets *html_sets_new(const Coverage *coverage) {
    HtmlSets *sets = g_new0(HtmlSets, 1);
    sets->coverage = coverage;
    sets->all = g_ptr_array_new();
    sets->numbers =
        g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    return sets;
}

void html_sets_free(HtmlSets *sets) {
    g_ptr_array_unref(sets->all);
    g_hash_table_unref(sets->numbers);
    g_free(sets);
}

guint html_sets_number(HtmlSets *sets, const CoverageCases *cases) {
    g_autoptr(GBytes) key = g_bytes_new_static(cases, sets->coverage->words * sizeof *cases);
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(sets->numbers, key));
    if (number) return number;
    g_ptr_array_add(sets->all, (gpointer)cases);
    g_hash_table_insert(sets->numbers, g_steal_pointer(&key), GUINT_TO_POINTER(sets->all->len));
    return sets->all->len;
}

guint html_sets_count(const HtmlSets *sets) { return sets->all->len; }

const CoverageCases *html_sets_get(const HtmlSets *sets, guint number) {
    return sets->all->pdata[number - 1];
}
