/*
 * Where the bytes of a guest file come from. A source is one or more parts, joined in order; the
 * forms of a part are source_syntaxes:
 *
 *     file /all = fixture:head + "\n" + random:7:1M
 */
#pragma once
#include "base/diag.h"

typedef enum { SOURCE_FIXTURE, SOURCE_BUILD, SOURCE_OUT, SOURCE_TEXT, SOURCE_RANDOM } SourceKind;

typedef struct {
    SourceKind kind;
    DiagSpan span; /* its place in the gate file */
    char *path;    /* FIXTURE, BUILD, OUT: relative to fixtures/GATE/, build/, build/out/;
                      FIXTURE with "/" in front: to fixtures/ */
    GBytes *text;  /* TEXT */
    guint64 seed;  /* RANDOM */
    guint64 size;  /* RANDOM */
} SourcePart;

/* A form of a part: its prefix ("" for a text in quotes), the syntax after it, and its help. */
typedef struct {
    SourceKind kind;
    const char *prefix, *rest, *help;
} SourceSyntax;

/* All of them; ends with a NULL help. */
extern const SourceSyntax source_syntaxes[];

/* The forms that can name a folder. */
#define SOURCE_FOLDER_SYNTAX "fixture:DIR, build:DIR or out:GATE/CASE/DIR"

/* Whether a source is one part that can be a folder. */
gboolean source_is_folder(const GPtrArray *source);

/* Reads `span` of `file` as a source; a GPtrArray of SourcePart that owns them, or NULL and
 * *error. The array frees its parts. */
GPtrArray *source_parse(const DiagFile *file, DiagSpan span, GError **error);

/* A source with the bytes `content`. */
GPtrArray *source_of_bytes(GBytes *content);

/* `size` bytes of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
 * generators", 2014, figure 2 with its constants), each output little-endian. */
GBytes *source_random(guint64 seed, gsize size);

/*
 * A number of bytes, "4096", "512K", "1M", "2G" (powers of 1024). `max` is the largest accepted.
 */
gboolean source_parse_size(const DiagFile *file, DiagSpan span, guint64 max, guint64 *ret_size,
                           GError **error);
