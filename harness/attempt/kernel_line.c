#include "attempt/kernel_line.h"
#include "base/error.h"
#include "base/text.h"
#include <stddef.h>
#include <string.h>

typedef enum { DECIMAL, HEX, PATH, RAW } FieldType;

typedef struct {
    KernelLineKind kind;
    const char *name;
    FieldType type;
    gboolean optional;
    gsize offset; /* of the member of KernelLine */
} Field;

#define FIELD(kind, name, type, optional, member) \
    { kind, name, type, optional, offsetof(KernelLine, member) }

/* Every field of every kind; a line must have each required field once, and no unknown field. */
static const Field fields[] = {
    FIELD(LINE_BOOT, "mem", DECIMAL, FALSE, boot.mem_bytes),
    FIELD(LINE_BOOT, "freq", DECIMAL, FALSE, boot.freq_hz),
    FIELD(LINE_BOOT, "ticks", DECIMAL, FALSE, boot.ticks),
    FIELD(LINE_SPAWN, "pid", DECIMAL, FALSE, spawn.pid),
    FIELD(LINE_SPAWN, "ppid", DECIMAL, FALSE, spawn.ppid),
    FIELD(LINE_SPAWN, "argc", DECIMAL, FALSE, spawn.argc),
    FIELD(LINE_SPAWN, "path", PATH, FALSE, spawn.path),
    FIELD(LINE_SPAWN, "argv", RAW, FALSE, spawn.argv),
    FIELD(LINE_SPAWN, "ticks", DECIMAL, FALSE, spawn.ticks),
    FIELD(LINE_EXIT, "pid", DECIMAL, FALSE, exit.pid),
    FIELD(LINE_EXIT, "status", DECIMAL, TRUE, exit.status),
    FIELD(LINE_EXIT, "signal", DECIMAL, TRUE, exit.signal),
    FIELD(LINE_EXIT, "elr", HEX, TRUE, exit.elr),
    FIELD(LINE_EXIT, "far", HEX, TRUE, exit.far),
    FIELD(LINE_EXIT, "esr", HEX, TRUE, exit.esr),
    FIELD(LINE_EXIT, "ticks", DECIMAL, FALSE, exit.ticks),
    FIELD(LINE_ENOSYS, "nr", DECIMAL, FALSE, enosys.number),
    FIELD(LINE_ENOSYS, "pid", DECIMAL, FALSE, enosys.pid),
    FIELD(LINE_FILE, "path", PATH, FALSE, file.path),
    FIELD(LINE_FILE, "size", DECIMAL, FALSE, file.size),
    FIELD(LINE_END, "status", DECIMAL, FALSE, end.status),
    FIELD(LINE_END, "files", DECIMAL, FALSE, end.files),
    FIELD(LINE_END, "leaked-pages", DECIMAL, FALSE, end.leaked_pages),
    FIELD(LINE_END, "ticks", DECIMAL, FALSE, end.ticks),
};

static const char *const kind_names[] = {
    [LINE_BOOT] = "BOOT",
    [LINE_SPAWN] = "SPAWN",
    [LINE_EXIT] = "EXIT",
    [LINE_ENOSYS] = "ENOSYS",
    [LINE_DUMP_BEGIN] = "DUMP-BEGIN",
    [LINE_FILE] = "FILE",
    [LINE_DUMP_END] = "DUMP-END",
    [LINE_REGISTERS] = "REGISTERS",
    [LINE_BACKTRACE] = "BACKTRACE",
    [LINE_PANIC] = "PANIC",
    [LINE_LOST] = "LOST",
    [LINE_END] = "END",
};

/* The rest of the line is for people. */
static gboolean is_free_text(KernelLineKind kind) {
    return kind == LINE_REGISTERS || kind == LINE_BACKTRACE || kind == LINE_PANIC ||
           kind == LINE_LOST;
}

const char *kernel_line_name(KernelLineKind kind) { return kind_names[kind]; }

char *kernel_line_decode(const char *text, gsize length) {
    g_autofree char *out = g_malloc(length + 1);
    gsize used = 0;
    for (gsize i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            if (length - i < 3 || !g_ascii_isxdigit(text[i + 1]) || !g_ascii_isxdigit(text[i + 2]))
                return NULL;
            c = (char)(g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2]));
            i += 2;
        }
        if (c == '\0') return NULL;
        out[used++] = c;
    }
    out[used] = '\0';
    return g_steal_pointer(&out);
}

/* A run of bytes within the line; rest-of-line parsing moves `at` on. */
typedef struct {
    const char *at;
    const char *end;
} Text;

static gsize text_length(Text text) { return (gsize)(text.end - text.at); }

static gboolean text_is(Text text, const char *word) {
    return text_length(text) == strlen(word) && memcmp(text.at, word, text_length(text)) == 0;
}

/* The word up to the next blank; `text` moves past that blank. */
static Text next_word(Text *text) {
    const char *blank = memchr(text->at, ' ', text_length(*text));
    Text word = {text->at, blank ? blank : text->end};
    text->at = blank ? blank + 1 : text->end;
    return word;
}

