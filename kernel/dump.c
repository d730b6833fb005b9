#include "dump.h"
#include "console.h"
#include "report.h"
#include "tmpfs.h"

/* Bytes on a line. */
enum { LINE = 64 };

static void dump_file(const struct file *file) {
    u8 bytes[LINE];
    char line[2 * LINE + 1];
    u64 offset, count, i;

    report_begin("FILE");
    report_text(" path=/");
    report_encoded(file->path, file->path_length);
    report_decimal("size", file->size);
    report_end();
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
    report_begin("DUMP-BEGIN");
    report_end();
    for (file = tmpfs_first(); file; file = file->newer)
        dump_file(file);
    report_begin("DUMP-END");
    report_end();
}
