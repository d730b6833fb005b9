#include "differ/diff_binary.h"
#include "base/hexdiff.h"
#include "differ/bytes.h"
#include "differ/disasm.h"
#include <string.h>

/* Contents larger than this are not searched for every byte that differs. */
#define COUNT_BYTES (64 * 1024 * 1024)
/* A run of zeros that says more than the bytes it replaced. */
#define ZEROS_MIN 16
/* Bytes of a row of hex, and of a sentence. */
#define ROW_BYTES 16

static char *plural(guint64 count, const char *noun) {
    g_autofree char *number = diff_number(count);
    return g_strdup_printf("%s %s%s", number, noun, count == 1 ? "" : "s");
}

/* ---- Rows of hex ---- */

static void add_row(Diff *diff, const DiffSide *side, gsize row) {
    g_autoptr(GString) text = g_string_new(NULL);
    gsize end = MIN(side->size, row + ROW_BYTES);
    for (gsize i = row; i < row + ROW_BYTES; i++)
        g_string_append_printf(text, i < end ? " %02x" : "   ", i < end ? side->data[i] : 0);
    g_string_append(text, "  |");
    for (gsize i = row; i < end; i++)
        g_string_append_c(text, g_ascii_isprint((char)side->data[i]) ? (char)side->data[i] : '.');
    diff_line(diff, "%-8s %08" G_GSIZE_MODIFIER "x %s|", side->name, row, text->str);
}

void diff_add_bytes(Diff *diff, const DiffSide *a, const DiffSide *b) {
    gssize first = bytes_first(a, b);
    if (first < 0) return;
    g_autofree char *at = diff_number((guint64)first);
    g_autofree char *size_a = plural(a->size, "byte"), *size_b = plural(b->size, "byte");
    diff_line(diff, "first difference at byte %s (0x%" G_GSSIZE_MODIFIER "x); %s: %s, %s: %s", at,
              first, a->name, size_a, b->name, size_b);
    gsize row = (gsize)first / ROW_BYTES * ROW_BYTES;
    for (guint i = 0; i < 2 && row < MAX(a->size, b->size); i++, row += ROW_BYTES) {
        add_row(diff, a, row);
        add_row(diff, b, row);
    }
}

/* ---- Truncation and padding ---- */

Diff *diff_prefix(const DiffSide *a, const DiffSide *b) {
    if (a->size == b->size) return NULL;
    const DiffSide *shorter = a->size < b->size ? a : b, *longer = a->size < b->size ? b : a;
    if (bytes_mismatch(a, 0, b, 0, shorter->size) >= 0) return NULL;
    g_autofree char *kept = plural(shorter->size, "byte");
    g_autofree char *more = plural(longer->size - shorter->size, "byte");
    if (shorter->size == 0)
        return diff_new("%s is empty; %s has %s", shorter->name, longer->name, more);
    guint8 value = longer->data[shorter->size];
    gboolean is_padding =
        (value == 0 || value == 0xff) && bytes_are(longer, shorter->size, longer->size, value);
    if (is_padding)
        return diff_new("%s is %s with padding: %s of 0x%02x at its end (trailing %s)",
                        longer->name, shorter->name, more, value, value ? "0xff" : "zeros");
    return diff_new("%s is cut (truncated): it is the first %s of %s, which has %s more",
                    shorter->name, kept, longer->name, more);
}

/* ---- Bytes ---- */

/* "b1 00 2f ..." of up to four bytes. */
static char *hex_at(const DiffSide *side, gsize at, gsize count) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = at; i < MIN(side->size, at + count); i++)
        g_string_append_printf(text, "%s%02x", i > at ? " " : "", side->data[i]);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static Diff *one_byte(const DiffSide *a, const DiffSide *b, gsize at) {
    guint changed = a->data[at] ^ b->data[at];
    g_autofree char *offset = diff_number(at);
    if ((changed & (changed - 1)) == 0) {
        guint bit = 0;
        while (changed >> bit != 1)
            bit++;
        return diff_new("one bit differs: bit %u of byte %s (0x%" G_GSIZE_MODIFIER
                        "x), 0x%02x against 0x%02x",
                        bit, offset, at, a->data[at], b->data[at]);
    }
    return diff_new("one byte differs: byte %s (0x%" G_GSIZE_MODIFIER "x), 0x%02x against 0x%02x",
                    offset, at, a->data[at], b->data[at]);
}

