#include "coverage/counters.h"
#include "base/error.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static gboolean refuse(GError **error, const char *why) {
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL, "the counters of coverage: %s", why);
    return FALSE;
}

static gboolean check(Counters *counters, GError **error) {
    gsize size;
    const guint8 *data = g_bytes_get_data(counters->bytes, &size);
    struct counters_head head;
    if (size < sizeof head || memcmp(data, COUNTERS_MAGIC, sizeof head.magic) != 0)
        return refuse(error, "QEMU's plugin has not written them");
    memcpy(&head, data, sizeof head);
    if (head.used > (size - sizeof head) / sizeof *counters->entries)
        return refuse(error, "the file is shorter than it says");
    counters->entries = (const struct counters_entry *)(data + sizeof head);
    counters->n = head.used;
    counters->dropped = head.dropped;
    for (gsize i = 0; i < counters->n; i++)
        if (counters->entries[i].size > COUNTERS_INSN_MAX)
            return refuse(error, "an instruction is longer than any");
    return TRUE;
}

Counters *counters_parse(GBytes *bytes, GError **error) {
    g_autoptr(Counters) counters = g_new0(Counters, 1);
    counters->bytes = bytes;
    return check(counters, error) ? g_steal_pointer(&counters) : NULL;
}

static gboolean read_at(int fd, void *into, gsize size, off_t from) {
    for (gsize done = 0; done < size;) {
        ssize_t got = pread(fd, (guint8 *)into + done, size - done, from + (off_t)done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return FALSE;
        done += (gsize)got;
    }
    return TRUE;
}

Counters *counters_load(int fd, GError **error) {
    struct counters_head head;
    if (!read_at(fd, &head, sizeof head, 0) || head.used > COUNTERS_ENTRIES_MAX) {
        refuse(error, "they cannot be read");
        return NULL;
    }
    gsize size = sizeof head + head.used * sizeof(struct counters_entry);
    g_autofree guint8 *data = g_malloc(size);
    if (!read_at(fd, data, size, 0)) {
        refuse(error, "they cannot be read");
        return NULL;
    }
    return counters_parse(g_bytes_new_take(g_steal_pointer(&data), size), error);
}

void counters_free(Counters *counters) {
    g_bytes_unref(counters->bytes);
    g_free(counters);
}
