#include "uaccess.h"
#include "abi/errno.h"
#include "machine.h"
#include "touch.h"

u8 *uaccess_bytes(struct space *space, uaddr address, enum access access, u64 limit, u64 *count,
                  int *error) {
    u64 rest = PAGE_SIZE - address % PAGE_SIZE;
    *count = 0;
    do {
        u64 *entry = NULL;
        if (address >= USER_BASE && address < USER_END) entry = space_entry_find(space, address);
        if (entry && *entry & ENTRY_VALID &&
            (access != ACCESS_WRITE || !(*entry & ENTRY_READ_ONLY))) {
            *count = limit < rest ? limit : rest;
            return (u8 *)(*entry & ENTRY_ADDRESS) + address % PAGE_SIZE;
        }
        *error = touch_page(space, address, access);
        if (*error == -EIO) *error = -EFAULT; /* to a call it is an address like any other */
    } while (!*error);
    return NULL;
}

int uaccess_copy(struct space *space, uaddr address, enum access access, void *buffer, u64 size) {
    u64 done, piece;
    int error = 0;
    for (done = 0; done < size; done += piece) {
        u8 *bytes = uaccess_bytes(space, address + done, access, size - done, &piece, &error);
        if (!bytes) return error;
        if (access == ACCESS_WRITE)
            memcpy(bytes, (u8 *)buffer + done, piece);
        else
            memcpy((u8 *)buffer + done, bytes, piece);
    }
    return 0;
}

i64 uaccess_string(struct space *space, uaddr address, u64 limit) {
    u64 length, piece, i;
    int error = 0;
    for (length = 0; length < limit; length += piece) {
        const u8 *bytes =
            uaccess_bytes(space, address + length, ACCESS_READ, limit - length, &piece, &error);
        if (!bytes) return error;
        for (i = 0; i < piece; i++)
            if (!bytes[i]) return (i64)(length + i);
    }
    return (i64)limit;
}
