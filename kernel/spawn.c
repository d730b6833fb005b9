#include "spawn.h"
#include "args.h"
#include "error.h"
#include "heap.h"
#include "lookup.h"
#include "machine.h"
#include "tmpfs.h"

/* Length of the caller's string, or -EFAULT, -ENOMEM, -E2BIG. */
static i64 string_length(uaddr from)
{
    u64 length = 0, piece;
    int error;
    while (length < ARGS_SIZE_MAX) {
        const u8 *bytes = space_bytes(&current->space, from + length, ACCESS_READ, &piece, &error);
        if (!bytes)
            return error;
        for (; piece > 0; piece--, length++)
            if (*bytes++ == 0)
                return (i64)length;
    }
    return -E2BIG;
}

/* Counts the caller's argv: strings, and their bytes with NULs. */
static int measure(uaddr argv, u64 *count, u64 *size)
{
    u64 pointer = 0;
    *count = *size = 0;
    for (;;) {
        int error = space_read(&current->space, &pointer, argv + 8 * *count, sizeof pointer);
        if (error || !pointer)
            return error;
        i64 length = string_length(pointer);
        if (length < 0)
            return (int)length;
        ++*count;
        *size += (u64)length + 1;
        if (*size + 8 * *count > ARGS_SIZE_MAX)
            return -E2BIG;
    }
}

/* Copies one string of the caller, as long as it was measured or shorter. */
static int copy_string(struct args *args, uaddr from)
{
    i64 length = string_length(from);
    u64 left = length < 0 ? 0 : (u64)length, piece;
    int error = length < 0 ? (int)length : 0;
    while (!error && left > 0) {
        const u8 *bytes = space_bytes(&current->space, from, ACCESS_READ, &piece, &error);
        if (!bytes)
            break;
        if (piece > left)
            piece = left;
        error = args_add(args, bytes, piece);
        from += piece;
        left -= piece;
    }
    return error ? error : args_end_string(args);
}

static int copy_args(struct process *child, uaddr argv, u64 count, u64 size)
{
    struct args args;
    u64 n, pointer;
    int error = args_begin(&args, child, count, size);
    for (n = 0; !error && n < count; n++) {
        error = space_read(&current->space, &pointer, argv + 8 * n, sizeof pointer);
        if (!error)
            error = copy_string(&args, pointer);
    }
    return error;
}

i64 sys_spawn(const u64 *x)
{
    struct process *child;
    struct file *image;
    u64 count, size;
    int error = lookup_user(x[0], &image);
    if (!error && image->is_folder)
        error = -EACCES;
    if (!error)
        error = measure(x[1], &count, &size);
    if (!error)
        error = process_create(current, image, &child);
    if (error)
        return error;
    error = copy_args(child, x[1], count, size);
    if (error) {
        process_discard(child);
        return error;
    }
    context_save(&current->context);
    process_start(child);
    return 0;
}

/* waitid(2), include/uapi/linux/wait.h */
enum { P_ALL = 0, P_PID = 1 };
#define WNOHANG    0x1
#define WSTOPPED   0x2
#define WEXITED    0x4
#define WCONTINUED 0x8
#define WNOWAIT    0x1000000

/* Offsets of siginfo_t's fields, include/uapi/asm-generic/siginfo.h. */
enum { SI_SIGNO = 0, SI_ERRNO = 4, SI_CODE = 8, SI_PID = 16, SI_UID = 20, SI_STATUS = 24 };

static int write_info(uaddr info, const struct result *result)
{
    static const u32 zero, signo = SIGCHLD;
    struct space *space = &current->space;
    int error = space_write(space, info + SI_SIGNO, &signo, 4);
    if (!error)
        error = space_write(space, info + SI_ERRNO, &zero, 4);
    if (!error)
        error = space_write(space, info + SI_CODE, &result->code, 4);
    if (!error)
        error = space_write(space, info + SI_PID, &result->pid, 4);
    if (!error)
        error = space_write(space, info + SI_UID, &zero, 4);
    if (!error)
        error = space_write(space, info + SI_STATUS, &result->status, 4);
    return error;
}

i64 sys_waitid(const u64 *x)
{
    u32 type = (u32)x[0], pid = (u32)x[1], options = (u32)x[3];
    struct result **link = &current->results, *last = NULL, *result;
    static const u8 no_usage[144]; /* struct rusage */
    int error;

    if ((options & ~(u32)(WNOHANG | WSTOPPED | WEXITED | WCONTINUED | WNOWAIT)) ||
        !(options & (WSTOPPED | WEXITED | WCONTINUED)) || type > P_PID || (type == P_PID && !pid))
        return -EINVAL;
    while ((result = *link) && type == P_PID && result->pid != pid) {
        last = result;
        link = &result->next;
    }
    if (!result || !(options & WEXITED))
        return -ECHILD;
    if (x[4] && (error = space_write(&current->space, x[4], no_usage, sizeof no_usage)))
        return error;
    if (x[2] && (error = write_info(x[2], result)))
        return error;
    if (options & WNOWAIT)
        return 0;
    *link = result->next;
    if (current->results_last == result)
        current->results_last = last;
    heap_free(result, sizeof *result);
    return 0;
}
