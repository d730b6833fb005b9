/* Access of the kernel to user memory, with the rights of the program itself. */
#pragma once

#include "space.h"

/* The kernel's view of the user bytes from `address` on, after checking that the program itself has
 * this access; *count is how many lie in the page, at most `limit`. NULL with *error set to -EFAULT
 * or -ENOMEM, and *count to 0. */
u8 *uaccess_bytes(struct space *space, uaddr address, enum access access, u64 limit, u64 *count,
                  int *error);

/* Copies between kernel and user memory: to `address` for ACCESS_WRITE, else from there. 0, -EFAULT
 * or -ENOMEM, perhaps after a part is done. */
int uaccess_copy(struct space *space, uaddr address, enum access access, void *buffer, u64 size);
/* The length of the string at `address`, or `limit` if it has no NUL in so many bytes; or -EFAULT,
 * -ENOMEM. */
i64 uaccess_string(struct space *space, uaddr address, u64 limit);
