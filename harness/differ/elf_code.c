#include "differ/bytes.h"
#include "differ/elf_pair.h"
#include <string.h>

/* Instructions that are looked at in a pair of files before it is left to the bytes. */
#define INSTRUCTIONS_MAX 4000000
/* Instructions shown before and after the one that differs. */
#define SHOWN_BEFORE 2
#define SHOWN_AFTER  2

/* The same code in both files. */
typedef struct {
    const ElfPair *pair;
    const char *where; /* "function \"main\"" or "section .text" */
    DiffSide a, b;
    guint64 address_a, address_b;
    guint section_a, section_b; /* indices */
    gboolean is_thumb;
    gboolean any;  /* addresses count, too */
    guint *budget; /* INSTRUCTIONS_MAX less those looked at */
} Code;

static gboolean is_code(const ElfSection *section) {
    return section->header.sh_flags & SHF_EXECINSTR && section->header.sh_type == SHT_PROGBITS &&
           section->content.size;
}

/* ---- Instructions ---- */

/* What a branch goes to, as the other file names it, or NULL. */
static char *target_name(const ElfFile *file, guint64 target) {
    for (guint i = 0; target && i < file->sections->len; i++) {
        const ElfSection *section = file->sections->pdata[i];
        if (!is_code(section) || target < section->header.sh_addr ||
            target - section->header.sh_addr >= section->header.sh_size)
            continue;
        const ElfSymbol *symbol = elf_file_covering(file, i, target);
        if (!symbol) return NULL;
        guint64 offset = target - symbol->symbol.st_value;
        return offset ? g_strdup_printf("%s+0x%" G_GINT64_MODIFIER "x", symbol->name, offset)
                      : g_strdup(symbol->name);
    }
    return NULL;
}

static char *show(const ElfFile *file, const DisasmInstruction *instruction) {
    g_autofree char *name =
        elf_file_is_linked(file) ? target_name(file, instruction->target) : NULL;
    return name ? g_strdup_printf("%s <%s>", instruction->text, name) : g_strdup(instruction->text);
}

/* The low half of an address, which an "adrp" before it began: immediates of "add" and offsets of
 * loads. */
static gboolean may_be_low_half(const DisasmInstruction *a, const DisasmInstruction *b) {
    gboolean is_kind = strcmp(a->mnemonic, "add") == 0 || g_str_has_prefix(a->mnemonic, "ld") ||
                       g_str_has_prefix(a->mnemonic, "st") || strcmp(a->mnemonic, "lea") == 0;
    if (!is_kind) return FALSE;
    /* All but the number is the same. */
    const char *at_a = strchr(a->text, '#'), *at_b = strchr(b->text, '#');
    return at_a && at_b && at_a - a->text == at_b - b->text &&
           memcmp(a->text, b->text, (gsize)(at_a - a->text)) == 0;
}

/* An absolute address of the file as the operand of a move. */
static gboolean holds_address(const ElfFile *file, const DisasmInstruction *instruction) {
    const char *at = strrchr(instruction->text, ' ');
    while (at && *at && !g_str_has_prefix(at, "0x"))
        at++;
    guint64 value = at && *at ? g_ascii_strtoull(at, NULL, 16) : 0;
    return value >= file->low && value < file->high;
}

/* Whether the instructions differ for another reason than that addresses have moved. */
static gboolean is_different(const Code *code, const DisasmInstruction *a,
                             const DisasmInstruction *b, gboolean after_adrp) {
    const ElfPair *pair = code->pair;
    if (code->any || !pair->is_shifted || !elf_file_is_linked(pair->a))
        return strcmp(a->text, b->text) != 0;
    if (strcmp(a->text, b->text) == 0) return FALSE;
    if (strcmp(a->mnemonic, b->mnemonic) != 0) return TRUE;
    g_autofree char *to_a = target_name(pair->a, a->target),
                    *to_b = target_name(pair->b, b->target);
    if (to_a && to_b) {
        /* Where in another function is a matter of that function. */
        to_a[strcspn(to_a, "+")] = to_b[strcspn(to_b, "+")] = '\0';
        return strcmp(to_a, to_b) != 0;
    }
    if (a->is_relative && b->is_relative) return FALSE;
    if (after_adrp && may_be_low_half(a, b)) return FALSE;
    return !(holds_address(pair->a, a) && holds_address(pair->b, b));
}

/* ---- One piece of code ---- */

static void show_context(Diff *diff, const Code *code, Disasm *disasm, gsize at,
                         const gsize before[]) {
    const ElfFile *files[] = {code->pair->a, code->pair->b};
    const DiffSide *sides[] = {&code->a, &code->b};
    const guint64 addresses[] = {code->address_a, code->address_b};
    for (guint side = 0; side < 2; side++) {
        gsize here = at;
        for (guint i = 0; i < SHOWN_BEFORE; i++)
            if (before[i] != G_MAXSIZE) {
                here = before[i];
                break;
            }
        gboolean past = FALSE;
        for (guint after = 0; after <= SHOWN_AFTER;) {
            DisasmInstruction instruction;
            if (!disasm_at(disasm, sides[side], here, addresses[side], &instruction)) break;
            g_autofree char *text = show(files[side], &instruction);
            past |= here >= at;
            diff_line(diff, "%-8s %s+0x%-5" G_GSIZE_MODIFIER "x %s %s", sides[side]->name,
                      code->where, here, here == at ? ">" : " ", text);
            here += instruction.size;
            after += past;
        }
    }
}