/* Cuts " nonce=X" off the end of `body`. FALSE if there is none. */
static gboolean take_nonce(Text *body, Text *ret_nonce) {
    static const char key[] = " nonce=";
    for (const char *at = body->end; at > body->at; at--) {
        if (at[-1] != ' ') continue;
        at--;
        if ((gsize)(body->end - at) < sizeof key - 1 || memcmp(at, key, sizeof key - 1) != 0)
            return FALSE;
        *ret_nonce = (Text){at + sizeof key - 1, body->end};
        body->end = at;
        return TRUE;
    }
    return FALSE;
}

/* Cuts `word` off the end of `body`, with the blank before it; FALSE if the body does not end with
 * it. */
static gboolean take_word(Text *body, const char *word) {
    gsize length = strlen(word) + 1;
    if (text_length(*body) < length || body->end[-(gssize)length] != ' ' ||
        memcmp(body->end - length + 1, word, length - 1) != 0)
        return FALSE;
    body->end -= length;
    return TRUE;
}

static gboolean find_kind(Text word, KernelLineKind *ret_kind) {
    for (guint kind = 0; kind < G_N_ELEMENTS(kind_names); kind++) {
        if (text_is(word, kind_names[kind])) {
            *ret_kind = (KernelLineKind)kind;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean parse_number(Text value, guint base, guint64 *ret) {
    if (base == 16 && text_length(value) > 2 && value.at[0] == '0' && value.at[1] == 'x')
        value.at += 2;
    if (text_length(value) == 0) return FALSE;
    guint64 number = 0;
    for (; value.at < value.end; value.at++) {
        int digit = base == 16 ? g_ascii_xdigit_value(*value.at) : g_ascii_digit_value(*value.at);
        if (digit < 0 || number > (G_MAXUINT64 - (guint)digit) / base) return FALSE;
        number = number * base + (guint)digit;
    }
    *ret = number;
    return TRUE;
}

static gboolean store(const Field *field, Text value, GStringChunk *strings,
                      KernelLine *kernel_line) {
    gpointer member = (guint8 *)kernel_line + field->offset;
    if (field->type == DECIMAL || field->type == HEX)
        return parse_number(value, field->type == HEX ? 16 : 10, member);
    g_autofree char *text = field->type == PATH ? kernel_line_decode(value.at, text_length(value))
                                                : g_strndup(value.at, text_length(value));
    if (text) *(const char **)member = g_string_chunk_insert_const(strings, text);
    return text != NULL;
}

static const Field *find_field(KernelLineKind kind, Text name) {
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i].kind == kind && text_is(name, fields[i].name)) return &fields[i];
    return NULL;
}

static gboolean parse_fields(Text body, GStringChunk *strings, KernelLine *kernel_line,
                             GError **error) {
    const char *kind = kind_names[kernel_line->kind];
    guint32 seen = 0;
    G_STATIC_ASSERT(G_N_ELEMENTS(fields) <= 32);
    while (text_length(body) > 0) {
        Text word = next_word(&body);
        const char *equals = memchr(word.at, '=', text_length(word));
        Text name = {word.at, equals ? equals : word.end};
        const Field *field = find_field(kernel_line->kind, name);
        guint32 bit = field ? 1u << (field - fields) : 0;
        const char *what = !field       ? "has an unknown field"
                           : !equals    ? "has a field without a value"
                           : seen & bit ? "repeats a field"
                           : !store(field, (Text){equals + 1, word.end}, strings, kernel_line)
                               ? "has an invalid value"
                               : NULL;
        if (what) {
            g_autofree char *shown = g_strndup(name.at, MIN(text_length(name), 40));
            g_autofree char *printable = text_line(shown);
            g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL, "the %s line %s: %s", kind,
                        what, printable);
            return FALSE;
        }
        seen |= bit;
    }
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (fields[i].kind == kernel_line->kind && !fields[i].optional && !(seen & 1u << i)) {
            g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL,
                        "the %s line lacks the field %s", kind, fields[i].name);
            return FALSE;
        }
    }
    return TRUE;
}

KernelLineParse kernel_line_parse(const char *line, gsize length, const char *nonce,
                                  GStringChunk *strings, KernelLine *ret_line, GError **error) {
    static const char head[] = "=== ", tail[] = " ===";
    const gsize head_size = sizeof head - 1, tail_size = sizeof tail - 1;
    if (length < head_size + tail_size || memcmp(line, head, head_size) != 0 ||
        memcmp(line + length - tail_size, tail, tail_size) != 0)
        return LINE_PARSE_TEXT;

    Text body = {line + head_size, line + length - tail_size}, carried = {NULL, NULL};
    gboolean has_nonce = take_nonce(&body, &carried);
    KernelLine kernel_line = {.newline_added = take_word(&body, "newline=added")};
    if (!find_kind(next_word(&body), &kernel_line.kind))
        return has_nonce && nonce && text_is(carried, nonce) ? LINE_PARSE_BAD : LINE_PARSE_TEXT;
    if (nonce && (!has_nonce || !text_is(carried, nonce))) return LINE_PARSE_FOREIGN;

    if (is_free_text(kernel_line.kind)) {
        g_autofree char *raw = g_strndup(body.at, text_length(body));
        g_autofree char *text = g_utf8_make_valid(raw, -1);
        kernel_line.text = g_string_chunk_insert_const(strings, text);
    } else if (!parse_fields(body, strings, &kernel_line, error)) {
        return LINE_PARSE_BAD;
    }
    *ret_line = kernel_line;
    return LINE_PARSE_OK;
}
