/* Rights and kinds of memory: Linux, include/uapi/asm-generic/mman-common.h; mmap(2). */
#pragma once

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4, PROT_SEM = 8, PROT_ALL = 15 };
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_TYPE = 15, MAP_FIXED = 0x10, MAP_ANONYMOUS = 0x20 };
enum { MAP_FIXED_NOREPLACE = 0x100000 };
