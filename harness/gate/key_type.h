/*
 * The types of key values. A type has functions that parse, copy, free and show a value; a row of
 * gate_keys.c gives the type of a key and the place of its value.
 */
#pragma once
#include "base/lex.h"
#include "gate/gate.h"

typedef struct {
    const DiagFile *file;
    const LexLine *line;
    gboolean is_again; /* an earlier line of the section has the same key */
} KeyContext;

/* `value` points to the place of the value; all zero is a valid value. */
typedef struct {
    gsize bytes;                              /* of a value */
    void (*init)(void *value);                /* sets the default value; NULL: zero */
    void (*clear)(void *value);               /* frees the value's memory; NULL: owns none */
    void (*copy)(void *to, const void *from); /* `to` is cleared; NULL: byte by byte */
    gboolean (*parse)(void *value, const KeyContext *context, GError **error);
    /* Adds lines of a gate file that give this value to `lines` (of char *); none if the key is not
     * given. Different values have different lines. */
    void (*show)(const void *value, const char *key, GPtrArray *lines);
} KeyType;

/* key_scalar.c */
extern const KeyType key_results, key_text, key_path, key_qemu_option, key_arch, key_memory,
    key_transport, key_net, key_program, key_accel, key_drivers, key_exit, key_signal, key_count,
    key_status, key_budget, key_percent, key_timeout, key_hang, key_yes_no;

/* key_list.c: words; files, trees, device nodes and the initrd of the guest; files that it must
 * leave; texts of the console
 */
extern const KeyType key_words, key_argv, key_file, key_tree, key_node, key_initrd, key_expect,
    key_take, key_console;

/* key_drive.c */
extern const KeyType key_disk, key_partition, key_flash, key_share, key_serial;

/* key_qemu.c */
extern const KeyType key_qemu_words;

/* key_dialog.c */
extern const KeyType key_dialog, key_talk, key_expressions;

/* Adds the line "key = value". */
void key_show(GPtrArray *lines, const char *key, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Sets *error to a message about the value of the line; always returns FALSE. */
gboolean key_refuse(const KeyContext *context, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Reads all words of the value, unquoted, into `words` (of GBytes). FALSE and *error, also if there
 * are none. */
gboolean key_parse_words(const KeyContext *context, GPtrArray *words, GError **error);

/* Reads `span` as a duration. */
gboolean key_parse_duration(const DiagFile *file, DiagSpan span, gint64 *ret_ns, GError **error);

/* A duration as written in a gate file. Free with g_free. */
char *key_duration(gint64 ns);
