#include "differ/disasm.h"
#include <capstone/capstone.h>
#include <string.h>

struct _Disasm {
    DisasmMachine machine;
    csh handle;
    cs_insn *instruction; /* what libcapstone writes into */
    gboolean is_big_endian, is_thumb;
};

/* RISC-V came with libcapstone 5: with an older one its instructions are shown as words. */
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

Disasm *disasm_new(DisasmMachine machine, gboolean is_big_endian) {
    cs_arch arch;
    cs_mode mode;
    Disasm *disasm = g_new0(Disasm, 1);
    *disasm = (Disasm){.machine = machine, .is_big_endian = is_big_endian};
    if (machine == DISASM_NONE) {
        g_free(disasm);
        return NULL;
    }
    if (!find_machine(machine, &arch, &mode)) return disasm;
    if (is_big_endian) mode |= CS_MODE_BIG_ENDIAN;
    if (cs_open(arch, mode, &disasm->handle) != CS_ERR_OK) {
        disasm->handle = 0;
        return disasm;
    }
    cs_option(disasm->handle, CS_OPT_DETAIL, CS_OPT_ON);
    disasm->instruction = cs_malloc(disasm->handle);
    return disasm;
}

void disasm_free(Disasm *disasm) {
    if (disasm->instruction) cs_free(disasm->instruction, 1);
    if (disasm->handle) cs_close(&disasm->handle);
    g_free(disasm);
}

void disasm_set_thumb(Disasm *disasm, gboolean is_thumb) {
    if (disasm->machine != DISASM_ARM || !disasm->handle || disasm->is_thumb == is_thumb) return;
    disasm->is_thumb = is_thumb;
    cs_option(disasm->handle, CS_OPT_MODE,
              (size_t)((is_thumb ? CS_MODE_THUMB : CS_MODE_ARM) |
                       (disasm->is_big_endian ? CS_MODE_BIG_ENDIAN : 0)));
}

/* The size of what is no instruction; RISC-V manual, section 1.5, for its two lengths. */
static gsize unit(const Disasm *disasm, const guint8 *bytes) {
    switch (disasm->machine) {
    case DISASM_AARCH64: return 4;
    case DISASM_ARM: return disasm->is_thumb ? 2 : 4;
    case DISASM_RISCV64: return (bytes[0] & 3) == 3 ? 4 : 2;
    default: return 1;
    }
}

static void as_word(const Disasm *disasm, const guint8 *bytes, gsize left, DisasmInstruction *ret) {
    ret->size = MIN(unit(disasm, bytes), left);
    g_autoptr(GString) word = g_string_new("0x");
    for (gsize i = 0; i < ret->size; i++)
        g_string_append_printf(word, "%02x", bytes[disasm->is_big_endian ? i : ret->size - 1 - i]);
    g_strlcpy(ret->mnemonic, ret->size == 1 ? ".byte" : ".inst", sizeof ret->mnemonic);
    g_snprintf(ret->text, sizeof ret->text, "%s %s", ret->mnemonic, word->str);
}

static gboolean in_group(const Disasm *disasm, guint group) {
    return cs_insn_group(disasm->handle, disasm->instruction, group);
}

/* The address that a branch names, as the last number of its operands. */
static guint64 find_target(const char *operands) {
    const char *at = strrchr(operands, '#');
    at = at ? at + 1 : g_strrstr(operands, "0x");
    return at && g_str_has_prefix(at, "0x") ? g_ascii_strtoull(at, NULL, 16) : 0;
}

static gboolean names_pc(const char *mnemonic, const char *operands) {
    return g_str_has_prefix(mnemonic, "adr") || strstr(operands, "[pc") ||
           strstr(operands, "rip") || strcmp(mnemonic, "auipc") == 0 ||
           (g_str_has_prefix(mnemonic, "ldr") && strchr(operands, '[') == NULL);
}

gboolean disasm_at(Disasm *disasm, const DiffSide *code, gsize at, guint64 address,
                   DisasmInstruction *ret) {
    if (at >= code->size) return FALSE;
    const guint8 *bytes = code->data + at;
    size_t left = code->size - at;
    guint64 here = address + at;
    memset(ret, 0, sizeof *ret);
    if (!disasm->handle || !disasm->instruction ||
        !cs_disasm_iter(disasm->handle, &bytes, &left, &here, disasm->instruction)) {
        as_word(disasm, code->data + at, code->size - at, ret);
        return TRUE;
    }
    const cs_insn *instruction = disasm->instruction;
    gboolean is_branch = in_group(disasm, CS_GRP_JUMP) || in_group(disasm, CS_GRP_CALL) ||
                         in_group(disasm, CS_GRP_BRANCH_RELATIVE);
    ret->size = instruction->size;
    if (is_branch || strcmp(instruction->mnemonic, "bl") == 0)
        ret->target = find_target(instruction->op_str);
    ret->is_relative = ret->target || names_pc(instruction->mnemonic, instruction->op_str);
    g_strlcpy(ret->mnemonic, instruction->mnemonic, sizeof ret->mnemonic);
    g_snprintf(ret->text, sizeof ret->text, "%s%s%s", instruction->mnemonic,
               *instruction->op_str ? " " : "", instruction->op_str);
    return TRUE;
}
