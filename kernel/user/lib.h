/* What the kernel's test programs share. Results of calls are Linux's: negative ones are -errno. */
#ifndef USER_LIB_H
#define USER_LIB_H

#include "abi/syscalls.h"

typedef unsigned long size_type;

/* start.S */
long syscall(long number, ...);
unsigned long ticks(void);
int main(int argc, char **argv);

/* asm.S */
long spawn_keeping(const char *path, char **argv);
long start_state(void);
void dirty_state(void);
void wait_for_interrupt(void);
unsigned long physical_ticks(void);
long vfork_exec(const char *path, char **argv, long *error);

size_type length_of(const char *text);
int same(const char *a, const char *b);
unsigned long number_of(const char *text);
void print(const char *text);
void print_number(long value);
/* Whether the kernel below is Linux: there the number of spawn is not a call (docs/contract.md).
 */
int on_linux(void);
/* Starts `path`, argv ending in NULL, with spawn or as Linux does; the child's pid for waitid, or
 * -errno. */
long start_child(const char *path, char **argv);
/* start_child and waitid of that child: its exit status, 256 + signal if it was killed, or -errno.
 */
long run(const char *path, char **argv);

void *memset(void *to, int byte, size_type size);
void *memcpy(void *to, const void *from, size_type size);

#endif
