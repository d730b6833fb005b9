/*
 * What C cannot say: the routines of machine.S. Names of registers and instructions are those of
 * the Arm Architecture Reference Manual (DDI 0487), chapters C5 and D13.
 */
#pragma once

#include "context.h"

/* The level-1 table, the level-2 table of the first GiB of RAM, the level-3 table of its start. */
extern u64 kernel_level1[512], kernel_level2[512], kernel_level3[512];
/* A page that is never mapped, below the kernel's stack. */
extern u8 stack_guard[PAGE_SIZE];
/* A page that is always zero. */
extern const u8 zero_page[PAGE_SIZE];

/* Stores ELR, SPSR, SP_EL0, TPIDR_EL0 and the FP/SIMD registers of the interrupted process. */
void context_save(struct context *context);

/* Starts running a process at EL0; does not return. For the first one; later ones are returned to
 * by handing their context back to the trap entry. */
void context_run(struct context *context);

/* ELR_EL1: where the process that trapped goes on. */
u64 trap_pc(void);
/* Moves it, for an instruction that is skipped. */
void trap_pc_set(u64 pc);

/* CNTVCT_EL0 and CNTFRQ_EL0: the virtual counter and its frequency in Hz. */
u64 counter_ticks(void);
u64 counter_hz(void);

/* Makes earlier writes to page tables visible to the table walker. Enough after an invalid entry
 * became valid. */
void tables_publish(void);
/* Drops every translation; one page's translation. */
void tlb_flush(void);
void tlb_flush_page(uaddr address);

/* Cleans `size` bytes of data cache to the point of unification, so that they can be fetched. */
void cache_clean(const void *start, u64 size);
/* Drops the instruction cache, after cache_clean of every page of new text. */
void icache_flush(void);
/* Orders memory accesses with those of a device that reads and writes RAM. */
void memory_barrier(void);

/* One PSCI call (Arm DEN 0022, section 5) by HVC or SMC; returns its result. */
u64 psci_hvc(u64 function);
u64 psci_smc(u64 function);
/* Waits for ever. */
void cpu_halt(void);

/* As the C library's. The ranges must not overlap. */
void *memcpy(void *to, const void *from, u64 size);
void *memset(void *to, int byte, u64 size);

/*
 * Stops with a PANIC line. `value` is printed in hex unless it is NO_VALUE. The registers of the
 * caller are what the report shows. Does not return.
 */
#define NO_VALUE (~0ul)
void panic(const char *reason, u64 value);
