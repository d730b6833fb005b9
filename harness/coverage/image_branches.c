#include "coverage/image_branches.h"
#include <string.h>

#define INSN_BYTES 4

/* The signed field of `bits` bits from bit `low` on, in instructions, as bytes. */
static guint64 offset_of(guint32 insn, guint low, guint bits) {
    guint64 field = insn >> low & ((1U << bits) - 1);
    guint64 sign = G_GUINT64_CONSTANT(1) << (bits - 1);
    return ((field ^ sign) - sign) * INSN_BYTES;
}

BranchKind image_branch_decode(guint32 insn, guint64 address, guint64 *ret_target) {
    if ((insn & 0x7c000000) == 0x14000000) { /* B, BL */
        *ret_target = address + offset_of(insn, 0, 26);
        return BRANCH_ALWAYS;
    }
    if ((insn & 0xff000000) == 0x54000000 || /* B.cond, BC.cond */
        (insn & 0x7e000000) == 0x34000000) { /* CBZ, CBNZ */
        *ret_target = address + offset_of(insn, 5, 19);
        /* The conditions AL and NV jump always. */
        gboolean is_always = insn >> 24 == 0x54 && (insn & 0xe) == 0xe;
        return is_always ? BRANCH_ALWAYS : BRANCH_CONDITIONAL;
    }
    if ((insn & 0x7e000000) == 0x36000000) { /* TBZ, TBNZ */
        *ret_target = address + offset_of(insn, 5, 14);
        return BRANCH_CONDITIONAL;
    }
    return BRANCH_NONE;
}

/* BR, RET, ERET, B: the instruction behind is not reached from here. */
static gboolean ends_flow(guint32 insn) {
    return (insn & 0xfc000000) == 0x14000000 || (insn & 0xff9f0000) == 0xd61f0000 ||
           (insn & 0xff9f0000) == 0xd69f0000;
}

static guint32 read_insn(const Image *image, guint64 address) {
    const guint8 *bytes = image_bytes(image, address, INSN_BYTES);
    guint32 insn = 0;
    if (bytes) memcpy(&insn, bytes, sizeof insn);
    return GUINT32_FROM_LE(insn);
}

/* How many direct jumps lead to each address. */
static GHashTable *count_targets(const Image *image) {
    GHashTable *targets = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (guint i = 0; i < image->rows->len; i++) {
        const ImageRow *row = &g_array_index(image->rows, ImageRow, i);
        for (guint64 at = row->begin; at < row->end; at += INSN_BYTES) {
            guint64 target;
            if (image_branch_decode(read_insn(image, at), at, &target) == BRANCH_NONE) continue;
            guint known = GPOINTER_TO_UINT(g_hash_table_lookup(targets, &target));
            g_hash_table_replace(targets, g_memdup2(&target, sizeof target),
                                 GUINT_TO_POINTER(known + 1));
        }
    }
    return targets;
}

void image_branches_read(Image *image) {
    g_autoptr(GHashTable) targets = count_targets(image);
    g_autoptr(GHashTable) found = g_hash_table_new(NULL, NULL); /* line -> its branches so far */
    for (guint i = 0; i < image->rows->len; i++) {
        const ImageRow *row = &g_array_index(image->rows, ImageRow, i);
        for (guint64 at = row->begin; at < row->end; at += INSN_BYTES) {
            ImageBranch branch = {.address = at};
            if (image_branch_decode(read_insn(image, at), at, &branch.target) != BRANCH_CONDITIONAL)
                continue;
            guint index = GPOINTER_TO_UINT(g_hash_table_lookup(found, row->line));
            g_hash_table_insert(found, row->line, GUINT_TO_POINTER(index + 1));
            guint64 behind = at + INSN_BYTES;
            branch.branch = coverage_branch(row->line, index);
            branch.only_by_passing = !g_hash_table_contains(targets, &behind);
            branch.only_by_taking =
                GPOINTER_TO_UINT(g_hash_table_lookup(targets, &branch.target)) == 1 &&
                ends_flow(read_insn(image, branch.target - INSN_BYTES));
            g_array_append_val(image->branches, branch);
        }
    }
}