/* Every group of `size` bytes is reversed. */
static gboolean is_reversed(const DiffSide *a, const DiffSide *b, gsize size) {
    if (a->size != b->size || a->size % size != 0) return FALSE;
    for (gsize at = 0; at < a->size; at++)
        if (a->data[at] != b->data[at / size * size + size - 1 - at % size]) return FALSE;
    return TRUE;
}

/* The longer side has bytes at one place that the shorter one lacks. */
static Diff *inserted(const DiffSide *a, const DiffSide *b, gsize at) {
    if (a->size == b->size) return NULL;
    const DiffSide *shorter = a->size < b->size ? a : b, *longer = a->size < b->size ? b : a;
    gsize more = longer->size - shorter->size;
    if (!bytes_same_end(shorter, at, longer, at + more)) return NULL;
    g_autofree char *count = plural(more, "more byte"), *offset = diff_number(at);
    g_autofree char *bytes = hex_at(longer, at, MIN(more, 8));
    return diff_new(
        "%s has %s%s at byte %s (0x%" G_GSIZE_MODIFIER "x) than %s, else they are equal: %s%s",
        longer->name, count, bytes_are(longer, at, at + more, 0) ? ", zeros (padding)," : "",
        offset, at, shorter->name, bytes, more > 8 ? " ..." : "");
}

/* The end of the zeros that one side has from `at` on. */
static gsize zeros_end(const DiffSide *side, gsize at) {
    while (at < side->size && side->data[at] == 0)
        at++;
    return at;
}

static Diff *zeroed(const DiffSide *a, const DiffSide *b, gsize at) {
    for (guint i = 0; i < 2; i++) {
        const DiffSide *side = i ? b : a, *other = i ? a : b;
        gsize end = MIN(zeros_end(side, at), MIN(a->size, b->size));
        if (end < at + ZEROS_MIN || bytes_are(other, at, end, 0)) continue;
        g_autofree char *count = plural(end - at, "zero");
        return diff_new("%s has %s at byte 0x%" G_GSIZE_MODIFIER "x where %s has data", side->name,
                        count, at, other->name);
    }
    return NULL;
}

static guint32 word_at(const DiffSide *side, gsize at) {
    guint32 word;
    memcpy(&word, side->data + at, sizeof word);
    return GUINT32_FROM_LE(word);
}

/* Seconds of 2001 to 2033. */
static gboolean is_time(guint32 word) { return word >= 1000000000 && word < 2000000000; }

/* A timestamp of four bytes, alone and aligned. */
static Diff *timestamp(const DiffSide *a, const DiffSide *b, gsize at) {
    gsize word = at & ~(gsize)3;
    if (a->size != b->size || word + 4 > a->size || !bytes_same_end(a, word + 4, b, word + 4))
        return NULL;
    guint32 one = word_at(a, word), other = word_at(b, word);
    if (!(is_time(one) && is_time(other)) && is_time(GUINT32_SWAP_LE_BE(one)) &&
        is_time(GUINT32_SWAP_LE_BE(other))) {
        one = GUINT32_SWAP_LE_BE(one);
        other = GUINT32_SWAP_LE_BE(other);
    }
    if (!is_time(one) || !is_time(other)) return NULL;
    return diff_new("a timestamp differs: %u against %u, in the 4 bytes at 0x%" G_GSIZE_MODIFIER
                    "x",
                    one, other, word);
}

static Diff *many_bytes(const DiffSide *a, const DiffSide *b, gsize at) {
    gsize common = MIN(a->size, b->size), end = at;
    while (end < common && end < at + 8 && a->data[end] != b->data[end])
        end++;
    g_autofree char *hex_a = hex_at(a, at, end - at), *hex_b = hex_at(b, at, end - at);
    g_autofree char *offset = diff_number(at);
    Diff *diff =
        diff_new("the bytes differ from byte %s (0x%" G_GSIZE_MODIFIER "x) on: %s against %s",
                 offset, at, hex_a, hex_b);
    if (MAX(a->size, b->size) <= COUNT_BYTES) {
        g_autofree char *count = plural(bytes_count(a, b), "byte");
        g_autofree char *all = diff_number(common);
        diff_line(diff, "%s of %s that both have differ", count, all);
    }
    return diff;
}

