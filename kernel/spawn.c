#include "spawn.h"
#include "abi/errno.h"
#include "args.h"
#include "heap.h"
#include "lookup.h"
#include "machine.h"
#include "uaccess.h"

/* Counts the caller's argv: strings, and their bytes with NULs. */
static int measure(uaddr argv, u64 *count, u64 *size) {
    u64 pointer;
    for (*count = *size = 0;; ++*count) {
        int error = uaccess_copy(&current->space, argv + 8 * *count, ACCESS_READ, &pointer, 8);
        if (error || !pointer) return error;
        i64 length = uaccess_string(&current->space, pointer, ARGS_SIZE_MAX);
        if (length < 0) return (int)length;
        *size += (u64)length + 1;
        if (*size + 8 * *count > ARGS_SIZE_MAX) return -E2BIG;
    }
}

static int copy_string(struct args *args, uaddr from) {
    i64 length = uaccess_string(&current->space, from, ARGS_SIZE_MAX);
    u64 left = length < 0 ? 0 : (u64)length + 1, piece; /* with its NUL */
    int error = length < 0 ? (int)length : 0;
    for (; !error && left > 0; from += piece, left -= piece) {
        const u8 *bytes = uaccess_bytes(&current->space, from, ACCESS_READ, left, &piece, &error);
        if (bytes) error = args_add(args, bytes, piece);
    }
    return error ? error : args_end_string(args);
}

static int copy_args(struct process *child, uaddr argv, u64 count, u64 size) {
    struct args args;
    u64 n, pointer;
    int error = args_begin(&args, child, count, 0, size);
    for (n = 0; !error && n < count; n++) {
        error = uaccess_copy(&current->space, argv + 8 * n, ACCESS_READ, &pointer, 8);
        if (!error) error = copy_string(&args, pointer);
    }
    return error;
}

i64 sys_spawn(const u64 *x) {
    struct process *child;
    struct file *image;
    u64 count, size;
    int error = lookup_user((u64)AT_FDCWD, x[0], &image);
    if (!error && image->is_folder) error = -EACCES;
    if (!error) error = measure(x[1], &count, &size);
    if (!error) error = process_create(current, image, &child);
    if (error) return error;
    error = copy_args(child, x[1], count, size);
    if (error) {
        process_discard(child);
        return error;
    }
    context_save(&current->context);
    process_start(child);
    return 0;
}

/* The link to the result that is asked for, or NULL with the error. */
static struct result **find_result(u32 type, i32 pid, u32 options, int *error) {
    struct result **link = &current->results;
    *error = -EINVAL;
    if ((options & ~WAIT_OPTIONS) || !(options & WAIT_FOR) || type > P_PID ||
        (type == P_PID && pid <= 0))
        return NULL;
    while (*link && type == P_PID && (*link)->pid != (u32)pid)
        link = &(*link)->next;
    *error = -ECHILD;
    if (!*link || !(options & WEXITED) || (options & (WCLONE | WALL)) == WCLONE) return NULL;
    *error = 0;
    return link;
}

/* As on Linux, siginfo_t (its words 0 to 2 and 4 to 6) is written whatever the answer is, and a
 * child is reaped even when its status cannot be written. */
i64 sys_waitid(const u64 *x) {
    u32 options = (u32)x[3], info[7] = {0};
    int error, fault = 0;
    struct result **link = find_result((u32)x[0], (i32)x[1], options, &error);
    if (link) {
        struct result *result = *link;
        info[0] = SIGCHLD;
        info[2] = result->code;
        info[4] = result->pid;
        info[6] = result->status;
        /* struct rusage has 144 bytes; nothing is counted. */
        if (x[4]) fault = uaccess_copy(&current->space, x[4], ACCESS_WRITE, (void *)zero_page, 144);
        if (!(options & WNOWAIT)) {
            *link = result->next;
            if (!result->next) current->results_end = link;
            heap_free(result, sizeof *result);
        }
    }
    if (x[2] && !fault) fault = uaccess_copy(&current->space, x[2], ACCESS_WRITE, info, 12);
    if (x[2] && !fault)
        fault = uaccess_copy(&current->space, x[2] + 16, ACCESS_WRITE, info + 4, 12);
    return fault ? fault : error;
}
