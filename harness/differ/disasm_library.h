/*
 * What disasm.c needs of a library of disassemblers, in the module libdisasm.so
 * (modules/disasm_capstone.c): libcapstone's tables take longer to relocate than the program
 * itself, and only files that differ need them.
 */
#pragma once
#include "differ/disasm.h"

#define DISASM_LIBRARY_FILE "libdisasm.so"

typedef struct _DisasmEngine DisasmEngine;

typedef struct {
    gsize size; /* in bytes */
    gboolean is_branch;
    const char *mnemonic, *operands; /* valid until the next instruction of this engine */
} DisasmDecoded;

typedef struct {
    /* NULL for a machine that the library does not know. */
    DisasmEngine *(*open)(DisasmMachine machine, gboolean is_big_endian);
    void (*close)(DisasmEngine *engine);
    /* Of DISASM_ARM alone. */
    void (*set_thumb)(DisasmEngine *engine, gboolean is_thumb);
    /* The instruction at `bytes`, which lie at `address`; FALSE if they are none. */
    gboolean (*decode)(DisasmEngine *engine, const guint8 *bytes, gsize size, guint64 address,
                       DisasmDecoded *ret);
} DisasmLibrary;

/* Linked into tests and fuzz targets; the program loads it. */
extern const DisasmLibrary disasm_library __attribute__((weak));
