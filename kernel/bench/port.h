/* The little in which the seed kernel and Linux differ for a program that runs on both. */
#pragma once

/* asm: port.S */
unsigned long tick_frequency(void);

/* Ends the program, and the machine if the program is its init. */
void finish(int status);
