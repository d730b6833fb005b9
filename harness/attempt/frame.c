#include "attempt/frame.h"
#include "base/error.h"
#include "base/text.h"
#include <stddef.h>
#include <string.h>

typedef enum { DECIMAL, HEX, PATH, RAW } FieldType;

typedef struct {
    FrameKind kind;
    const char *name;
    FieldType type;
    gboolean optional;
    gsize offset; /* of the member of Frame */
} Field;

#define FIELD(kind, name, type, optional, member) \
    { kind, name, type, optional, offsetof(Frame, member) }

/* Every field of every kind; a line must have each that is not optional, once, and no other. */
static const Field fields[] = {
    FIELD(FRAME_BOOT, "mem", DECIMAL, FALSE, boot.mem_bytes),
    FIELD(FRAME_BOOT, "freq", DECIMAL, FALSE, boot.freq_hz),
    FIELD(FRAME_BOOT, "ticks", DECIMAL, FALSE, boot.ticks),
    FIELD(FRAME_SPAWN, "pid", DECIMAL, FALSE, spawn.pid),
    FIELD(FRAME_SPAWN, "ppid", DECIMAL, FALSE, spawn.ppid),
    FIELD(FRAME_SPAWN, "argc", DECIMAL, FALSE, spawn.argc),
    FIELD(FRAME_SPAWN, "path", PATH, FALSE, spawn.path),
    FIELD(FRAME_SPAWN, "argv", RAW, FALSE, spawn.argv),
    FIELD(FRAME_SPAWN, "ticks", DECIMAL, FALSE, spawn.ticks),
    FIELD(FRAME_EXIT, "pid", DECIMAL, FALSE, exit.pid),
    FIELD(FRAME_EXIT, "status", DECIMAL, TRUE, exit.status),
    FIELD(FRAME_EXIT, "signal", DECIMAL, TRUE, exit.signal),
    FIELD(FRAME_EXIT, "elr", HEX, TRUE, exit.elr),
    FIELD(FRAME_EXIT, "far", HEX, TRUE, exit.far),
    FIELD(FRAME_EXIT, "esr", HEX, TRUE, exit.esr),
    FIELD(FRAME_EXIT, "ticks", DECIMAL, FALSE, exit.ticks),
    FIELD(FRAME_ENOSYS, "nr", DECIMAL, FALSE, enosys.number),
    FIELD(FRAME_ENOSYS, "pid", DECIMAL, FALSE, enosys.pid),
    FIELD(FRAME_FILE, "path", PATH, FALSE, file.path),
    FIELD(FRAME_FILE, "size", DECIMAL, FALSE, file.size),
    FIELD(FRAME_END, "status", DECIMAL, FALSE, end.status),
    FIELD(FRAME_END, "files", DECIMAL, FALSE, end.files),
    FIELD(FRAME_END, "leaked-pages", DECIMAL, FALSE, end.leaked_pages),
    FIELD(FRAME_END, "ticks", DECIMAL, FALSE, end.ticks),
};

static const char *const kind_names[] = {
    [FRAME_BOOT] = "BOOT",
    [FRAME_SPAWN] = "SPAWN",
    [FRAME_EXIT] = "EXIT",
    [FRAME_ENOSYS] = "ENOSYS",
    [FRAME_DUMP_BEGIN] = "DUMP-BEGIN",
    [FRAME_FILE] = "FILE",
    [FRAME_DUMP_END] = "DUMP-END",
    [FRAME_REGISTERS] = "REGISTERS",
    [FRAME_BACKTRACE] = "BACKTRACE",
    [FRAME_PANIC] = "PANIC",
    [FRAME_LOST] = "LOST",
    [FRAME_END] = "END",
};

/* The rest of the line is for a person. */
static gboolean is_free_text(FrameKind kind) {
    return kind == FRAME_REGISTERS || kind == FRAME_BACKTRACE || kind == FRAME_PANIC ||
           kind == FRAME_LOST;
}

const char *frame_kind_name(FrameKind kind) { return kind_names[kind]; }

