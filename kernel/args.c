#include "args.h"
#include "abi/errno.h"
#include "uaccess.h"

int args_begin(struct args *args, struct process *process, u64 argc, u64 envc, u64 size) {
    static const u64 page_size[] = {AT_PAGESZ, PAGE_SIZE};
    /* argc, argv and its NULL, the environment and its NULL, AT_PAGESZ and AT_NULL with their
     * values */
    u64 words = 1 + argc + 1 + envc + 1 + 4;
    if (size > ARGS_SIZE_MAX || words > (ARGS_SIZE_MAX - size) / 8) return -E2BIG;
    args->process = process;
    args->string = args->current = USER_END - size;
    args->slot = (args->string - words * 8) & ~15ul;
    process->context.sp = args->slot;
    /* Pages of the stack are zeros, which are also the NULLs and AT_NULL. */
    int error = uaccess_copy(&process->space, args->slot, ACCESS_WRITE, &argc, 8);
    if (!error)
        error = uaccess_copy(&process->space, args->slot + 8 * (argc + envc + 3), ACCESS_WRITE,
                             (void *)page_size, sizeof page_size);
    args->slot += 8;
    return error;
}

int args_add(struct args *args, const void *bytes, u64 size) {
    int error =
        uaccess_copy(&args->process->space, args->string, ACCESS_WRITE, (void *)bytes, size);
    args->string += size;
    return error;
}

int args_end_string(struct args *args) {
    int error = uaccess_copy(&args->process->space, args->slot, ACCESS_WRITE, &args->current, 8);
    args->slot += 8;
    args->current = args->string;
    return error;
}

void args_end_vector(struct args *args) { args->slot += 8; }
