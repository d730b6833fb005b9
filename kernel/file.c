#include "file.h"
#include "abi/errno.h"
#include "heap.h"
#include "machine.h"

const u8 *file_bytes(const struct file *file, u64 offset, u64 *count) {
    u64 in_page = offset % PAGE_SIZE, rest = file->size - offset;
    *count = rest;
    if (file->initial) return file->initial + offset;
    if (rest > PAGE_SIZE - in_page) *count = PAGE_SIZE - in_page;
    const u8 *page = pages_find(&file->data, offset >> PAGE_SHIFT);
    return (page ? page : zero_page) + in_page;
}

u64 file_copy(const struct file *file, u64 offset, void *to, u64 count) {
    u64 done = 0, piece;
    while (done < count && offset + done < file->size) {
        const u8 *from = file_bytes(file, offset + done, &piece);
        if (piece > count - done) piece = count - done;
        memcpy((u8 *)to + done, from, piece);
        done += piece;
    }
    return done;
}

int file_own(struct file *file) {
    u64 offset;
    if (!file->initial) return 0;
    for (offset = 0; offset < file->size; offset += PAGE_SIZE) {
        u8 *page = pages_make(&file->data, offset >> PAGE_SHIFT);
        if (!page) {
            pages_free(&file->data);
            return -ENOMEM;
        }
        file_copy(file, offset, page, PAGE_SIZE);
    }
    file->initial = NULL;
    return 0;
}

/* The contents are about to change: what was prepared to run them is of no more use. */
static void forget_program(struct file *file) {
    if (!file->elf) return;
    pages_free(&file->text);
    heap_free(file->elf, sizeof *file->elf);
    file->elf = NULL;
}

u8 *file_room(struct file *file, u64 offset, u64 *count) {
    u64 in_page = offset % PAGE_SIZE;
    if (file_own(file)) return NULL;
    u8 *page = pages_make(&file->data, offset >> PAGE_SHIFT);
    if (!page) return NULL;
    forget_program(file);
    *count = PAGE_SIZE - in_page;
    return page + in_page;
}

void file_clear(struct file *file) {
    forget_program(file);
    pages_free(&file->data);
    file->initial = NULL;
    file->size = 0;
}
