/*
 * The lines of a gate file: sections, keys with an optional argument, values. It knows the
 * shape of a line and nothing of what keys mean (gate.c does).
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
    DiagSpan argument; /* empty when there is none */
    DiagSpan value;    /* LEX_KEY: without the white space around it; may be empty */
} LexLine;

/* Reads through a file line by line; set `file` and `at` = 0 to begin. */
typedef struct {
    const DiagFile *file;
    gsize at;
} Lexer;

/* TRUE when `file` is small enough, UTF-8 and free of control bytes; else FALSE and *error. */
gboolean lex_check_text(const DiagFile *file, GError **error);

/* The next section or key, or LEX_END. FALSE and *error for a line of neither shape. */
gboolean lex_next(Lexer *lexer, LexLine *ret_line, GError **error);

/* A copy of the bytes of `span`; free with g_free. */
char *lex_dup(const DiagFile *file, DiagSpan span);
gboolean lex_equal(const DiagFile *file, DiagSpan span, const char *text);

/* The next word of *rest, which moves past it: "quoted text" or what stands up to white space.
 * The word's span excludes the quotes of a quoted word, which *ret_quoted tells; escapes are
 * not decoded. FALSE at the end (no *error) and for a string without end (*error). */
gboolean lex_word(const DiagFile *file, DiagSpan *rest, DiagSpan *ret_word, gboolean *ret_quoted,
                  GError **error);

/* An escape of a text in quotes: what is written, the byte, and what it stands for. */
typedef struct {
    const char *syntax;
    char byte; /* but for \xHH */
    const char *help;
} LexEscape;

/* All of them; ends with a NULL syntax. */
extern const LexEscape lex_escapes[];

/* The bytes that the text between quotes stands for. NULL and *error for an escape that is none. */
GBytes *lex_unquote(const DiagFile *file, DiagSpan word, GError **error);
