/*
 * The state of a stopped guest: registers, return addresses, memory at SP and PC, queried from QEMU
 * step by step. A pure state machine: it gives the next command and takes its answer;
 * attempt_control.c moves them over QMP.
 */
#pragma once
#include <glib.h>

/* Bytes of code that tell where a kernel runs. */
#define CAPTURE_CODE 64

/* A chain of frame records longer than this is a loop. */
#define CAPTURE_FRAMES_MAX 32

typedef struct {
    char *arch;
    guint step;
    guint word;             /* bytes of a register */
    int record;             /* from the frame pointer to its record */
    guint64 pc, sp, fp, lr; /* 0: unknown */
    GArray *frames;         /* of guint64: return addresses, innermost first */
    GString *registers;     /* as text */
    GString *stack;         /* memory at SP, as text */
    GByteArray *code;       /* memory at the program counter */
} Capture;

/* Of a guest of that architecture, by QEMU's name: aarch64, arm, x86_64, i386, riscv64, riscv32. Of
 * another the registers are shown as QEMU prints them. */
Capture *capture_new(const char *arch);
void capture_free(Capture *capture);

/* The next command of QEMU's human monitor, or NULL when the capture is complete; free with g_free.
 */
char *capture_next(Capture *capture);

/* Takes the answer to that command. */
void capture_answer(Capture *capture, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Capture, capture_free)
