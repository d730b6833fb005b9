#include "attempt/console_parser.h"
#include "base/error.h"
#include <string.h>

/* A SPAWN line holds a path and at most 4 MiB of arguments (kernel/args.h), each byte at most
 * "%XX"; a longer line is not the kernel's, and its bytes must not pile up here. */
#define LINE_MAX_BYTES (13 * 1024 * 1024)
/* Bytes of a file on one line of hex (docs/contract.md, DUMP). */
#define HEX_LINE_BYTES 64
#define DECODED_MAX    (16 * 1024)

static const char line_head[] = "=== ";
#define LINE_HEAD_SIZE (sizeof line_head - 1)

struct _Console {
    char *nonce;
    GStringChunk *strings;
    const guint8 *data; /* pushed but not yet used */
    gsize length;
    GByteArray *line;   /* an unfinished line that may be a kernel line or hex */
    gboolean line_used; /* `line` was returned and must be emptied */
    gboolean in_line;   /* the stream is within a line of program output */
    gboolean in_file;
    gboolean ended;
    guint64 file_left;      /* bytes still to come, while in_file */
    KernelLine kernel_line; /* the last one returned; its path names the file while in_file */
    const char *file_path;
    guint64 file_size;
    char *message;
    guint8 decoded[DECODED_MAX];
};

Console *console_new(const char *nonce, GStringChunk *strings) {
    Console *console = g_new0(Console, 1);
    console->nonce = g_strdup(nonce);
    console->strings = strings;
    console->line = g_byte_array_new();
    return console;
}

void console_free(Console *console) {
    g_free(console->nonce);
    g_free(console->message);
    g_byte_array_unref(console->line);
    g_free(console);
}

void console_push(Console *console, const guint8 *data, gsize length) {
    g_return_if_fail(console->length == 0);
    console->data = data;
    console->length = length;
}

void console_end(Console *console) { console->ended = TRUE; }

static void skip(Console *console, gsize length) {
    console->data += length;
    console->length -= length;
}

static gboolean give(ConsoleItem *item, ConsoleKind kind, const guint8 *data, gsize length) {
    *item = (ConsoleItem){.kind = kind, .data = data, .length = length};
    return TRUE;
}

static gboolean give_bad(Console *console, ConsoleItem *item, char *message) {
    g_free(console->message);
    console->message = message;
    *item = (ConsoleItem){.kind = CONSOLE_BAD, .message = message};
    return TRUE;
}

/* The dump is truncated: the stream continues with lines. */
static gboolean give_cut(Console *console, ConsoleItem *item, const char *why) {
    guint64 got = console->file_size - console->file_left;
    console->in_file = FALSE;
    return give_bad(console, item,
                    g_strdup_printf("the dump of %s is truncated after %" G_GUINT64_FORMAT
                                    " of %" G_GUINT64_FORMAT " bytes: %s",
                                    console->file_path, got, console->file_size, why));
}

static gboolean may_be_kernel_line(const guint8 *data, gsize length) {
    return memcmp(data, line_head, MIN(length, LINE_HEAD_SIZE)) == 0;
}

/* A whole line that begins as a kernel's does; `length` includes the newline. */
static gboolean give_line(Console *console, ConsoleItem *item, const guint8 *data, gsize length) {
    g_autoptr(GError) error = NULL;
    switch (kernel_line_parse((const char *)data, length - 1, console->nonce, console->strings,
                              &console->kernel_line, &error)) {
    case LINE_PARSE_TEXT: return give(item, CONSOLE_TEXT, data, length);
    case LINE_PARSE_FOREIGN: return give(item, CONSOLE_FOREIGN, data, length);
    case LINE_PARSE_BAD:
        return give_bad(console, item,
                        g_strdup(error ? error->message : "unknown kind of kernel line"));
    case LINE_PARSE_OK: break;
    }
    if (console->kernel_line.kind == LINE_FILE) {
        console->in_file = TRUE;
        console->file_path = console->kernel_line.file.path;
        console->file_size = console->file_left = console->kernel_line.file.size;
    }
    give(item, CONSOLE_LINE, data, length);
    item->kernel_line = &console->kernel_line;
    return TRUE;
}

/* Moves pushed bytes to `line`, up to `limit` bytes in it and up to a newline. TRUE when the
 * line ends in a newline, as one refused by pull_collected_hex may already. */
static gboolean collect_line(Console *console, gsize limit) {
    if (console->line->len > 0 && console->line->data[console->line->len - 1] == '\n') return TRUE;
    gsize take = MIN(console->length, limit - console->line->len);
    const guint8 *newline = take ? memchr(console->data, '\n', take) : NULL;
    if (newline) take = (gsize)(newline - console->data) + 1;
    if (take) g_byte_array_append(console->line, console->data, (guint)take);
    skip(console, take);
    return newline != NULL;
}

/* Takes program output from the start of the pushed bytes: the lines before the first that may be
 * the kernel's, and an unfinished last line. */
