#include "attempt/diagnosis.h"
#include "attempt/spawns.h"
#include "gate/inputs.h"
#include "guest/relocation.h"
#include "guest/symbols.h"
#include <string.h>

/* Programs live below the guest's RAM (docs/contract.md: the low 1 GiB). */
#define USER_LIMIT G_GUINT64_CONSTANT(0x40000000)

/* The ELF files that give names. */
typedef struct {
    GBytes *kernel;   /* the kernel's ELF, or NULL */
    GBytes *program;  /* the program's, or NULL; not owned */
    const char *path; /* of the program, or NULL */
    guint64 offset;   /* how far above its link address the kernel runs */
} Names;

static GBytes *load_elf(const char *path) {
    g_autoptr(GMappedFile) mapped = path ? g_mapped_file_new(path, FALSE, NULL) : NULL;
    return mapped ? g_mapped_file_get_bytes(mapped) : NULL;
}

/* Appends a line for each address: a prefix, the address, its function and line. */
static void append_addresses(GString *out, const Names *names, const char *first,
                             const guint64 *addresses, guint count) {
    for (guint i = 0; i < count; i++) {
        gboolean user = names->path && addresses[i] < USER_LIMIT;
        GBytes *elf = user ? names->program : names->kernel;
        guint64 linked = addresses[i] - (user ? 0 : names->offset);
        g_auto(GStrv) found = elf ? symbols_resolve(elf, &linked, 1, i > 0) : NULL;
        g_string_append_printf(out, "%s 0x%" G_GINT64_MODIFIER "x%s%s%s%s\n",
                               i == 0 ? first : "  called from", addresses[i], found ? "  " : "",
                               found ? *found : "", user && names->path ? ", in " : "",
                               user && names->path ? names->path : "");
    }
}

/* Appends a title and the indented lines of a text. */
static void append_block(GString *out, const char *title, const char *text) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_string_append_printf(out, "%s\n", title);
    for (char **line = lines; *line; line++)
        /* Leaves out QEMU's vector registers, which would hide the rest. */
        if (*g_strstrip(*line) && **line != 'Q') g_string_append_printf(out, "  %s\n", *line);
}

static void append_capture(GString *out, Names *names, const Capture *capture) {
    if (capture->registers->len == 0) {
        g_string_append(out, "QEMU did not report the state of the guest\n");
        return;
    }
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_array_append_val(all, capture->pc);
    g_array_append_vals(all, capture->frames->data, capture->frames->len);
    if (names->kernel &&
        relocation_find(names->kernel, capture->pc, capture->code->data, capture->code->len,
                        &names->offset) &&
        names->offset != 0) {
        gboolean is_below = names->offset > G_MAXINT64;
        g_string_append_printf(
            out, "the kernel runs 0x%" G_GINT64_MODIFIER "x %s the address it was linked for\n",
            is_below ? -names->offset : names->offset, is_below ? "below" : "above");
    }
    append_addresses(out, names, "stopped at", (guint64 *)all->data, all->len);
    append_block(out, "registers:", capture->registers->str);
    if (capture->stack->len > 0) append_block(out, "memory at SP:", capture->stack->str);
}

/* "pc=0x1 lr=0x2 ...": the values. */
static GArray *parse_addresses(const char *text) {
    GArray *addresses = g_array_new(FALSE, FALSE, sizeof(guint64));
    for (const char *at = text; (at = strchr(at, '=')); at++) {
        guint64 address = g_ascii_strtoull(at + 1, NULL, 16);
        g_array_append_val(addresses, address);
    }
    return addresses;
}

static void append_panic(GString *out, const Names *names, const EventLog *log) {
    const Event *backtrace = event_log_find_line(log, LINE_BACKTRACE);
    const Event *registers = event_log_find_line(log, LINE_REGISTERS);
    if (backtrace) {
        g_autoptr(GArray) addresses = parse_addresses(backtrace->kernel_line.text);
        append_addresses(out, names, "panicked at", (guint64 *)addresses->data, addresses->len);
    }
    if (registers) {
        g_autofree char *lines = g_strdup(registers->kernel_line.text);
        /* Four registers a row. */
        guint blanks = 0;
        for (char *at = lines; *at; at++)
            if (*at == ' ' && ++blanks % 4 == 0) *at = '\n';
        append_block(out, "registers:", lines);
    }
}

static void append_fault(GString *out, const Names *names, const KernelLine *fault) {
    guint64 elr = fault->exit.elr;
    append_addresses(out, names, "last fault at", &elr, 1);
}

/* The program that was running at the end, or the one that faulted last. */
static const char *find_program(const EventLog *log, guint64 faulted_pid) {
    if (!faulted_pid && log->left_out[EVENT_PROGRAMS]) return NULL;
    g_autoptr(GArray) spawns = spawns_from_log(log);
    for (guint i = spawns->len; i > 0; i--) {
        const Spawn *spawn = &g_array_index(spawns, Spawn, i - 1);
        if (faulted_pid ? spawn->pid == faulted_pid : spawn->host_ns < 0) return spawn->path;
    }
    return NULL;
}

char *diagnosis_make(const EventLog *log, const Capture *capture, const char *symbols,
                     const GPtrArray *files) {
    const KernelLine *fault = NULL;
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        if (event->kind == EVENT_LINE && event->kernel_line.kind == LINE_EXIT &&
            event->kernel_line.exit.signal)
            fault = &event->kernel_line;
    }
    gboolean panicked = event_log_find_line(log, LINE_PANIC) != NULL;
    if (!panicked && !capture && !fault) return NULL;
    Names names = {.kernel = load_elf(symbols)};
    names.path = find_program(log, fault && !capture && !panicked ? fault->exit.pid : 0);
    names.program = names.path && files ? input_files_find(files, names.path) : NULL;
    GString *out = g_string_new(NULL);
    if (panicked)
        append_panic(out, &names, log);
    else if (capture)
        append_capture(out, &names, capture);
    else
        append_fault(out, &names, fault);
    g_clear_pointer(&names.kernel, g_bytes_unref);
    return g_string_free(out, FALSE);
}