static Diff *make(const Code *code, Disasm *disasm, gsize at, const DisasmInstruction *a,
                  const DisasmInstruction *b, const gsize before[]) {
    g_autofree char *one = show(code->pair->a, a), *other = show(code->pair->b, b);
    gboolean is_operand = strcmp(a->mnemonic, b->mnemonic) == 0;
    Diff *diff =
        diff_new("%s+0x%" G_GSIZE_MODIFIER "x: %s%sdiffers, instruction \"%s\" against \"%s\"",
                 code->where, at, is_operand ? a->mnemonic : "", is_operand ? " " : "", one, other);
    show_context(diff, code, disasm, at, before);
    return diff;
}

/* From an instruction boundary: the first instruction that differs. */
static Diff *compare_from(const Code *code, gsize at) {
    const ElfFile *file = code->pair->a;
    /* The instructions of AArch64 are little-endian always (Arm ARM, B2.9.2). */
    gboolean is_big =
        file->header.e_ident[EI_DATA] == ELFDATA2MSB && file->header.e_machine != EM_AARCH64;
    g_autoptr(Disasm) disasm = disasm_new(elf_file_machine(file), is_big);
    gsize before[SHOWN_BEFORE];
    guint since_adrp = G_MAXUINT;
    if (!disasm) return NULL;
    disasm_set_thumb(disasm, code->is_thumb);
    for (guint i = 0; i < SHOWN_BEFORE; i++)
        before[i] = G_MAXSIZE;
    while (at < MIN(code->a.size, code->b.size) && *code->budget) {
        DisasmInstruction a, b;
        --*code->budget;
        if (!disasm_at(disasm, &code->a, at, code->address_a, &a) ||
            !disasm_at(disasm, &code->b, at, code->address_b, &b))
            return NULL;
        since_adrp = g_str_has_prefix(a.mnemonic, "adr") ? 0 : MIN(since_adrp, G_MAXUINT - 1) + 1;
        gboolean is_same_bytes = a.size == b.size && at + a.size <= code->b.size &&
                                 memcmp(code->a.data + at, code->b.data + at, a.size) == 0;
        /* Equal bytes are equal instructions; a branch of theirs goes elsewhere only when all
         * moved. */
        if (!is_same_bytes && (code->any || is_different(code, &a, &b, since_adrp < 8)))
            return make(code, disasm, at, &a, &b, before);
        if (a.size != b.size) return make(code, disasm, at, &a, &b, before);
        for (guint i = 0; i + 1 < SHOWN_BEFORE; i++)
            before[i] = before[i + 1];
        before[SHOWN_BEFORE - 1] = at;
        at += a.size;
    }
    return NULL;
}

static Diff *compare_code(const Code *code) {
    gsize common = MIN(code->a.size, code->b.size);
    gssize first = bytes_mismatch(&code->a, 0, &code->b, 0, common);
    if (first < 0 && code->a.size == code->b.size) return NULL;
    /* With instructions of one size the first that differs is known; of others, all before it tell.
     */
    gboolean is_fixed = elf_file_machine(code->pair->a) == DISASM_AARCH64;
    gsize from = !is_fixed || first < 0 ? 0 : (gsize)first & ~(gsize)3;
    from -= MIN(from, 4 * SHOWN_BEFORE);
    Diff *diff = first < 0 ? NULL : compare_from(code, from);
    if (!diff && first >= 0 && elf_file_machine(code->pair->a) == DISASM_NONE)
        diff = diff_new("%s+0x%" G_GSSIZE_MODIFIER "x: the code differs, 0x%02x against 0x%02x",
                        code->where, first, code->a.data[first], code->b.data[first]);
    if (!diff && code->a.size != code->b.size)
        diff = diff_new("%s: size %" G_GSIZE_FORMAT " against %" G_GSIZE_FORMAT " bytes",
                        code->where, code->a.size, code->b.size);
    return diff;
}

/* ---- Functions and sections ---- */

static gboolean function_range(const ElfFile *file, const ElfSymbol *symbol, DiffSide *ret,
                               guint64 *ret_address) {
    if (symbol->symbol.st_shndx >= file->sections->len) return FALSE;
    const ElfSection *section = file->sections->pdata[symbol->symbol.st_shndx];
    /* Thumb's functions have odd addresses. */
    guint64 address = symbol->symbol.st_value;
    if (elf_file_machine(file) == DISASM_ARM) address &= ~(guint64)1;
    guint64 at = address - (elf_file_is_linked(file) ? section->header.sh_addr : 0);
    if (!is_code(section) || at > section->content.size ||
        symbol->symbol.st_size > section->content.size - at)
        return FALSE;
    *ret = diff_part(&section->content, at, symbol->symbol.st_size);
    *ret_address = address;
    return TRUE;
}

