/*
 * Numbers that C and machine.S share: the memory map and the offsets of struct context.
 * Only macros with plain numbers, since the assembler reads this file too.
 */
#ifndef KERNEL_LAYOUT_H
#define KERNEL_LAYOUT_H

#define PAGE_SHIFT 12
#define PAGE_SIZE  0x1000

/*
 * User addresses are the first entry of the level-1 table. The first 2 MiB stay unmapped, so that
 * NULL plus any small offset faults; the last 16 MiB are the stack.
 */
#define USER_BASE  0x200000
#define USER_END   0x40000000
#define STACK_BASE 0x3f000000

/* QEMU's virt board has its RAM from 1 GiB on; the kernel maps it there, one to one. */
#define RAM_BASE 0x40000000
/* The boot protocol's text_offset: the Image stands this far above the start of RAM. */
#define TEXT_OFFSET 0x80000
/* Image, BSS and stacks fit in the first 2 MiB of RAM, which one level-3 table maps. */
#define KERNEL_END 0x40200000
/* The first GiB of physical addresses, where virt has its devices, seen from here. */
#define DEVICE_BASE 0x4000000000
#define DEVICE_SIZE 0x40000000

/* Deep enough for the longest call chain (under 2 KiB measured) four times over. */
#define KERNEL_STACK_SIZE 0x2000

/* struct context, context.h */
#define CONTEXT_ELR    248
#define CONTEXT_SPSR   256
#define CONTEXT_SP     264
#define CONTEXT_TPIDR  272
#define CONTEXT_FPSR   280
#define CONTEXT_VECTOR 304
#define CONTEXT_SIZE   816

#endif
