/*
 * unittests.cfg and config.mak of a tree of kvm-unit-tests, as its own scripts read them
 * (docs/unittests.txt and scripts/common.bash there). Values stay as they are written, also where
 * they are words of a shell.
 */
#pragma once
#include <glib.h>

typedef struct {
    char *name;
    guint line; /* of its section, from 1 */
    char *file, *smp, *arguments, *parameters, *groups, *arch, *machine, *check, *accel, *timeout,
        *disabled_if; /* NULL: not given */
} Unittest;

/* The tests in `length` bytes at `data`, in their order. Keys that the scripts do not know are
 * ignored, as there. Free with g_ptr_array_unref. */
GPtrArray *unittests_parse(const char *data, gsize length);

/* Whether one of the words of its groups is `group`. */
gboolean unittest_has_group(const Unittest *test, const char *group);

/* What configure(1) of the tree has written. */
typedef struct {
    char *arch;               /* the tree's name: arm64; NULL: not configured */
    char *qemu_arch;          /* QEMU's: aarch64 */
    char *folder;             /* of the tests: arm */
    char *cpu;                /* NULL: QEMU's default */
    gboolean has_environment; /* the runner passes an environment as initrd */
    gboolean is_efi;
} UnittestsConfig;

void unittests_config_parse(const char *data, gsize length, UnittestsConfig *ret_config);
void unittests_config_clear(UnittestsConfig *config);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(UnittestsConfig, unittests_config_clear)
