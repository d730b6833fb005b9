/*
 * The console of a guest as a stream: push bytes as they arrive, pull items. It recognizes
 * kernel lines (kernel_line.h) and the hex of dumped files; all else is program output.
 *
 *     console_push (console, bytes, length);
 *     while (console_pull (console, &item)) ...
 */
#pragma once
#include "attempt/kernel_line.h"

typedef struct _Console Console;

typedef enum {
    CONSOLE_TEXT,     /* program output: data, length */
    CONSOLE_FOREIGN,  /* program output that has the form of a kernel line: data, length */
    CONSOLE_LINE,     /* a kernel line: kernel_line, and its bytes in data, length */
    CONSOLE_DATA,     /* the next bytes of the file that the last FILE line began */
    CONSOLE_FILE_END, /* the file is complete: kernel_line is its FILE line again */
    CONSOLE_BAD,      /* a kernel line or dump is malformed: message */
} ConsoleKind;

/* Pointers hold until the next call. */
typedef struct {
    ConsoleKind kind;
    const guint8 *data;
    gsize length;
    const KernelLine *kernel_line;
    const char *message;
} ConsoleItem;

/* `nonce`: see kernel_line_parse; copied. `strings` receives the strings of kernel lines and must
 * outlive the console; it may be cleared while no file is open. */
Console *console_new(const char *nonce, GStringChunk *strings);
void console_free(Console *console);

/* Gives `length` bytes, which must stay valid until console_pull has returned FALSE. */
void console_push(Console *console, const guint8 *data, gsize length);

/* Marks the end of the stream; the remaining items can then be pulled. */
void console_end(Console *console);

/* The next item; FALSE when more bytes are needed. */
gboolean console_pull(Console *console, ConsoleItem *ret_item);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Console, console_free)
