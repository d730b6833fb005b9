/* Addresses to functions and lines, by the addr2line of the cross binutils. */
#pragma once
#include <glib.h>

/*
 * "main at fault.c:33" for each of `count` addresses in the ELF image `elf`, "??" where it knows
 * none. `return_addresses`: they point behind a call, whose line is wanted. NULL when the tool is
 * missing or the image is none. Free with g_strfreev.
 */
GStrv symbols_resolve(GBytes *elf, const guint64 *addresses, guint count,
                      gboolean return_addresses);

/* The part of it that reads what the tool printed, which it changes: a line for each of `count`
 * addresses, or NULL. */
GStrv symbols_parse(char *out, guint count);
