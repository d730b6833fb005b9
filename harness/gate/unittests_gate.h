/*
 * A gate for the tests of kvm-unit-tests: each runs as its own runner would run it
 * (scripts/runtime.bash and ARCH/run of that project). A test that cannot is named in a comment,
 * with the reason. Pure: what has to be asked of the host is asked through `leave_out`.
 */
#pragma once
#include "gate/unittests.h"

typedef struct {
    const UnittestsConfig *config;
    const char *folder; /* of the tree, below the folder of gates/ */
    const char *list;   /* the path of unittests.cfg, for comments */
    const char *accel;  /* of tests that do not name theirs */
    guint max_smp;      /* what tests call $MAX_SMP */
    /* Why this host cannot run the test, as the end of a sentence; or NULL. Free with g_free. */
    char *(*leave_out)(const Unittest *test, gpointer data);
    gpointer data;
} UnittestsTree;

/* Whether the tree is of an architecture whose runner is known; else FALSE and *error. */
gboolean unittests_gate_check(const UnittestsConfig *config, GError **error);

/* The text of the gate for `tests`, of Unittest; *ret_count is how many cases it has. Free with
 * g_free. */
char *unittests_gate(const GPtrArray *tests, const UnittestsTree *tree, guint *ret_count);
