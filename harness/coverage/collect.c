#include "coverage/collect.h"
#include "base/hash.h"
#include "coverage/image_load.h"
#include <string.h>

/* Pages of guest memory as the plugin tells them apart. */
#define PAGE_BYTES 4096

struct _Collector {
    Coverage *coverage;
    GHashTable *images; /* hash of an ELF file -> Image, or NULL for a file that has no names */
};

/* A program of a case and what it ran. */
typedef struct {
    const Image *image;
    gboolean is_started;
    GArray *ran; /* of Ran, by address once sorted */
} Program;

typedef struct {
    guint64 address, count;
} Ran;

static void free_image(gpointer image) {
    if (image) image_free(image);
}

Collector *collector_new(Coverage *coverage) {
    Collector *collector = g_new0(Collector, 1);
    collector->coverage = coverage;
    collector->images = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_image);
    return collector;
}

void collector_free(Collector *collector) {
    g_hash_table_unref(collector->images);
    g_free(collector);
}

/* ---- Programs ---- */

static const Image *find_image(Collector *collector, const CollectProgram *program) {
    static const char magic[] = "\177ELF";
    gsize size;
    const void *data = g_bytes_get_data(program->content, &size);
    if (size < strlen(magic) || memcmp(data, magic, strlen(magic)) != 0) return NULL;
    g_autofree char *hash = hash_bytes(program->content);
    gpointer image;
    if (g_hash_table_lookup_extended(collector->images, hash, NULL, &image)) return image;
    image = image_new(program->content, program->name, collector->coverage);
    g_hash_table_insert(collector->images, g_steal_pointer(&hash), image);
    return image;
}

static void clear_program(gpointer data) { g_array_unref(((Program *)data)->ran); }

/* The programs that have names, each file once. */
static GArray *find_programs(Collector *collector, const CollectProgram *given, guint n) {
    GArray *programs = g_array_new(FALSE, FALSE, sizeof(Program));
    g_array_set_clear_func(programs, clear_program);
    for (guint i = 0; i < n; i++) {
        Program program = {find_image(collector, &given[i]), given[i].is_started, NULL};
        gboolean is_new = program.image != NULL;
        for (guint k = 0; k < programs->len; k++) {
            Program *other = &g_array_index(programs, Program, k);
            if (other->image != program.image) continue;
            other->is_started |= program.is_started;
            is_new = FALSE;
        }
        if (!is_new) continue;
        program.ran = g_array_new(FALSE, FALSE, sizeof(Ran));
        g_array_append_val(programs, program);
    }
    return programs;
}

static gboolean has_insn(const Program *program, const struct counters_entry *entry) {
    const guint8 *bytes = image_bytes(program->image, entry->address, entry->size);
    return bytes && memcmp(bytes, entry->bytes, entry->size) == 0;
}

/* ---- Instructions to programs, a page of guest memory at a time ---- */

static guint64 page_of(const struct counters_entry *entry) { return entry->address / PAGE_BYTES; }

static gint compare_entries(gconstpointer a, gconstpointer b) {
    const struct counters_entry *x = *(const struct counters_entry *const *)a;
    const struct counters_entry *y = *(const struct counters_entry *const *)b;
    if (x->frame != y->frame) return x->frame > y->frame ? 1 : -1;
    return (x->address > y->address) - (x->address < y->address);
}

/* Gives the instruction to the best of the programs that have it; FALSE if none has. */
static gboolean give_insn(GArray *programs, const guint *scores,
                          const struct counters_entry *entry) {
    guint best = 0;
    gboolean is_started = FALSE;
    for (guint k = 0; k < programs->len; k++)
        if (has_insn(&g_array_index(programs, Program, k), entry)) best = MAX(best, scores[k]);
    for (guint k = 0; k < programs->len; k++)
        is_started |= scores[k] == best && g_array_index(programs, Program, k).is_started &&
                      has_insn(&g_array_index(programs, Program, k), entry);
    for (guint k = 0; k < programs->len; k++) {
        Program *program = &g_array_index(programs, Program, k);
        Ran ran = {entry->address, entry->count};
        if (scores[k] == best && (!is_started || program->is_started) && has_insn(program, entry))
            g_array_append_val(program->ran, ran);
    }
    return best > 0;
}