static Diff *find_function(const ElfPair *pair, gboolean any, guint *budget) {
    for (guint i = 0; i < pair->a->functions->len; i++) {
        const ElfSymbol *a = pair->a->functions->pdata[i];
        const ElfSymbol *b = elf_file_symbol(pair->b, a);
        Code code = {.pair = pair, .any = any, .budget = budget};
        if (!b || GELF_ST_TYPE(a->symbol.st_info) == STT_OBJECT ||
            !function_range(pair->a, a, &code.a, &code.address_a) ||
            !function_range(pair->b, b, &code.b, &code.address_b))
            continue;
        g_autofree char *name = diff_quoted(a->name, strlen(a->name), 0);
        g_autofree char *where = g_strdup_printf("function %s", name);
        code.where = where;
        code.is_thumb = a->symbol.st_value & 1;
        Diff *diff = compare_code(&code);
        if (diff) return diff;
    }
    return NULL;
}

/* The label at or before the offset, of code whose functions have no size. */
static const ElfSymbol *label_before(const ElfFile *file, guint section, guint64 address) {
    const ElfSymbol *best = NULL;
    for (guint i = 0; i < file->symbols->len; i++) {
        const ElfSymbol *symbol = file->symbols->pdata[i];
        if (elf_symbol_is_made(symbol) || symbol->symbol.st_shndx != section ||
            symbol->symbol.st_value > address)
            continue;
        if (!best || symbol->symbol.st_value > best->symbol.st_value) best = symbol;
    }
    return best;
}

static Diff *find_in_section(const ElfPair *pair, gboolean any, guint *budget) {
    for (guint i = 0; i < pair->a->sections->len; i++) {
        const ElfSection *a = pair->a->sections->pdata[i];
        const ElfSection *b = elf_file_section(pair->b, a);
        if (!b || !is_code(a) || !is_code(b)) continue;
        gssize first = bytes_first(&a->content, &b->content);
        if (first < 0) continue;
        g_autofree char *where = g_strdup_printf("section %s", a->name);
        Code code = {.pair = pair,
                     .where = where,
                     .a = a->content,
                     .b = b->content,
                     .address_a = a->header.sh_addr,
                     .address_b = b->header.sh_addr,
                     .any = any,
                     .budget = budget};
        guint64 base = elf_file_is_linked(pair->a) ? a->header.sh_addr : 0;
        const ElfSymbol *label = label_before(pair->a, i, base + (guint64)first);
        if (label && label->symbol.st_value >= base) {
            gsize skip = label->symbol.st_value - base;
            g_autofree char *name = diff_quoted(label->name, strlen(label->name), 0);
            if (skip < MIN(code.a.size, code.b.size)) {
                g_free(where);
                where = g_strdup_printf("section %s, label %s", a->name, name);
                code.where = where;
                code.is_thumb = skip & 1;
                skip &= ~(gsize)1;
                code.a = diff_part(&a->content, skip, a->content.size - skip);
                code.b = diff_part(&b->content, skip, b->content.size - skip);
                code.address_a += skip;
                code.address_b += skip;
            }
        }
        Diff *diff = compare_code(&code);
        if (diff) return diff;
    }
    return NULL;
}

/* The functions that both have, by address. */
static Diff *find_order(const ElfPair *pair) {
    const ElfSymbol *last_a = NULL, *last_b = NULL;
    for (guint i = 0; i < pair->a->functions->len; i++) {
        const ElfSymbol *a = pair->a->functions->pdata[i];
        const ElfSymbol *b = elf_file_symbol(pair->b, a);
        if (!b) continue;
        if (last_b && a->symbol.st_shndx == last_a->symbol.st_shndx &&
            b->symbol.st_shndx == last_b->symbol.st_shndx &&
            b->symbol.st_value < last_b->symbol.st_value) {
            g_autofree char *name = diff_quoted(a->name, strlen(a->name), 0);
            g_autofree char *before = diff_quoted(last_a->name, strlen(last_a->name), 0);
            return diff_new("the order of functions or objects differs: %s stands behind %s in %s, "
                            "before it in %s",
                            name, before, pair->side_a->name, pair->side_b->name);
        }
        last_a = a;
        last_b = b;
    }
    return NULL;
}

Diff *elf_diff_code(const ElfPair *pair) {
    guint budget = INSTRUCTIONS_MAX;
    if (pair->a->header.e_machine != pair->b->header.e_machine) return NULL;
    Diff *diff = find_function(pair, FALSE, &budget);
    if (!diff) diff = find_order(pair);
    if (!diff && !(pair->is_shifted && pair->a->functions->len))
        diff = find_in_section(pair, FALSE, &budget);
    return diff;
}

Diff *elf_diff_code_addresses(const ElfPair *pair) {
    guint budget = INSTRUCTIONS_MAX;
    if (pair->a->header.e_machine != pair->b->header.e_machine) return NULL;
    Diff *diff = find_function(pair, TRUE, &budget);
    return diff ? diff : find_in_section(pair, TRUE, &budget);
}
