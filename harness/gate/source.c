#include "gate/source.h"
#include "base/lex.h"
#include "base/paths.h"
#include "base/quantity.h"
#include <string.h>

/* Random input is kept in memory; a case that needs more uses a file. */
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
        return diag_error(error, file, span, "expected " QUANTITY_SIZE_SYNTAX);
    if (size > max)
        return diag_error(error, file, span, "the limit is %" G_GUINT64_FORMAT " bytes", max);
    *ret_size = size;
    return TRUE;
}

const SourceSyntax source_syntaxes[] = {
    {SOURCE_FIXTURE, "fixture:", "PATH",
     "A file below fixtures/GATE/ of this gate. With a slash in front, fixture:/OTHER/PATH, below "
     "fixtures/."},
    {SOURCE_BUILD, "build:", "PATH", "A file below build/; \"make build\" creates it."},
    {SOURCE_OUT, "out:", "GATE/CASE/PATH",
     "The file /PATH that a case left: an earlier case of this gate, or a case of a gate in "
     "needs."},
    {SOURCE_RANDOM, "random:", "SEED:SIZE",
     "SIZE bytes from a generator with the seed SEED, the same everywhere."},
    {SOURCE_TEXT, "", "\"text\"", "These bytes."},
    {SOURCE_TEXT, NULL, NULL, NULL}};

/* The text after the prefix: a relative path that stays below its folder. */
static gboolean parse_path(const DiagFile *file, DiagSpan span, const SourceSyntax *syntax,
                           SourcePart *part, GError **error) {
    g_autofree char *path = lex_dup(file, span);
    const char *why = path_check_relative(path);
    if (why && *path == '/')
        return diag_error(error, file, span, "the path %s. %s%s: %s", why, syntax->prefix,
                          syntax->rest, syntax->help);
    if (why) return diag_error(error, file, span, "the path %s", why);
    part->path = g_steal_pointer(&path);
    return TRUE;
}

/* The same, or with "/" in front for a path below all fixtures. */
static gboolean parse_fixture(const DiagFile *file, DiagSpan span, const SourceSyntax *syntax,
                              SourcePart *part, GError **error) {
    gboolean absolute = span.begin < span.end && file->text[span.begin] == '/';
    DiagSpan relative = {span.begin + absolute, span.end};
    if (!parse_path(file, relative, syntax, part, error)) return FALSE;
    if (!absolute) return TRUE;
    g_autofree char *path = part->path;
    part->path = g_strconcat("/", path, NULL);
    return TRUE;
}

static gboolean parse_random(const DiagFile *file, DiagSpan span, const SourceSyntax *syntax,
                             SourcePart *part, GError **error) {
    const char *begin = file->text + span.begin;
    const char *colon = memchr(begin, ':', span.end - span.begin);
    if (!colon) return diag_error(error, file, span, "expected %s%s", syntax->prefix, syntax->rest);
    g_autofree char *seed = g_strndup(begin, (gsize)(colon - begin));
    if (!g_ascii_string_to_unsigned(seed, 10, 0, G_MAXUINT64, &part->seed, NULL))
        return diag_error(error, file, span,
                          "the seed must be a decimal number of at most 64 bits");
    DiagSpan size = {span.begin + (gsize)(colon - begin) + 1, span.end};
    return source_parse_size(file, size, RANDOM_MAX, &part->size, error);
}

static gboolean (*const parsers[])(const DiagFile *, DiagSpan, const SourceSyntax *, SourcePart *,
                                   GError **) = {[SOURCE_FIXTURE] = parse_fixture,
                                                 [SOURCE_BUILD] = parse_path,
                                                 [SOURCE_OUT] = parse_path,
                                                 [SOURCE_RANDOM] = parse_random};

static gboolean refuse_source(const DiagFile *file, DiagSpan word, GError **error) {
    g_autoptr(GString) known = g_string_new(NULL);
    for (const SourceSyntax *syntax = source_syntaxes; syntax->help; syntax++)
        g_string_append_printf(known, "%s%s%s",
                               !known->len      ? ""
                               : syntax[1].help ? ", "
                                                : " or ",
                               syntax->prefix, syntax->rest);
    return diag_error(error, file, word, "expected a source: %s", known->str);
}

static gboolean parse_prefixed(const DiagFile *file, DiagSpan word, SourcePart *part,
                               GError **error) {
    gsize length = word.end - word.begin;
    for (const SourceSyntax *syntax = source_syntaxes; syntax->help; syntax++) {
        gsize prefix = strlen(syntax->prefix);
        if (prefix == 0 || length < prefix ||
            memcmp(file->text + word.begin, syntax->prefix, prefix) != 0)
            continue;
        part->kind = syntax->kind;
        return parsers[part->kind](file, (DiagSpan){word.begin + prefix, word.end}, syntax, part,
                                   error);
    }
    return refuse_source(file, word, error);
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
                       plus ? "missing source before \"+\"" : "expected \"+\" between sources");
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
        diag_error(error, file, (DiagSpan){span.end, span.end}, "missing source");
        return NULL;
    }
    return g_steal_pointer(&parts);
}

gboolean source_is_folder(const GPtrArray *source) {
    const SourcePart *part = source->pdata[0];
    return source->len == 1 && part->kind != SOURCE_TEXT && part->kind != SOURCE_RANDOM;
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
