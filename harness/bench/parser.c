/*
 * How fast console bytes become hashed files: a dump of 64 MiB in the kernel's format, pushed in
 * the pieces that a pipe gives, through the same parser and checksum that a run uses. Prints MB
 * of console text a second, the best of some rounds.
 */
#include "attempt/console_parser.h"
#include "base/clock.h"
#include "base/hash.h"
#include "gate/source.h"
#include <stdio.h>
#include <string.h>

#define FILE_BYTES  (64u * 1024 * 1024)
#define PIECE_BYTES (64 * 1024)
#define ROUNDS      5

static GByteArray *make_dump(void) {
    static const char digits[] = "0123456789abcdef";
    g_autoptr(GBytes) content = source_random(1, FILE_BYTES);
    const guint8 *bytes = g_bytes_get_data(content, NULL);
    GByteArray *dump = g_byte_array_sized_new(FILE_BYTES / 64 * 129 + 100);
    g_autofree char *head =
        g_strdup_printf("=== FILE path=/big size=%u nonce=ab ===\n", FILE_BYTES);
    g_byte_array_append(dump, (const guint8 *)head, (guint)strlen(head));
    for (gsize at = 0; at < FILE_BYTES; at += 64) {
        guint8 line[129];
        for (guint i = 0; i < 64; i++) {
            line[2 * i] = (guint8)digits[bytes[at + i] >> 4];
            line[2 * i + 1] = (guint8)digits[bytes[at + i] & 15];
        }
        line[128] = '\n';
        g_byte_array_append(dump, line, sizeof line);
    }
    return dump;
}

static gint64 parse_ns(const GByteArray *dump, gboolean hashed) {
    g_autoptr(GStringChunk) strings = g_string_chunk_new(256);
    g_autoptr(Console) console = console_new("ab", strings);
    struct sha256_ctx hash;
    sha256_init(&hash);
    gint64 start = clock_now_ns();
    guint ends = 0;
    for (gsize at = 0; at < dump->len; at += PIECE_BYTES) {
        ConsoleItem item;
        console_push(console, dump->data + at, MIN(PIECE_BYTES, dump->len - at));
        while (console_pull(console, &item)) {
            if (item.kind == CONSOLE_DATA && hashed) sha256_update(&hash, item.length, item.data);
            ends += item.kind == CONSOLE_FILE_END;
        }
    }
    g_assert(ends == 1);
    char hex[HASH_HEX_SIZE];
    hash_finish(&hash, hex);
    return clock_now_ns() - start;
}

int main(void) {
    g_autoptr(GByteArray) dump = make_dump();
    gint64 best[2] = {G_MAXINT64, G_MAXINT64};
    for (guint round = 0; round < ROUNDS; round++)
        for (guint hash = 0; hash < 2; hash++)
            best[hash] = MIN(best[hash], parse_ns(dump, hash));
    printf("%.0f %.0f\n", dump->len * 1e3 / (double)best[1], dump->len * 1e3 / (double)best[0]);
    return 0;
}
