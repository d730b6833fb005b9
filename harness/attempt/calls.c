#include "attempt/calls.h"
#include "attempt/spawns.h"
#include "base/text.h"

/* Calls listed for one program: enough to recognize its libc. */
#define SHOWN_MAX 12
/* Programs listed. */
#define PROGRAMS_MAX 8

/* Made from Linux's header while this is built (harness.mk). */
extern const char *const calls_names[];
extern const unsigned calls_names_count;

const char *calls_name(guint64 number) {
    return number < calls_names_count ? calls_names[number] : NULL;
}

static const char *find_path(const GArray *spawns, guint64 pid) {
    for (guint i = spawns->len; i > 0; i--) {
        const Spawn *spawn = &g_array_index(spawns, Spawn, i - 1);
        if (spawn->pid == pid) return spawn->path;
    }
    return NULL;
}

/* The calls of one program. */
typedef struct {
    char *path;
    GHashTable *numbers;
    GString *shown;
    guint left_out;
} Program;

static void program_free(gpointer data) {
    Program *program = data;
    g_hash_table_unref(program->numbers);
    g_string_free(program->shown, TRUE);
    g_free(program->path);
    g_free(program);
}

static Program *find_program(GPtrArray *programs, const char *path) {
    for (guint i = 0; i < programs->len; i++) {
        Program *program = programs->pdata[i];
        if (g_str_equal(program->path, path)) return program;
    }
    Program *program = g_new0(Program, 1);
    program->path = g_strdup(path);
    program->numbers = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    program->shown = g_string_new(NULL);
    g_ptr_array_add(programs, program);
    return program;
}

static void add_call(Program *program, guint64 number) {
    const char *name = calls_name(number);
    guint64 *key = g_memdup2(&number, sizeof number);
    if (!g_hash_table_add(program->numbers, key)) return;
    if (g_hash_table_size(program->numbers) > SHOWN_MAX) {
        program->left_out++;
        return;
    }
    g_string_append_printf(program->shown, "%s%s (%" G_GUINT64_FORMAT ")",
                           program->shown->len ? ", " : "", name ? name : "not a Linux system call",
                           number);
}

static char *describe(const Program *program) {
    g_autofree char *path = text_line(program->path);
    g_autofree char *more =
        program->left_out ? g_strdup_printf(" and %u others", program->left_out) : g_strdup("");
    return g_strdup_printf(
        "%s made system calls that the seed kernel does not have: %s%s; the kernel has "
        "read, write, openat, close, lseek, brk, unlinkat, exit, exit_group, "
        "waitid, spawn, readv, writev, fstat, newfstatat, fchmod, fchmodat, fchown, utimensat, "
        "ioctl, getcwd, mmap, munmap, "
        "mprotect, getpid, set_tid_address, clock_gettime, rt_sigaction and rt_sigprocmask: link "
        "the program with a libc that needs no others, or "
        "run it on Linux (--driver linux)",
        path, program->shown->str, more);
}

GStrv calls_missing(const EventLog *log) {
    g_autoptr(GArray) spawns = NULL;
    g_autoptr(GPtrArray) programs = g_ptr_array_new_with_free_func(program_free);
    for (guint i = 0; i < log->events->len; i++) {
        const Event *event = event_log_get(log, i);
        if (event->kind != EVENT_LINE || event->kernel_line.kind != LINE_ENOSYS) continue;
        if (!spawns) spawns = spawns_from_log(log);
        const char *path = find_path(spawns, event->kernel_line.enosys.pid);
        add_call(find_program(programs, path ? path : "a program"),
                 event->kernel_line.enosys.number);
    }
    g_autoptr(GStrvBuilder) lines = g_strv_builder_new();
    for (guint i = 0; i < programs->len && i < PROGRAMS_MAX; i++) {
        g_autofree char *line = describe(programs->pdata[i]);
        g_strv_builder_add(lines, line);
    }
    return g_strv_builder_end(lines);
}
