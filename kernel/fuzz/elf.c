/* The ELF reader on a damaged executable: what it accepts can be loaded as it says. The input says
 * what to damage (sample_damage), or with a first byte 'R' is the file itself. */
#include "elf.h"

#include "../tests/samples.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LOW = 0x200000, HIGH = 0x3ef00000, PAGE = 4096 };

static void check(const struct elf *elf, u64 file_size) {
    for (u32 i = 0; i < elf->count; i++) {
        const struct elf_segment *a = &elf->segments[i];
        u64 bytes = a->file_end - a->start;
        if (a->start < LOW || a->end > HIGH || a->file_end < a->start || a->end < a->file_end ||
            a->start == a->end)
            abort();
        if (a->offset + bytes < a->offset) abort();
        /* Zeros behind bytes of the file need the page that has those. */
        if (bytes && a->end > a->file_end && a->file_end % PAGE &&
            (a->offset + bytes - 1) / PAGE * PAGE >= file_size)
            abort();
        if ((a->start - a->offset) % PAGE) abort();
        for (u32 k = 0; k < i; k++) {
            const struct elf_segment *b = &elf->segments[k];
            if (a->start / PAGE <= (b->end - 1) / PAGE && b->start / PAGE <= (a->end - 1) / PAGE)
                abort();
        }
    }
    if (elf->count == 0 || elf->count > ELF_SEGMENTS_MAX) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct elf elf;
    uint8_t *bytes = malloc(SAMPLE_MAX);
    u64 count, file_size = SAMPLE_ELF_FILE;
    if (size > 0 && data[0] == 'R' && size <= SAMPLE_MAX) {
        file_size = count = size - 1;
        memcpy(bytes, data + 1, count);
    } else {
        count = sample_elf(bytes);
        sample_damage(bytes, count, data, size);
    }
    bytes = realloc(bytes, count ? count : 1);
    if (elf_read(&elf, bytes, count, file_size, LOW, HIGH) == 0) check(&elf, file_size);
    free(bytes);
    return 0;
}