/* Returns how many no program has. */
static guint give_page(GArray *programs, struct counters_entry **entries, guint n) {
    g_autofree guint *scores = g_new0(guint, programs->len + 1);
    guint lost = 0;
    for (guint i = 0; i < n; i++)
        for (guint k = 0; k < programs->len; k++)
            scores[k] += (guint)has_insn(&g_array_index(programs, Program, k), entries[i]);
    for (guint i = 0; i < n; i++)
        lost += (guint)!give_insn(programs, scores, entries[i]);
    return lost;
}

static guint give_all(GArray *programs, const Counters *counters) {
    g_autoptr(GPtrArray) entries = g_ptr_array_new();
    guint lost = 0;
    for (gsize i = 0; i < counters->n; i++)
        if (counters->entries[i].count > 0)
            g_ptr_array_add(entries, (gpointer)&counters->entries[i]);
    g_ptr_array_sort(entries, compare_entries);
    for (guint first = 0, i = 1; first < entries->len; i++) {
        struct counters_entry **at = (struct counters_entry **)entries->pdata;
        if (i < entries->len && at[i]->frame == at[first]->frame &&
            page_of(at[i]) == page_of(at[first]))
            continue;
        lost += give_page(programs, at + first, i - first);
        first = i;
    }
    return lost;
}

/* ---- What ran to lines, functions and branches ---- */

static gint compare_ran(gconstpointer a, gconstpointer b) {
    const Ran *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

/* Sorts, and adds up equal addresses: a program may have been in several places. */
static void sum_up(GArray *ran) {
    guint kept = 0;
    g_array_sort(ran, compare_ran);
    for (guint i = 0; i < ran->len; i++) {
        Ran *to = &g_array_index(ran, Ran, kept ? kept - 1 : 0),
            *from = &g_array_index(ran, Ran, i);
        if (kept > 0 && to->address == from->address)
            to->count += from->count;
        else
            g_array_index(ran, Ran, kept++) = *from;
    }
    g_array_set_size(ran, kept);
}

/* The first that ran at or behind an address: an index up to ran->len. */
static guint find_ran(const GArray *ran, guint64 address) {
    guint low = 0, high = ran->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(ran, Ran, middle).address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static guint64 count_at(const GArray *ran, guint64 address) {
    guint index = find_ran(ran, address);
    const Ran *found = index < ran->len ? &g_array_index(ran, Ran, index) : NULL;
    return found && found->address == address ? found->count : 0;
}

static void add_branch(const ImageBranch *branch, const GArray *ran, gboolean is_exact) {
    guint64 count = count_at(ran, branch->address), taken = count_at(ran, branch->target);
    guint64 passed = count_at(ran, branch->address + 4);
    if (count == 0) return;
    gboolean never_taken = taken == 0 || (is_exact && branch->only_by_passing && passed >= count);
    gboolean never_passed = passed == 0 || (is_exact && branch->only_by_taking && taken >= count);
    branch->branch->taken |= !never_taken;
    branch->branch->passed |= !never_passed;
}

static void add_program(const Program *program, guint index, gboolean is_exact) {
    const Image *image = program->image;
    for (guint i = 0; i < program->ran->len; i++) {
        const ImageRow *row = image_row(image, g_array_index(program->ran, Ran, i).address);
        if (row) coverage_cases_add(row->line->cases, index);
    }
    for (guint i = 0; i < image->entries->len; i++) {
        const ImageEntry *entry = &g_array_index(image->entries, ImageEntry, i);
        guint found = find_ran(program->ran, entry->begin);
        if (found < program->ran->len &&
            g_array_index(program->ran, Ran, found).address < entry->end)
            coverage_cases_add(entry->function->cases, index);
    }
    for (guint i = 0; i < image->branches->len; i++)
        add_branch(&g_array_index(image->branches, ImageBranch, i), program->ran, is_exact);
}

guint collector_add(Collector *collector, guint index, const Counters *counters,
                    const CollectProgram *given, guint given_n, gboolean is_exact) {
    g_autoptr(GArray) programs = find_programs(collector, given, given_n);
    guint lost = give_all(programs, counters);
    for (guint k = 0; k < programs->len; k++) {
        Program *program = &g_array_index(programs, Program, k);
        sum_up(program->ran);
        add_program(program, index, is_exact);
    }
    return lost;
}