Diff *diff_binary(const DiffSide *a, const DiffSide *b) {
    gsize at = (gsize)bytes_first(a, b);
    Diff *diff = diff_prefix(a, b);
    gboolean is_one = !diff && a->size == b->size && bytes_same_end(a, at + 1, b, at + 1);
    if (is_one) return one_byte(a, b, at);
    gboolean is_small = MAX(a->size, b->size) <= COUNT_BYTES;
    for (gsize group = 8; !diff && is_small && group >= 2; group /= 2)
        if (is_reversed(a, b, group) && !(group > 2 && is_reversed(a, b, group / 2)))
            diff = diff_new("the byte order (endianness) differs: each group of %" G_GSIZE_FORMAT
                            " bytes is reversed",
                            group);
    if (!diff) diff = timestamp(a, b, at);
    if (!diff) diff = inserted(a, b, at);
    if (!diff) diff = zeroed(a, b, at);
    return diff ? diff : many_bytes(a, b, at);
}

/* ---- arm64 Image ---- */

#define IMAGE_MAGIC    "ARM\x64"
#define IMAGE_MAGIC_AT 56
#define IMAGE_HEADER   64

static const struct {
    const char *name;
    guint8 at, size;
} image_fields[] = {
    {"code0", 0, 4},       {"code1", 4, 4},  {"text_offset", 8, 8},
    {"image_size", 16, 8}, {"flags", 24, 8}, {"res2", 32, 8},
    {"res3", 40, 8},       {"res4", 48, 8},  {"res5 (offset of the PE header)", 60, 4}};

static guint64 field_at(const DiffSide *side, gsize at, gsize size) {
    guint64 value = 0;
    memcpy(&value, side->data + at, size);
    return GUINT64_FROM_LE(value);
}

/* The instruction at a multiple of four, if both sides have one there. */
static Diff *image_code(const DiffSide *a, const DiffSide *b, gsize at) {
    gsize word = at & ~(gsize)3;
    if (word + 4 > MIN(a->size, b->size)) return NULL;
    g_autoptr(Disasm) disasm = disasm_new(DISASM_AARCH64, FALSE);
    DiffSide one = diff_part(a, word, 4), other = diff_part(b, word, 4);
    DisasmInstruction first, second;
    if (!disasm || !disasm_at(disasm, &one, 0, word, &first) ||
        !disasm_at(disasm, &other, 0, word, &second) || strcmp(first.text, second.text) == 0)
        return NULL;
    return diff_new("arm64 Image, instruction at 0x%" G_GSIZE_MODIFIER "x: \"%s\" against \"%s\"",
                    word, first.text, second.text);
}

Diff *diff_image(const DiffSide *a, const DiffSide *b) {
    if (!bytes_begin(a, IMAGE_MAGIC_AT, IMAGE_MAGIC, 4) ||
        !bytes_begin(b, IMAGE_MAGIC_AT, IMAGE_MAGIC, 4) || MIN(a->size, b->size) < IMAGE_HEADER)
        return NULL;
    gsize at = (gsize)bytes_first(a, b);
    for (guint i = 0; i < G_N_ELEMENTS(image_fields); i++) {
        guint64 one = field_at(a, image_fields[i].at, image_fields[i].size);
        guint64 other = field_at(b, image_fields[i].at, image_fields[i].size);
        if (one == other) continue;
        /* A size that differs follows from the content behind the header. */
        if (i >= 2 && strcmp(image_fields[i].name, "image_size") == 0 && a->size != b->size)
            continue;
        return diff_new("arm64 Image header, %s: 0x%" G_GINT64_MODIFIER
                        "x against 0x%" G_GINT64_MODIFIER "x",
                        image_fields[i].name, one, other);
    }
    DiffSide body_a = diff_part(a, IMAGE_HEADER, a->size - IMAGE_HEADER);
    DiffSide body_b = diff_part(b, IMAGE_HEADER, b->size - IMAGE_HEADER);
    if (at < IMAGE_HEADER) at = IMAGE_HEADER + (gsize)MAX(0, bytes_first(&body_a, &body_b));
    Diff *diff = diff_binary(a, b);
    Diff *code = image_code(a, b, at);
    if (code) {
        if (g_str_has_prefix(diff->cause, "one b")) {
            diff_more(diff, "; instruction \"%s", strstr(code->cause, ": \"") + 3);
            diff_free(code);
        } else if (g_str_has_prefix(diff->cause, "the bytes differ")) {
            diff_also(code, diff);
            return code;
        } else {
            diff_also(diff, code);
        }
    }
    return diff;
}
