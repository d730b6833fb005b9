/* Addresses to functions and lines, by the addr2line of the cross binutils. */
#pragma once
#include <glib.h>

/*
 * "main at fault.c:33" for each of `count` addresses in the ELF image `elf`, "??" for
 * unknown addresses. `return_addresses`: they point after a call, whose line is wanted. NULL if the
 * tool is missing or the image is invalid. Free with g_strfreev.
 */
GStrv symbols_resolve(GBytes *elf, const guint64 *addresses, guint count,
                      gboolean return_addresses);

/* Parses the output of the tool in place: a line for each of `count`
 * addresses, or NULL. */
GStrv symbols_parse(char *out, guint count);
