/* Answers of QEMU's monitor, with a NUL between them: what is asked next is bounded, and the last
 * one. */
#include "guest/capture.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const archs[] = {"aarch64", "arm",     "x86_64", "i386",
                                    "riscv64", "riscv32", "m68k"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autofree char *text = g_strndup("", size + 1);
    memcpy(text, data, size);
    Capture *capture = capture_new(archs[size % G_N_ELEMENTS(archs)]);
    guint questions = 0;
    const char *at = text, *end = text + size;
    for (char *question; (question = capture_next(capture)); g_free(question)) {
        if (++questions > CAPTURE_FRAMES_MAX + 4) abort();
        capture_answer(capture, at);
        at += at < end ? strlen(at) + (at + strlen(at) < end) : 0;
    }
    if (capture->frames->len > CAPTURE_FRAMES_MAX || capture->code->len > CAPTURE_CODE) abort();
    capture_free(capture);
    return 0;
}
