/* Instructions as text. */
#pragma once
#include "differ/diff.h"

typedef enum {
    DISASM_NONE,
    DISASM_AARCH64,
    DISASM_ARM,
    DISASM_X86_64,
    DISASM_X86_32,
    DISASM_RISCV64
} DisasmMachine;

typedef struct _Disasm Disasm;

typedef struct {
    gsize size;           /* of the instruction in bytes */
    guint64 target;       /* of a branch, or 0 */
    gboolean is_relative; /* its text depends on where it stands: branches, addresses by the program
                             counter */
    char mnemonic[32];
    char text[160];
} DisasmInstruction;

/* NULL for DISASM_NONE. Free with disasm_free. */
Disasm *disasm_new(DisasmMachine machine, gboolean is_big_endian);
void disasm_free(Disasm *disasm);

/* Thumb instructions for 32-bit Arm, or back. */
void disasm_set_thumb(Disasm *disasm, gboolean is_thumb);

/* The instruction at offset `at` of `code`, whose first byte has the address `address`. FALSE at
 * the end. What is no instruction becomes ".byte" or ".inst". */
gboolean disasm_at(Disasm *disasm, const DiffSide *code, gsize at, guint64 address,
                   DisasmInstruction *ret);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Disasm, disasm_free)
