#include "differ/disasm.h"
#include "base/module.h"
#include "differ/disasm_library.h"
#include <string.h>

struct _Disasm {
    DisasmMachine machine;
    const DisasmLibrary *library;
    DisasmEngine *engine; /* or NULL: instructions are shown as words */
    gboolean is_big_endian, is_thumb;
};

static const DisasmLibrary *find_library(void) {
    if (&disasm_library) return &disasm_library;
    return module_load(DISASM_LIBRARY_FILE, G_STRINGIFY(disasm_library), "a disassembly", NULL);
}

Disasm *disasm_new(DisasmMachine machine, gboolean is_big_endian) {
    if (machine == DISASM_NONE) return NULL;
    Disasm *disasm = g_new0(Disasm, 1);
    *disasm =
        (Disasm){.machine = machine, .library = find_library(), .is_big_endian = is_big_endian};
    if (disasm->library) disasm->engine = disasm->library->open(machine, is_big_endian);
    return disasm;
}

void disasm_free(Disasm *disasm) {
    if (disasm->engine) disasm->library->close(disasm->engine);
    g_free(disasm);
}

void disasm_set_thumb(Disasm *disasm, gboolean is_thumb) {
    if (disasm->machine != DISASM_ARM || !disasm->engine || disasm->is_thumb == is_thumb) return;
    disasm->is_thumb = is_thumb;
    disasm->library->set_thumb(disasm->engine, is_thumb);
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
    gsize left = code->size - at;
    DisasmDecoded decoded;
    memset(ret, 0, sizeof *ret);
    if (!disasm->engine ||
        !disasm->library->decode(disasm->engine, bytes, left, address + at, &decoded)) {
        as_word(disasm, bytes, left, ret);
        return TRUE;
    }
    ret->size = decoded.size;
    if (decoded.is_branch || strcmp(decoded.mnemonic, "bl") == 0)
        ret->target = find_target(decoded.operands);
    ret->is_relative = ret->target || names_pc(decoded.mnemonic, decoded.operands);
    g_strlcpy(ret->mnemonic, decoded.mnemonic, sizeof ret->mnemonic);
    g_snprintf(ret->text, sizeof ret->text, "%s%s%s", decoded.mnemonic,
               *decoded.operands ? " " : "", decoded.operands);
    return TRUE;
}
