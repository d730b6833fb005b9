/* The device tree reader on a damaged tree: bootargs lie inside it, ranges are ranges. The input
 * says what to damage (sample_damage), or with a first byte 'R' is the tree itself. */
#include "board.h"

#include "../tests/samples.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct board board;
    uint8_t *bytes;
    size_t count;
    if (size > 0 && data[0] == 'R') {
        count = size - 1;
        bytes = malloc(count ? count : 1);
        memcpy(bytes, data + 1, count);
    } else {
        bytes = malloc(SAMPLE_MAX);
        count = sample_tree(bytes);
        bytes = realloc(bytes, count);
        sample_damage(bytes, count, data, size);
    }
    if (!board_read(&board, bytes, count)) {
        if (board.initrd.end < board.initrd.start || board.tree_size > count) abort();
        for (u32 i = 0; i < board.memory_count; i++)
            if (board.memory[i].end < board.memory[i].start) abort();
        u64 offset = (u64)((const uint8_t *)board.bootargs - bytes);
        if (board.bootargs &&
            !(board.bootargs_size <= count && offset <= count - board.bootargs_size))
            abort();
    }
    free(bytes);
    return 0;
}
