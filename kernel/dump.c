#include "dump.h"
#include "console.h"
#include "line.h"
#include "tmpfs.h"

/* Bytes on a line. */
enum { LINE = 64 };

static void dump_file(const struct file *file) {
    u8 bytes[LINE];
    char line[2 * LINE + 1];
    u64 offset, count, i;

    line_begin("FILE");
    line_text(" path=/");
    line_encoded(file->path, file->path_length);
    line_decimal("size", file->size);
    line_end();
    for (offset = 0; offset < file->size; offset += count) {
        count = file_copy(file, offset, bytes, LINE);
        for (i = 0; i < count; i++) {
            line[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
            line[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
        }
        line[2 * count] = '\n';
        console_write(line, 2 * count + 1);
    }
}

void dump_all(void) {
    const struct file *file;
    line_begin("DUMP-BEGIN");
    line_end();
    for (file = tmpfs_first(); file; file = file->newer)
        dump_file(file);
    line_begin("DUMP-END");
    line_end();
}
