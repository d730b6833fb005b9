#include "source.h"
#include "lex.h"
#include "paths.h"
#include "quantity.h"
#include <string.h>

/* Random input lives in memory while a guest is fed; a case that needs more names a file. */
#define RANDOM_MAX (256u * 1024 * 1024)

static void source_part_free(gpointer data) {
    SourcePart *part = data;
    g_free(part->path);
    g_clear_pointer(&part->text, g_bytes_unref);
    g_free(part);
}

gboolean source_parse_size(const DiagFile *file, DiagSpan span, guint64 max, guint64 *ret_size,
                           GError **error) {
    g_autofree char *text = lex_dup(file, span);
    guint64 size;
    if (!quantity_size(text, &size))
        return diag_error(error, file, span, "a size is " QUANTITY_SIZE_SYNTAX);
    if (size > max)
        return diag_error(error, file, span, "at most %" G_GUINT64_FORMAT " bytes", max);
    *ret_size = size;
    return TRUE;
}

/* What stands behind the prefix: a relative path that stays below its folder. */
static gboolean parse_path(const DiagFile *file, DiagSpan span, SourcePart *part, GError **error) {
    g_autofree char *path = lex_dup(file, span);
    const char *why = path_check_relative(path);
    if (why) return diag_error(error, file, span, "the path %s", why);
    part->path = g_steal_pointer(&path);
    return TRUE;
}

/* The same, or with "/" in front for a path below all fixtures. */
static gboolean parse_fixture(const DiagFile *file, DiagSpan span, SourcePart *part,
                              GError **error) {
    gboolean absolute = span.begin < span.end && file->text[span.begin] == '/';
    if (!parse_path(file, (DiagSpan){span.begin + absolute, span.end}, part, error)) return FALSE;
    if (!absolute) return TRUE;
    g_autofree char *path = part->path;
    part->path = g_strconcat("/", path, NULL);
    return TRUE;
}

static gboolean parse_random(const DiagFile *file, DiagSpan span, SourcePart *part,
                             GError **error) {
    const char *begin = file->text + span.begin;
    const char *colon = memchr(begin, ':', span.end - span.begin);
    if (!colon) return diag_error(error, file, span, "random bytes are named random:SEED:SIZE");
    g_autofree char *seed = g_strndup(begin, (gsize)(colon - begin));
    if (!g_ascii_string_to_unsigned(seed, 10, 0, G_MAXUINT64, &part->seed, NULL))
        return diag_error(error, file, span, "the seed is a decimal number of at most 64 bits");
    DiagSpan size = {span.begin + (gsize)(colon - begin) + 1, span.end};
    return source_parse_size(file, size, RANDOM_MAX, &part->size, error);
}

static const struct {
    const char *prefix;
    SourceKind kind;
    gboolean (*parse)(const DiagFile *, DiagSpan, SourcePart *, GError **);
} prefixes[] = {
    {"fixture:", SOURCE_FIXTURE, parse_fixture},
    {"build:", SOURCE_BUILD, parse_path},
    {"out:", SOURCE_OUT, parse_path},
    {"random:", SOURCE_RANDOM, parse_random},
};

static gboolean parse_prefixed(const DiagFile *file, DiagSpan word, SourcePart *part,
                               GError **error) {
    gsize length = word.end - word.begin;
    for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        gsize prefix = strlen(prefixes[i].prefix);
        if (length < prefix || memcmp(file->text + word.begin, prefixes[i].prefix, prefix) != 0)
            continue;
        part->kind = prefixes[i].kind;
        return prefixes[i].parse(file, (DiagSpan){word.begin + prefix, word.end}, part, error);
    }
    return diag_error(error, file, word,
                      "expected a source: fixture:PATH, build:PATH, out:GATE/CASE/PATH, "
                      "random:SEED:SIZE or \"text\"");
}

static gboolean parse_part(const DiagFile *file, DiagSpan word, gboolean quoted, SourcePart *part,
                           GError **error) {
    part->span = word;
    if (!quoted) return parse_prefixed(file, word, part, error);
    part->kind = SOURCE_TEXT;
    part->text = lex_unquote(file, word, error);
    return part->text != NULL;
}

GPtrArray *source_parse(const DiagFile *file, DiagSpan span, GError **error) {
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(source_part_free);
    GError *failed = NULL;
    DiagSpan rest = span, word;
    gboolean quoted, want_part = TRUE;
    while (lex_word(file, &rest, &word, &quoted, &failed)) {
        gboolean plus = !quoted && lex_equal(file, word, "+");
        if (plus == want_part) {
            diag_error(error, file, word,
                       plus ? "a source must stand before \"+\"" : "sources are joined with \"+\"");
            return NULL;
        }
        want_part = plus;
        if (plus) continue;
        SourcePart *part = g_new0(SourcePart, 1);
        g_ptr_array_add(parts, part);
        if (!parse_part(file, word, quoted, part, error)) return NULL;
    }
    if (failed) {
        g_propagate_error(error, failed);
        return NULL;
    }
    if (want_part) {
        diag_error(error, file, (DiagSpan){span.end, span.end}, "a source is missing here");
        return NULL;
    }
    return g_steal_pointer(&parts);
}

GPtrArray *source_of_bytes(GBytes *content) {
    GPtrArray *parts = g_ptr_array_new_with_free_func(source_part_free);
    SourcePart *part = g_new0(SourcePart, 1);
    part->kind = SOURCE_TEXT;
    part->text = g_bytes_ref(content);
    g_ptr_array_add(parts, part);
    return parts;
}

GBytes *source_random(guint64 seed, gsize size) {
    guint8 *bytes = g_malloc(size);
    for (gsize at = 0; at < size; at += 8) {
        guint64 z = seed += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
        z = GUINT64_TO_LE(z ^ (z >> 31));
        memcpy(bytes + at, &z, MIN(size - at, 8));
    }
    return g_bytes_new_take(bytes, size);
}
