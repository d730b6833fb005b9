/*
 * The lines of a gate file: sections, keys with an optional argument, values. It knows the
 * syntax of lines; gate.c knows the meaning of keys.
 *
 *     # a comment                 (a whole line; '#' inside a value is part of the value)
 *     [case hex1]                 section "case", argument "hex1"
 *     expect /hex1 = golden       key "expect", argument "/hex1", value "golden"
 */
#pragma once
#include "base/diag.h"

/* A gate file is written by hand; more than this is the wrong file. */
#define LEX_FILE_MAX (1024 * 1024)

typedef enum { LEX_SECTION, LEX_KEY, LEX_END } LexKind;

typedef struct {
    LexKind kind;
    DiagSpan name;     /* section or key */
    DiagSpan argument; /* may be empty */
    DiagSpan value;    /* LEX_KEY: without the white space around it; may be empty */
} LexLine;

/* Reads through a file line by line; set `file` and `at` = 0 to begin. */
typedef struct {
    const DiagFile *file;
    gsize at;
} Lexer;

/* TRUE when `file` is small enough, UTF-8 and free of control bytes; else FALSE and *error. */
gboolean lex_check_text(const DiagFile *file, GError **error);

/* The next section or key, or LEX_END. FALSE and *error for any other line. */
gboolean lex_next(Lexer *lexer, LexLine *ret_line, GError **error);

/* A copy of the bytes of `span`; free with g_free. */
char *lex_dup(const DiagFile *file, DiagSpan span);
gboolean lex_equal(const DiagFile *file, DiagSpan span, const char *text);

/* The next word of *rest, which moves past it: "quoted text" or the text up to white space.
 * The word's span excludes the quotes of a quoted word, for which *ret_quoted is TRUE; escapes
 * are not decoded. FALSE at the end (no *error) and for an unterminated string (*error). */
gboolean lex_word(const DiagFile *file, DiagSpan *rest, DiagSpan *ret_word, gboolean *ret_quoted,
                  GError **error);

/* An escape in quoted text: its syntax, the byte, and a description. */
typedef struct {
    const char *syntax;
    char byte; /* unused for \xHH */
    const char *help;
} LexEscape;

/* All of them; ends with a NULL syntax. */
extern const LexEscape lex_escapes[];

/* Decodes the text between quotes. NULL and *error for an invalid escape. */
GBytes *lex_unquote(const DiagFile *file, DiagSpan word, GError **error);
