#include "gate/shard.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* More shards than any gate has cases. */
#define TOTAL_MAX 100000

/* `index` counts from `first`. */
static gboolean parse(const char *what, const char *index, const char *total, guint first,
                      Shard *ret_shard, GError **error) {
    guint64 i, n;
    if (!g_ascii_string_to_unsigned(total, 10, 1, TOTAL_MAX, &n, NULL) ||
        !g_ascii_string_to_unsigned(index, 10, first, n - 1 + first, &i, NULL)) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                    "%s: \"%s/%s\" is not a valid shard I/N; I goes from %s", what, index, total,
                    first ? "1 to N" : "0 to N - 1");
        return FALSE;
    }
    *ret_shard = (Shard){(guint)i - first, (guint)n};
    return TRUE;
}

static gboolean touch(const char *path, GError **error) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return error_set_errno(error, errno, "TEST_SHARD_STATUS_FILE %s", path);
    close(fd);
    return TRUE;
}

gboolean shard_find(const char *option, Shard *ret_shard, GError **error) {
    const char *bazel = g_getenv("TEST_TOTAL_SHARDS"), *status = g_getenv("TEST_SHARD_STATUS_FILE");
    const char *index = g_getenv("TEST_SHARD_INDEX");
    if (status && !touch(status, error)) return FALSE;
    if (option) {
        const char *slash = strchr(option, '/');
        if (!slash) {
            g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                        "--shard must be I/N, the I-th of N shards: --shard 1/%s, not --shard %s",
                        g_ascii_isdigit(*option) ? option : "4", option);
            return FALSE;
        }
        g_autofree char *part = g_strndup(option, (gsize)(slash - option));
        return parse("--shard I/N", part, slash + 1, 1, ret_shard, error);
    }
    if (bazel && index)
        return parse("TEST_SHARD_INDEX, TEST_TOTAL_SHARDS", index, bazel, 0, ret_shard, error);
    if (g_getenv("CI_NODE_TOTAL") && g_getenv("CI_NODE_INDEX"))
        return parse("CI_NODE_INDEX, CI_NODE_TOTAL", g_getenv("CI_NODE_INDEX"),
                     g_getenv("CI_NODE_TOTAL"), 1, ret_shard, error);
    *ret_shard = (Shard){0, 1};
    return TRUE;
}
