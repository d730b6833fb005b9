/*
 * The registers of a process that is not running. machine.S stores x0 to x30 on every entry from
 * EL0; the rest is stored by context_save when another process is about to run.
 */
#pragma once

#include "layout.h"
#include "types.h"

struct context {
    u64 x[31];
    u64 elr;
    u64 spsr;
    u64 sp;
    u64 tpidr;
    u64 fpsr;
    u64 fpcr;
    u64 unused; /* keeps vector 16-byte aligned, as stp of q registers likes it */
    u64 vector[64];
};

STATIC_ASSERT(offsetof(struct context, elr) == CONTEXT_ELR, context_elr);
STATIC_ASSERT(offsetof(struct context, spsr) == CONTEXT_SPSR, context_spsr);
STATIC_ASSERT(offsetof(struct context, sp) == CONTEXT_SP, context_sp);
STATIC_ASSERT(offsetof(struct context, tpidr) == CONTEXT_TPIDR, context_tpidr);
STATIC_ASSERT(offsetof(struct context, fpsr) == CONTEXT_FPSR, context_fpsr);
STATIC_ASSERT(offsetof(struct context, vector) == CONTEXT_VECTOR, context_vector);
STATIC_ASSERT(sizeof(struct context) == CONTEXT_SIZE, context_size);
