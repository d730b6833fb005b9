/*
 * Further words of QEMU's command line, as gates give them (the key "qemu"). A gate may come from a
 * stranger: what would break the harness's own wiring is refused, and what can reach files or
 * sockets of the host is named, so that the user has to allow it. An option or property that no
 * table knows as harmless counts as reaching the host. Options: qemu-system(1).
 */
#pragma once
#include <glib.h>

/* How many of the words, of which there is one at least, are the first option and its value.
 * *ret_why is why they are not acceptable, as a sentence without its subject, or NULL. Free it with
 * g_free.
 */
gsize qemu_words_first(const char *const *words, char **ret_why);

/* Why the words are not acceptable, as a sentence without its subject; or NULL. Free with g_free.
 */
char *qemu_words_refuse(const char *const *words);

/* The first word that can reach the host, and why; or NULL. Free with g_free. */
char *qemu_words_host(const char *const *words);

/* Whether the guest can open files by semihosting, which reach no farther than QEMU's confinement.
 */
gboolean qemu_words_are_semihosted(const char *const *words);
