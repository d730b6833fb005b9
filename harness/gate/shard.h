/*
 * The shard of cases that this process runs: --shard I/N; else Bazel's
 * TEST_SHARD_INDEX (from 0) and TEST_TOTAL_SHARDS, whose TEST_SHARD_STATUS_FILE is touched to
 * acknowledge sharding (Bazel, Test encyclopedia, "Test sharding"); else GitLab's
 * CI_NODE_INDEX (from 1) and CI_NODE_TOTAL (GitLab, "Predefined CI/CD variables").
 */
#pragma once
#include <glib.h>

typedef struct {
    guint index; /* from 0, below total */
    guint total; /* 1: everything */
} Shard;

/* `option` is "I/N" with I from 1, or NULL. FALSE and *error if it or a variable is invalid. */
gboolean shard_find(const char *option, Shard *ret_shard, GError **error);