char *frame_percent_decode(const char *text, gsize length) {
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

/* The word up to the next blank; `text` moves behind that blank. */
static Text next_word(Text *text) {
    const char *blank = memchr(text->at, ' ', text_length(*text));
    Text word = {text->at, blank ? blank : text->end};
    text->at = blank ? blank + 1 : text->end;
    return word;
}

/* Cuts " nonce=X" off the end of `body`. FALSE when the last word is none. */
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

/* Cuts `word` off the end of `body`, with the blank before it; FALSE when it does not end so. */
static gboolean take_word(Text *body, const char *word) {
    gsize length = strlen(word) + 1;
    if (text_length(*body) < length || body->end[-(gssize)length] != ' ' ||
        memcmp(body->end - length + 1, word, length - 1) != 0)
        return FALSE;
    body->end -= length;
    return TRUE;
}

static gboolean find_kind(Text word, FrameKind *ret_kind) {
    for (guint kind = 0; kind < G_N_ELEMENTS(kind_names); kind++) {
        if (text_is(word, kind_names[kind])) {
            *ret_kind = (FrameKind)kind;
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

static gboolean store(const Field *field, Text value, GStringChunk *strings, Frame *frame) {
    gpointer member = (guint8 *)frame + field->offset;
    if (field->type == DECIMAL || field->type == HEX)
        return parse_number(value, field->type == HEX ? 16 : 10, member);
    g_autofree char *text = field->type == PATH ? frame_percent_decode(value.at, text_length(value))
                                                : g_strndup(value.at, text_length(value));
    if (text) *(const char **)member = g_string_chunk_insert_const(strings, text);
    return text != NULL;
}

static const Field *find_field(FrameKind kind, Text name) {
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i].kind == kind && text_is(name, fields[i].name)) return &fields[i];
    return NULL;
}

static gboolean parse_fields(Text body, GStringChunk *strings, Frame *frame, GError **error) {
    const char *kind = kind_names[frame->kind];
    guint32 seen = 0;
    G_STATIC_ASSERT(G_N_ELEMENTS(fields) <= 32);
    while (text_length(body) > 0) {
        Text word = next_word(&body);
        const char *equals = memchr(word.at, '=', text_length(word));
        Text name = {word.at, equals ? equals : word.end};
        const Field *field = find_field(frame->kind, name);
        guint32 bit = field ? 1u << (field - fields) : 0;
        const char *what = !field       ? "has an unknown field"
                           : !equals    ? "has a field without value"
                           : seen & bit ? "has a field twice"
                           : !store(field, (Text){equals + 1, word.end}, strings, frame)
                               ? "has a broken value"
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
        if (fields[i].kind == frame->kind && !fields[i].optional && !(seen & 1u << i)) {
            g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL,
                        "the %s line lacks its field %s", kind, fields[i].name);
            return FALSE;
        }
    }
    return TRUE;
}

FrameParse frame_parse(const char *line, gsize length, const char *nonce, GStringChunk *strings,
                       Frame *ret_frame, GError **error) {
    static const char head[] = "=== ", tail[] = " ===";
    const gsize head_size = sizeof head - 1, tail_size = sizeof tail - 1;
    if (length < head_size + tail_size || memcmp(line, head, head_size) != 0 ||
        memcmp(line + length - tail_size, tail, tail_size) != 0)
        return FRAME_PARSE_TEXT;

    Text body = {line + head_size, line + length - tail_size}, carried = {NULL, NULL};
    gboolean has_nonce = take_nonce(&body, &carried);
    Frame frame = {.newline_added = take_word(&body, "newline=added")};
    if (!find_kind(next_word(&body), &frame.kind))
        return has_nonce && nonce && text_is(carried, nonce) ? FRAME_PARSE_BAD : FRAME_PARSE_TEXT;
    if (nonce && (!has_nonce || !text_is(carried, nonce))) return FRAME_PARSE_FOREIGN;

    if (is_free_text(frame.kind)) {
        g_autofree char *raw = g_strndup(body.at, text_length(body));
        g_autofree char *text = g_utf8_make_valid(raw, -1);
        frame.text = g_string_chunk_insert_const(strings, text);
    } else if (!parse_fields(body, strings, &frame, error)) {
        return FRAME_PARSE_BAD;
    }
    *ret_frame = frame;
    return FRAME_PARSE_OK;
}
