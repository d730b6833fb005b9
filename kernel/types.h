/*
 * Integer and address types. Physical, user and kernel addresses have names of their own: a kernel
 * address is a C pointer, the other two are numbers and must be translated before use.
 */
#pragma once

#include <stddef.h> /* NULL and offsetof; every compiler brings it along */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef int i32;
typedef long i64;

typedef u64 paddr; /* physical address */
typedef u64 uaddr; /* address in a user space; unchecked */

/* Fails to compile when the condition is false; works in every C, unlike _Static_assert. */
#define STATIC_ASSERT(condition, name) typedef char name[(condition) ? 1 : -1]
