/*
 * One line of the kernel's own (DESIGN.md, section 3, Console): "=== KIND field=value ... ===".
 * A pure parser of one line; console.h finds the lines in a stream.
 */
#pragma once
#include <glib.h>

typedef enum {
    FRAME_BOOT,
    FRAME_SPAWN,
    FRAME_EXIT,
    FRAME_ENOSYS,
    FRAME_DUMP_BEGIN,
    FRAME_FILE,
    FRAME_DUMP_END,
    FRAME_REGISTERS, /* of a kernel that panics */
    FRAME_BACKTRACE, /* return addresses of it */
    FRAME_PANIC,
    FRAME_LOST, /* files that could not be saved after a panic */
    FRAME_END,
} FrameKind;

/* Strings live in the GStringChunk given to frame_parse. Times are ticks of the guest's counter. */
typedef struct {
    FrameKind kind;
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
} Frame;

typedef enum {
    FRAME_PARSE_OK,
    FRAME_PARSE_TEXT,    /* not a kernel line at all */
    FRAME_PARSE_FOREIGN, /* has the form of one, but not this run's nonce: program output */
    FRAME_PARSE_BAD,     /* carries the nonce, but breaks the format: *error */
} FrameParse;

/*
 * Parses `length` bytes of a line without its newline. `nonce` is the run's, or NULL when lines
 * without one are accepted (a nonce that a line carries is then ignored).
 */
FrameParse frame_parse(const char *line, gsize length, const char *nonce, GStringChunk *strings,
                       Frame *ret_frame, GError **error);

/* "BOOT", "SPAWN", ... */
const char *frame_kind_name(FrameKind kind);

/* Decodes %XX in `text` (`length` bytes). NULL when an escape is broken or yields a NUL. */
char *frame_percent_decode(const char *text, gsize length);
