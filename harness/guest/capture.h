/*
 * The state of a guest that is stopped from outside: registers, return addresses, memory at SP,
 * asked of QEMU step by step. A pure machine: it gives the next command and takes its answer;
 * run.c moves them over QMP.
 */
#pragma once
#include <glib.h>

/* A chain of frame records longer than this is a loop. */
#define CAPTURE_FRAMES_MAX 32

typedef struct {
    guint step;
    guint64 pc, sp, fp, lr;
    GArray *frames;     /* of guint64: return addresses, innermost first */
    GString *registers; /* as text */
    GString *stack;     /* memory at SP, as text */
} Capture;

Capture *capture_new(void);
void capture_free(Capture *capture);

/* The next command of QEMU's human monitor, or NULL when all is known; free with g_free. */
char *capture_next(Capture *capture);

/* The answer to it. */
void capture_answer(Capture *capture, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Capture, capture_free)
