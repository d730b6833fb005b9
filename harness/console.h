/*
 * The console of a guest as a stream: push bytes as they arrive, pull what they mean. It knows
 * kernel lines (frame.h), the hex of dumped files, and takes all else for program output.
 *
 *     console_push (console, bytes, length);
 *     while (console_pull (console, &item)) ...
 */
#pragma once
#include "frame.h"

typedef struct _Console Console;

typedef enum {
    CONSOLE_TEXT,     /* program output: data, length */
    CONSOLE_FOREIGN,  /* program output that has the form of a kernel line: data, length */
    CONSOLE_FRAME,    /* a kernel line: frame, and its bytes in data, length */
    CONSOLE_DATA,     /* the next bytes of the file that the last FILE line began */
    CONSOLE_FILE_END, /* all bytes of that file have come: frame is that line's again */
    CONSOLE_BAD,      /* the kernel's part of the stream breaks its format: message */
} ConsoleKind;

/* Pointers hold until the next call. */
typedef struct {
    ConsoleKind kind;
    const guint8 *data;
    gsize length;
    const Frame *frame;
    const char *message;
} ConsoleItem;

/* `nonce`: see frame_parse; copied. `strings` receives the strings of frames
 * and must live on; it may be cleared where no FILE line stands open. */
Console *console_new(const char *nonce, GStringChunk *strings);
void console_free(Console *console);

/* Gives `length` bytes, which must stay valid until console_pull has returned FALSE. */
void console_push(Console *console, const guint8 *data, gsize length);

/* Says that the stream has ended; what is left can then be pulled. */
void console_end(Console *console);

/* The next item; FALSE when more bytes are needed. */
gboolean console_pull(Console *console, ConsoleItem *ret_item);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Console, console_free)
