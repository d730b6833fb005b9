/*
 * A kernel line (docs/contract.md, Console): "=== KIND field=value ... ===".
 * A pure parser of one line; console_parser.h finds the lines in a stream.
 */
#pragma once
#include <glib.h>

typedef enum {
    LINE_BOOT,
    LINE_SPAWN,
    LINE_EXIT,
    LINE_ENOSYS,
    LINE_DUMP_BEGIN,
    LINE_FILE,
    LINE_DUMP_END,
    LINE_REGISTERS, /* registers at a panic */
    LINE_BACKTRACE, /* return addresses at a panic */
    LINE_PANIC,
    LINE_LOST, /* files that could not be saved after a panic */
    LINE_END,
} KernelLineKind;

/* Strings live in the GStringChunk given to kernel_line_parse. Times are ticks of the guest's
 * counter. */
typedef struct {
    KernelLineKind kind;
    gboolean newline_added; /* the newline before the line is the kernel's, not a program's */
    union {
        struct {
            guint64 mem_bytes, freq_hz, ticks;
        } boot;
        struct {
            guint64 pid, ppid, argc, ticks;
            const char *path; /* decoded */
            const char *argv; /* as on the line: percent-encoded, joined with "," */
        } spawn;
        struct {
            guint64 pid, status, signal, elr, far, esr, ticks; /* signal 0: it exited */
        } exit;
        struct {
            guint64 number, pid;
        } enosys;
        struct {
            guint64 size;
            const char *path; /* decoded */
        } file;
        const char *text; /* REGISTERS, BACKTRACE: the fields; PANIC, LOST: the reason */
        struct {
            guint64 status, files, leaked_pages, ticks;
        } end;
    };
} KernelLine;

typedef enum {
    LINE_PARSE_OK,
    LINE_PARSE_TEXT,    /* not a kernel line */
    LINE_PARSE_FOREIGN, /* looks like one but lacks this attempt's nonce: program output */
    LINE_PARSE_BAD,     /* has the nonce but is malformed: *error */
} KernelLineParse;

/*
 * Parses `length` bytes of a line without its newline. `nonce` is the attempt's, or NULL to
 * accept lines without one (the nonce of a line is then ignored).
 */
KernelLineParse kernel_line_parse(const char *line, gsize length, const char *nonce,
                                  GStringChunk *strings, KernelLine *ret_line, GError **error);

/* "BOOT", "SPAWN", ... */
const char *kernel_line_name(KernelLineKind kind);

/* Decodes %XX in `text` (`length` bytes). NULL when an escape is broken or yields a NUL. */
char *kernel_line_decode(const char *text, gsize length);
