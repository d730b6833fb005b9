/* The conditional jumps of AArch64 code. */
#pragma once
#include "coverage/image.h"

/* A direct jump. */
typedef enum { BRANCH_NONE, BRANCH_ALWAYS, BRANCH_CONDITIONAL } BranchKind;

/* Decodes the instruction at `address`: B, BL, B.cond, CBZ, CBNZ, TBZ, TBNZ (Arm Architecture
 * Reference Manual, C4.1, "Branches, exception generating and system instructions"). */
BranchKind image_branch_decode(guint32 insn, guint64 address, guint64 *ret_target);

/* Finds the conditional jumps in the code of all lines; rows are sorted. */
void image_branches_read(Image *image);
