#include "guest/capture.h"
#include <string.h>

/* Registers, memory at SP, code at PC, then frame records. */
enum { STEP_REGISTERS, STEP_STACK, STEP_CODE, STEP_FRAMES };

/* Words shown at SP. */
#define STACK_WORDS 16

/*
 * The registers as QEMU prints them, and where a frame record lies. Of several rows of an
 * architecture the first counts whose pc is printed. Frame records: Procedure Call Standard for
 * AArch64, 6.4.6; System V ABI for AMD64, 3.2.2, and for i386, 2.2.3; RISC-V ABIs, "Frame Pointer
 * Convention". 32-bit Arm has no convention that all compilers keep.
 */
typedef struct {
    const char *arch, *pc, *sp, *fp, *lr;
    guint word; /* bytes; 4 or 8 */
    int record; /* from fp to the first of its two words, the next fp */
} Layout;

static const Layout layouts[] = {
    {"aarch64", "PC", "SP", "X29", "X30", 8, 0},
    {"aarch64", "R15", "R13", NULL, "R14", 4, 0},
    {"arm", "R15", "R13", NULL, "R14", 4, 0},
    {"x86_64", "RIP", "RSP", "RBP", NULL, 8, 0},
    {"x86_64", "EIP", "ESP", "EBP", NULL, 4, 0},
    {"i386", "EIP", "ESP", "EBP", NULL, 4, 0},
    {"riscv64", "pc", "x2/sp", "x8/s0", "x1/ra", 8, -16},
    {"riscv32", "pc", "x2/sp", "x8/s0", "x1/ra", 4, -8},
};

Capture *capture_new(const char *arch) {
    Capture *capture = g_new0(Capture, 1);
    capture->arch = g_strdup(arch);
    capture->word = 8;
    capture->frames = g_array_new(FALSE, FALSE, sizeof(guint64));
    capture->registers = g_string_new(NULL);
    capture->stack = g_string_new(NULL);
    capture->code = g_byte_array_new();
    return capture;
}

void capture_free(Capture *capture) {
    g_array_unref(capture->frames);
    g_string_free(capture->registers, TRUE);
    g_string_free(capture->stack, TRUE);
    g_byte_array_unref(capture->code);
    g_free(capture->arch);
    g_free(capture);
}

/* "g" and "w" are words of 8 and 4 bytes for QEMU's monitor. */
static char *examine(const Capture *capture, guint words, guint64 address) {
    return g_strdup_printf("x /%u%cx 0x%" G_GINT64_MODIFIER "x", words,
                           capture->word == 8 ? 'g' : 'w', address);
}

char *capture_next(Capture *capture) {
    if (capture->step == STEP_REGISTERS) return g_strdup("info registers");
    if (capture->pc == 0 && capture->sp == 0) return NULL;
    if (capture->step == STEP_STACK) return examine(capture, STACK_WORDS, capture->sp);
    if (capture->step == STEP_CODE)
        return g_strdup_printf("x /%dbx 0x%" G_GINT64_MODIFIER "x", CAPTURE_CODE, capture->pc);
    if (capture->fp == 0 || capture->fp % capture->word ||
        capture->frames->len >= CAPTURE_FRAMES_MAX)
        return NULL;
    return examine(capture, 2, capture->fp + (guint64)(gint64)capture->record);
}

/* Finds the hex number after "NAME=" or "NAME " in QEMU's register dump ("PC=", "X29=", " pc  ").
 */
static gboolean find_register(const char *text, const char *name, guint64 *ret) {
    gsize length = name ? strlen(name) : 0;
    for (const char *at = text; name && (at = strstr(at, name)); at += length) {
        const char *value = at + length;
        if ((at != text && !g_ascii_isspace(at[-1])) || (*value != '=' && *value != ' ')) continue;
        value += 1 + strspn(value + 1, " ");
        if (!g_ascii_isxdigit(*value)) continue;
        *ret = g_ascii_strtoull(value, NULL, 16);
        return TRUE;
    }
    return FALSE;
}

static void take_registers(Capture *capture, const char *text) {
    for (guint i = 0; i < G_N_ELEMENTS(layouts); i++) {
        const Layout *layout = &layouts[i];
        if (strcmp(layout->arch, capture->arch) != 0 ||
            !find_register(text, layout->pc, &capture->pc))
            continue;
        find_register(text, layout->sp, &capture->sp);
        find_register(text, layout->fp, &capture->fp);
        find_register(text, layout->lr, &capture->lr);
        capture->word = layout->word;
        capture->record = layout->record;
        return;
    }
}

/* "ADDRESS: 0xA 0xB ..." in each line: the bytes, as far as they can be read. */
static void take_code(Capture *capture, const char *text) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        char *at = strchr(*line, ':'), *end;
        while (at && capture->code->len < CAPTURE_CODE) {
            guint8 byte = (guint8)g_ascii_strtoull(++at, &end, 16);
            if (end == at) break;
            g_byte_array_append(capture->code, &byte, 1);
            at = *end == ' ' ? end : NULL;
        }
    }
}

/* "ADDRESS: 0xA 0xB": the two words. */
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
        take_registers(capture, text);
        capture->step = STEP_STACK;
        break;
    case STEP_STACK:
        g_string_assign(capture->stack, text);
        capture->step = STEP_CODE;
        break;
    case STEP_CODE:
        take_code(capture, text);
        capture->step = STEP_FRAMES;
        break;
    default:
        /* Frame records go up the stack. */
        if (!parse_record(text, &next, &back) || back == 0 || (next != 0 && next <= capture->fp)) {
            capture->fp = 0;
            break;
        }
        g_array_append_val(capture->frames, back);
        capture->fp = next;
    }
}
