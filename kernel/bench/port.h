/* The little in which the seed kernel and Linux differ for a program that runs on both. */
#pragma once

/* asm: port.S */
unsigned long tick_frequency(void);

/* Whether the kernel below is Linux: there the number of spawn is no call (DESIGN.md, section 3).
 */
int on_linux(void);

/* Starts `path`, argv ending in NULL; the child's pid for waitid, or -errno. */
long start_child(const char *path, char **argv);

/* Ends the program, and the machine if the program is its init. */
void finish(int status);
