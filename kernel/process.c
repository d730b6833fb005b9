#include "process.h"
#include "abi/errno.h"
#include "frames.h"
#include "heap.h"
#include "line.h"
#include "machine.h"
#include "shutdown.h"
#include "tmpfs.h"
#include "uaccess.h"

struct process *current;
/* pid_t is signed; pids are not used twice. */
enum { PID_MAX = 0x7fffffff };
static u32 last_pid;
static int log_spawns;

struct description *process_descriptor(u64 n) {
    return (u32)n < current->descriptors_end ? current->descriptors[(u32)n] : NULL;
}

void process_log_spawns(void) { log_spawns = 1; }

static void inherit_descriptors(struct process *child, const struct process *parent) {
    struct description *first[] = {&description_null, &description_console, &description_console};
    while (child->descriptors_end < sizeof first / sizeof *first) {
        u32 n = child->descriptors_end++;
        child->descriptors[n] = parent ? parent->descriptors[n] : first[n];
        if (child->descriptors[n]) child->descriptors[n]->users++;
    }
}

int process_create(struct process *parent, struct file *image, struct process **created) {
    if (image->writers > 0) return -ETXTBSY;
    if (last_pid == PID_MAX) return -EAGAIN;
    struct process *child = frame_alloc();
    if (!child) return -ENOMEM;
    memset(child, 0, offsetof(struct process, descriptors));
    int error = space_open(&child->space, image);
    if (!error && parent) {
        child->result = heap_alloc(sizeof *child->result);
        if (!child->result) error = -ENOMEM;
    }
    image->users++;
    image->runners++;
    child->parent = parent;
    child->results_end = &child->results;
    if (!error) child->context.elr = child->space.elf->entry;
    inherit_descriptors(child, parent);
    if (error)
        process_discard(child);
    else
        *created = child;
    return error;
}

/* Frees everything but the results of children and the process's own. */
static void release(struct process *process) {
    struct file *image = process->space.image;
    u32 n;
    for (n = 0; n < process->descriptors_end; n++)
        if (process->descriptors[n]) description_close(process->descriptors[n]);
    if (process->actions) frame_free(process->actions);
    space_close(&process->space);
    image->runners--;
    tmpfs_release(image);
    frame_free(process);
}

void process_discard(struct process *process) {
    if (process->result) heap_free(process->result, sizeof *process->result);
    release(process);
}

/* The SPAWN line. The strings of argv stand one after the other from argv[0] on (args.h). */
static void log_spawn(struct process *process) {
    u64 argc = 0, at = 0, left, count, i;
    int error;
    line_begin("SPAWN");
    line_decimal("pid", process->pid);
    line_decimal("ppid", process->parent ? process->parent->pid : 0);
    uaccess_copy(&process->space, process->context.sp, ACCESS_READ, &argc, 8);
    line_decimal("argc", argc);
    line_text(" path=/");
    line_encoded(process->space.image->path, process->space.image->path_length);
    line_text(" argv=");
    if (argc) uaccess_copy(&process->space, process->context.sp + 8, ACCESS_READ, &at, 8);
    for (left = argc; left > 0; at += count) {
        const u8 *text = uaccess_bytes(&process->space, at, ACCESS_READ, PAGE_SIZE, &count, &error);
        for (i = 0; left > 0 && i < count; i++) {
            if (text[i])
                line_encoded((const char *)text + i, 1);
            else if (--left > 0)
                line_text(",");
        }
    }
    line_end_ticks();
}

void process_start(struct process *process) {
    process->pid = ++last_pid;
    if (log_spawns) log_spawn(process);
    current = process;
    tables_switch(process->space.level2);
}

/* The current process has ended and said so on the console; `code` and `status` are for waitid. */
static void leave(u32 code, u32 status) {
    struct process *process = current, *parent = process->parent;
    struct result *result = process->result;

    while (process->results) {
        struct result *next = process->results->next;
        heap_free(process->results, sizeof *process->results);
        process->results = next;
    }
    current = parent;
    if (!parent) {
        tables_switch(NULL);
        release(process);
        shutdown_end(code == CLD_EXITED ? status : 128 + status);
    }
    result->pid = process->pid;
    result->code = code;
    result->status = status;
    result->next = NULL;
    *parent->results_end = result;
    parent->results_end = &result->next;
    parent->context.x[0] = process->pid;
    tables_switch(parent->space.level2);
    release(process);
}

static void log_exit(const char *how, u32 value) {
    line_begin("EXIT");
    line_decimal("pid", current->pid);
    line_decimal(how, value);
}

void process_exit(u32 status) {
    if (log_spawns) {
        log_exit("status", status);
        line_end_ticks();
    }
    leave(CLD_EXITED, status);
}

void process_kill(u32 signal, u64 esr, u64 far) {
    log_exit("signal", signal);
    line_hex("elr", trap_pc());
    line_hex("far", far);
    line_hex("esr", esr);
    line_end_ticks();
    leave(CLD_KILLED, signal);
}
