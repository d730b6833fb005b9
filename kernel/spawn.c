#include "spawn.h"
#include "args.h"
#include "error.h"
#include "heap.h"
#include "lookup.h"
#include "machine.h"
#include "tmpfs.h"

/* Counts the caller's argv: strings, and their bytes with NULs. */
static int measure(uaddr argv, u64 *count, u64 *size) {
    u64 pointer;
    for (*count = *size = 0;; ++*count) {
        int error = space_copy(&current->space, argv + 8 * *count, ACCESS_READ, &pointer, 8);
        if (error || !pointer) return error;
        i64 length = space_string(&current->space, pointer, ARGS_SIZE_MAX);
        if (length < 0) return (int)length;
        *size += (u64)length + 1;
        if (*size + 8 * *count > ARGS_SIZE_MAX) return -E2BIG;
    }
}

static int copy_string(struct args *args, uaddr from) {
    i64 length = space_string(&current->space, from, ARGS_SIZE_MAX);
    u64 left = length < 0 ? 0 : (u64)length, piece;
    int error = length < 0 ? (int)length : 0;
    for (; !error && left > 0; from += piece, left -= piece) {
        const u8 *bytes = space_bytes(&current->space, from, ACCESS_READ, left, &piece, &error);
        if (bytes) error = args_add(args, bytes, piece);
    }
    return error ? error : args_end_string(args);
}

static int copy_args(struct process *child, uaddr argv, u64 count, u64 size) {
    struct args args;
    u64 n, pointer;
    int error = args_begin(&args, child, count, size);
    for (n = 0; !error && n < count; n++) {
        error = space_copy(&current->space, argv + 8 * n, ACCESS_READ, &pointer, 8);
        if (!error) error = copy_string(&args, pointer);
    }
    return error;
}

i64 sys_spawn(const u64 *x) {
    struct process *child;
    struct file *image;
    u64 count, size;
    int error = lookup_user(x[0], &image);
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

/* waitid(2); values: include/uapi/linux/wait.h */
enum { P_ALL = 0, P_PID = 1 };
enum { WNOHANG = 1, WSTOPPED = 2, WEXITED = 4, WCONTINUED = 8, WNOWAIT = 0x1000000 };
enum { WHAT = WSTOPPED | WEXITED | WCONTINUED };

/* siginfo_t, include/uapi/asm-generic/siginfo.h: si_signo, si_errno, si_code at 0; si_pid, si_uid,
 * si_status at 16. */
static int write_info(uaddr info, const struct result *result) {
    u32 head[3] = {SIGCHLD, 0, result->code}, tail[3] = {result->pid, 0, result->status};
    int error = space_copy(&current->space, info, ACCESS_WRITE, head, sizeof head);
    return error ? error : space_copy(&current->space, info + 16, ACCESS_WRITE, tail, sizeof tail);
}

i64 sys_waitid(const u64 *x) {
    u32 type = (u32)x[0], pid = (u32)x[1], options = (u32)x[3];
    struct result **link = &current->results, *result;
    int error;

    if ((options & ~(u32)(WNOHANG | WHAT | WNOWAIT)) || !(options & WHAT) || type > P_PID ||
        (type == P_PID && !pid))
        return -EINVAL;
    while ((result = *link) && type == P_PID && result->pid != pid)
        link = &result->next;
    if (!result || !(options & WEXITED)) return -ECHILD;
    /* struct rusage has 144 bytes; nothing is counted. */
    if (x[4] && (error = space_copy(&current->space, x[4], ACCESS_WRITE, (void *)zero_page, 144)))
        return error;
    if (x[2] && (error = write_info(x[2], result))) return error;
    if (options & WNOWAIT) return 0;
    *link = result->next;
    if (!result->next) current->results_end = link;
    heap_free(result, sizeof *result);
    return 0;
}
