#include "guest/capture.h"
#include <string.h>

/* Step 0 asks for registers, step 1 for memory at SP, the others for frame records. */
enum { STEP_REGISTERS, STEP_STACK, STEP_FRAMES };

/* Doublewords shown at SP. */
#define STACK_WORDS 16

Capture *capture_new(void) {
    Capture *capture = g_new0(Capture, 1);
    capture->frames = g_array_new(FALSE, FALSE, sizeof(guint64));
    capture->registers = g_string_new(NULL);
    capture->stack = g_string_new(NULL);
    return capture;
}

void capture_free(Capture *capture) {
    g_array_unref(capture->frames);
    g_string_free(capture->registers, TRUE);
    g_string_free(capture->stack, TRUE);
    g_free(capture);
}

char *capture_next(Capture *capture) {
    if (capture->step == STEP_REGISTERS) return g_strdup("info registers");
    if (capture->pc == 0 && capture->sp == 0) return NULL;
    if (capture->step == STEP_STACK)
        return g_strdup_printf("x /%dgx 0x%" G_GINT64_MODIFIER "x", STACK_WORDS, capture->sp);
    if (capture->fp == 0 || capture->fp % 16 || capture->frames->len >= CAPTURE_FRAMES_MAX)
        return NULL;
    return g_strdup_printf("x /2gx 0x%" G_GINT64_MODIFIER "x", capture->fp);
}

/* The hex number after "NAME=" in QEMU's register dump ("PC=", "X29=", "SP="); 0 if missing. */
static guint64 register_value(const char *text, const char *name) {
    gsize length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)); at += length)
        if ((at == text || g_ascii_isspace(at[-1])) && at[length] == '=')
            return g_ascii_strtoull(at + length + 1, NULL, 16);
    return 0;
}

/* "ADDRESS: 0xA 0xB": the two doublewords. */
static gboolean parse_record(const char *text, guint64 *ret_next, guint64 *ret_return) {
    const char *colon = strchr(text, ':');
    char *end;
    if (!colon) return FALSE;
    const char *at = colon + 1;
    *ret_next = g_ascii_strtoull(at, &end, 16);
    if (end == at) return FALSE;
    at = end;
    *ret_return = g_ascii_strtoull(at, &end, 16);
    return end != at;
}

void capture_answer(Capture *capture, const char *text) {
    guint64 next, back;
    switch (capture->step) {
    case STEP_REGISTERS:
        g_string_assign(capture->registers, text);
        capture->pc = register_value(text, "PC");
        capture->sp = register_value(text, "SP");
        capture->fp = register_value(text, "X29");
        capture->lr = register_value(text, "X30");
        capture->step = STEP_STACK;
        break;
    case STEP_STACK:
        g_string_assign(capture->stack, text);
        capture->step = STEP_FRAMES;
        break;
    default:
        /* Frame records go up the stack (Procedure Call Standard for AArch64, 6.4.6). */
        if (!parse_record(text, &next, &back) || back == 0 || (next != 0 && next <= capture->fp)) {
            capture->fp = 0;
            break;
        }
        g_array_append_val(capture->frames, back);
        capture->fp = next;
    }
}
