/* Instructions by libcapstone. */
#include "differ/disasm_library.h"
#include <capstone/capstone.h>

struct _DisasmEngine {
    csh handle;
    cs_insn *instruction; /* what libcapstone writes into */
    gboolean is_big_endian;
};

/* RISC-V came with libcapstone 5. */
static gboolean find_machine(DisasmMachine machine, cs_arch *ret_arch, cs_mode *ret_mode) {
    switch (machine) {
    case DISASM_AARCH64: *ret_arch = CS_ARCH_ARM64, *ret_mode = CS_MODE_ARM; return TRUE;
    case DISASM_ARM: *ret_arch = CS_ARCH_ARM, *ret_mode = CS_MODE_ARM; return TRUE;
    case DISASM_X86_64: *ret_arch = CS_ARCH_X86, *ret_mode = CS_MODE_64; return TRUE;
    case DISASM_X86_32: *ret_arch = CS_ARCH_X86, *ret_mode = CS_MODE_32; return TRUE;
#if CS_API_MAJOR >= 5
    case DISASM_RISCV64:
        *ret_arch = CS_ARCH_RISCV, *ret_mode = CS_MODE_RISCV64 | CS_MODE_RISCVC;
        return TRUE;
#endif
    default: return FALSE;
    }
}

static DisasmEngine *open_engine(DisasmMachine machine, gboolean is_big_endian) {
    cs_arch arch;
    cs_mode mode;
    csh handle;
    if (!find_machine(machine, &arch, &mode)) return NULL;
    if (is_big_endian) mode |= CS_MODE_BIG_ENDIAN;
    if (cs_open(arch, mode, &handle) != CS_ERR_OK) return NULL;
    cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
    DisasmEngine *engine = g_new0(DisasmEngine, 1);
    *engine = (DisasmEngine){
        .handle = handle, .instruction = cs_malloc(handle), .is_big_endian = is_big_endian};
    return engine;
}

static void close_engine(DisasmEngine *engine) {
    cs_free(engine->instruction, 1);
    cs_close(&engine->handle);
    g_free(engine);
}

static void set_thumb(DisasmEngine *engine, gboolean is_thumb) {
    cs_option(engine->handle, CS_OPT_MODE,
              (size_t)((is_thumb ? CS_MODE_THUMB : CS_MODE_ARM) |
                       (engine->is_big_endian ? CS_MODE_BIG_ENDIAN : 0)));
}

static gboolean in_group(const DisasmEngine *engine, guint group) {
    return cs_insn_group(engine->handle, engine->instruction, group);
}

static gboolean decode(DisasmEngine *engine, const guint8 *bytes, gsize size, guint64 address,
                       DisasmDecoded *ret) {
    const cs_insn *instruction = engine->instruction;
    if (!cs_disasm_iter(engine->handle, &bytes, &size, &address, engine->instruction)) return FALSE;
    *ret = (DisasmDecoded){.size = instruction->size,
                           .is_branch = in_group(engine, CS_GRP_JUMP) ||
                                        in_group(engine, CS_GRP_CALL) ||
                                        in_group(engine, CS_GRP_BRANCH_RELATIVE),
                           .mnemonic = instruction->mnemonic,
                           .operands = instruction->op_str};
    return TRUE;
}

const DisasmLibrary disasm_library = {open_engine, close_engine, set_thumb, decode};