static gboolean give_text(Console *console, ConsoleItem *item) {
    const guint8 *begin = console->data;
    gsize at = 0;
    for (;;) {
        const guint8 *newline = memchr(begin + at, '\n', console->length - at);
        console->in_line = newline == NULL;
        at = newline ? (gsize)(newline - begin) + 1 : console->length;
        if (at == console->length || may_be_kernel_line(begin + at, console->length - at)) break;
    }
    skip(console, at);
    return give(item, CONSOLE_TEXT, begin, at);
}

/* `line` cannot be a kernel line. */
static gboolean give_collected_text(Console *console, ConsoleItem *item, gboolean ends) {
    console->in_line = !ends;
    console->line_used = TRUE;
    return give(item, CONSOLE_TEXT, console->line->data, console->line->len);
}

static gboolean pull_line(Console *console, ConsoleItem *item) {
    if (console->in_line && console->length > 0) return give_text(console, item);
    if (console->line->len == 0) {
        if (console->length == 0) return FALSE;
        if (!may_be_kernel_line(console->data, console->length)) return give_text(console, item);
        const guint8 *newline = memchr(console->data, '\n', MIN(console->length, LINE_MAX_BYTES));
        if (newline) {
            const guint8 *data = console->data;
            gsize length = (gsize)(newline - data) + 1;
            skip(console, length);
            return give_line(console, item, data, length);
        }
    }
    gboolean ends = collect_line(console, LINE_MAX_BYTES);
    if (!may_be_kernel_line(console->line->data, console->line->len) ||
        (!ends && (console->line->len == LINE_MAX_BYTES || console->ended)))
        return give_collected_text(console, item, ends);
    if (!ends) return FALSE;
    console->line_used = TRUE;
    return give_line(console, item, console->line->data, console->line->len);
}

/* The value of a lower-case hex digit plus one; 0 for every other byte. */
static const guint8 hex_values[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

/* Decodes 2 * `count` digits and the newline after them. FALSE if they are anything else. */
static gboolean decode_hex_line(const guint8 *hex, guint8 *out, gsize count) {
    guint valid = 1;
    for (gsize i = 0; i < count; i++) {
        guint high = hex_values[hex[2 * i]], low = hex_values[hex[2 * i + 1]];
        valid &= (guint)(high != 0) & (guint)(low != 0);
        out[i] = (guint8)((high - 1) << 4 | (low - 1));
    }
    return valid && hex[2 * count] == '\n';
}

/* The next line is not valid hex: keeps it, to be read as an ordinary line. */
static gboolean refuse_hex(Console *console, ConsoleItem *item, const guint8 *line, gsize length) {
    return give_cut(console, item,
                    may_be_kernel_line(line, length) && length >= LINE_HEAD_SIZE
                        ? "another kernel line follows"
                        : "the next line is not the expected hex");
}

/* Collects hex that a push boundary cuts in `line`. */
static gboolean pull_collected_hex(Console *console, ConsoleItem *item, gsize want) {
    gboolean ends = collect_line(console, 2 * want + 1);
    if (!ends && console->line->len < 2 * want + 1)
        return console->ended ? give_cut(console, item, "the console ended") : FALSE;
    if (console->line->len != 2 * want + 1 ||
        !decode_hex_line(console->line->data, console->decoded, want))
        return refuse_hex(console, item, console->line->data, console->line->len);
    console->line_used = TRUE;
    console->file_left -= want;
    return give(item, CONSOLE_DATA, console->decoded, want);
}

static gboolean pull_file(Console *console, ConsoleItem *item) {
    if (console->file_left == 0) {
        console->in_file = FALSE;
        give(item, CONSOLE_FILE_END, NULL, 0);
        item->kernel_line = &console->kernel_line;
        return TRUE;
    }
    gsize used = 0;
    while (console->line->len == 0 && console->file_left > 0) {
        gsize want = (gsize)MIN(console->file_left, HEX_LINE_BYTES);
        if (console->length < 2 * want + 1 || DECODED_MAX - used < want) break;
        if (!decode_hex_line(console->data, console->decoded + used, want)) {
            if (used > 0) break;
            return refuse_hex(console, item, console->data, console->length);
        }
        skip(console, 2 * want + 1);
        used += want;
        console->file_left -= want;
    }
    if (used > 0) return give(item, CONSOLE_DATA, console->decoded, used);
    if (console->length == 0 && !console->ended) return FALSE;
    return pull_collected_hex(console, item, (gsize)MIN(console->file_left, HEX_LINE_BYTES));
}

gboolean console_pull(Console *console, ConsoleItem *ret_item) {
    if (console->line_used) {
        g_byte_array_set_size(console->line, 0);
        console->line_used = FALSE;
    }
    if (console->in_file) return pull_file(console, ret_item);
    if (console->ended && console->length == 0 && console->line->len == 0) return FALSE;
    return pull_line(console, ret_item);
}
