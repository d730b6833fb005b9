#include "guest/warm.h"
#include "base/error.h"
#include "base/fdio.h"
#include "guest/warm_memory.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A QEMU's translations and tables grow with the guests that it ran. */
#define CASES_MAX 500
/* More wait only for cases of other machines. */
#define IDLE_MAX 8
/* A translator's buffer of this size is full, and so emptied, before it matters that each reset
 * leaves translations behind; the kernel and a program need some 2 MB. */
#define ACCELERATOR "tcg,tb-size=16"
/* The system gives shared memory in small pages, so that guests which use gigabytes take half as
 * long again. */
#define MEMORY_MAX ((guint64)1 << 30)
/* Sizes of -initrd: each reset copies all of it. Larger archives have a QEMU of their own. */
static const gsize archive_classes[] = {64 << 10, 256 << 10, 1 << 20, 4 << 20};

typedef struct {
    char *qemu, *machine, *cpu, *kernel;
    guint64 memory_bytes;
    gsize archive_class; /* 0: no -initrd */
    gboolean has_disks;
} Key;

struct _Warm {
    Key key;
    Guest *guest;
    Qmp *qmp;
    WarmMemory *memory;
    guint cases;
    int seed_in_fd, seed_out_fd; /* or -1 */
    /* The case that is next. */
    char *append;
    int archive_fd; /* -1: it is on the disk seed-in */
    gsize archive_bytes;
};

struct _WarmPool {
    GQueue idle; /* of Warm, the one used last first */
};

WarmPool *warm_pool_new(void) {
    WarmPool *pool = g_new0(WarmPool, 1);
    g_queue_init(&pool->idle);
    return pool;
}

void warm_pool_free(WarmPool *pool) {
    g_queue_clear_full(&pool->idle, (GDestroyNotify)warm_free);
    g_free(pool);
}

void warm_free(Warm *warm) {
    /* Its processor time counts once it has been waited for. */
    if (warm->guest) {
        guest_kill(warm->guest, TRUE);
        g_subprocess_wait(warm->guest->process, NULL, NULL);
    }
    g_clear_pointer(&warm->guest, guest_free);
    g_clear_pointer(&warm->qmp, qmp_free);
    g_clear_pointer(&warm->memory, warm_memory_free);
    fdio_clear(&warm->seed_in_fd);
    fdio_clear(&warm->seed_out_fd);
    fdio_clear(&warm->archive_fd);
    g_free(warm->append);
    g_free(warm->key.qemu);
    g_free(warm->key.machine);
    g_free(warm->key.cpu);
    g_free(warm->key.kernel);
    g_free(warm);
}

Guest *warm_guest(const Warm *warm) { return warm->guest; }
Qmp *warm_qmp(const Warm *warm) { return warm->qmp; }
guint warm_cases(const Warm *warm) { return warm->cases - 1; }
const guint8 *warm_memory(const Warm *warm) { return warm->memory->data; }
gsize warm_memory_bytes(const Warm *warm) { return warm->memory->bytes; }

int warm_seed_out(const Warm *warm) {
    return warm->seed_out_fd < 0 ? -1 : fcntl(warm->seed_out_fd, F_DUPFD_CLOEXEC, 0);
}

/* ---- Which QEMU ---- */

/* FALSE if the guest needs a QEMU of its own. */
static gboolean find_key(const GuestConfig *config, Key *ret_key, gsize *ret_archive_bytes) {
    struct stat archive;
    if (config->memory_bytes > MEMORY_MAX) return FALSE;
    gboolean on_disk = config->seed_in_fd >= 0;
    if (fstat(on_disk ? config->seed_in_fd : config->initrd_fd, &archive) != 0) return FALSE;
    gsize class = 0;
    for (guint i = 0; !on_disk && i < G_N_ELEMENTS(archive_classes) && !class; i++)
        if ((gsize)archive.st_size <= archive_classes[i]) class = archive_classes[i];
    *ret_archive_bytes = (gsize)archive.st_size;
    *ret_key = (Key){.qemu = (char *)config->qemu,
                     .machine = (char *)config->machine,
                     .cpu = (char *)config->cpu,
                     .kernel = (char *)config->kernel,
                     .memory_bytes = config->memory_bytes,
                     .archive_class = class,
                     .has_disks = on_disk};
    /* Half of memory is in front of the archive (QEMU, hw/arm/boot.c). */
    return on_disk || (class && config->memory_bytes / 4 >= class);
}

static gboolean key_equal(const Key *a, const Key *b) {
    return g_strcmp0(a->qemu, b->qemu) == 0 && g_strcmp0(a->machine, b->machine) == 0 &&
           g_strcmp0(a->cpu, b->cpu) == 0 && g_strcmp0(a->kernel, b->kernel) == 0 &&
           a->memory_bytes == b->memory_bytes && a->archive_class == b->archive_class &&
           a->has_disks == b->has_disks;
}

/* A kernel may be built anew while the cases run. */
static gboolean has_kernel(const Warm *warm, GBytes *kernel) {
    return g_bytes_equal(warm->memory->image, kernel);
}

static Warm *take_idle(WarmPool *pool, const Key *key, GBytes *kernel) {
    for (GList *link = pool->idle.head; link; link = link->next) {
        Warm *warm = link->data;
        if (!key_equal(&warm->key, key) || !has_kernel(warm, kernel)) continue;
        g_queue_delete_link(&pool->idle, link);
        return warm;
    }
    return NULL;
}

/* ---- The next case ---- */

/* What has QEMU begin anew, its disk with the size of the archive. */
static char *reset_commands(const Warm *warm) {
    GString *commands = g_string_new(NULL);
    if (warm->seed_in_fd >= 0)
        g_string_append_printf(commands,
                               "{\"execute\": \"block_resize\", \"id\": %d, \"arguments\": "
                               "{\"node-name\": \"seed-in\", \"size\": %" G_GSIZE_FORMAT "}}\n",
                               WARM_QMP_FIRST, warm->archive_bytes);
    g_string_append_printf(commands,
                           "{\"execute\": \"set-action\", \"id\": %d, \"arguments\": "
                           "{\"reboot\": \"reset\"}}\n"
                           "{\"execute\": \"system_reset\", \"id\": %d}\n"
                           "{\"execute\": \"set-action\", \"id\": %d, \"arguments\": "
                           "{\"reboot\": \"shutdown\"}}\n",
                           WARM_QMP_FIRST + 1, WARM_QMP_FIRST + 2, WARM_QMP_LAST);
    return g_string_free(commands, FALSE);
}

/* The disk seed-in with the archive, the disk seed-out empty. */
static gboolean set_disks(Warm *warm, int archive, GError **error) {
    g_autoptr(GBytes) content = NULL;
    gsize size;
    if (warm->seed_in_fd < 0) return TRUE;
    if (lseek(archive, 0, SEEK_SET) != 0 || lseek(warm->seed_in_fd, 0, SEEK_SET) != 0 ||
        ftruncate(warm->seed_in_fd, 0) != 0 || ftruncate(warm->seed_out_fd, 0) != 0 ||
        ftruncate(warm->seed_out_fd, (off_t)warm->key.memory_bytes) != 0)
        return error_set_errno(error, errno, "cannot prepare the disks of a guest");
    if (!(content = fdio_read_all(archive, "the archive", error))) return FALSE;
    const void *data = g_bytes_get_data(content, &size);
    return fdio_write(warm->seed_in_fd, data, size, error);
}

static gboolean set_case(Warm *warm, const GuestConfig *config, gsize archive_bytes,
                         GError **error) {
    g_free(warm->append);
    warm->append = g_strdup(config->append ? config->append : "");
    warm->archive_bytes = archive_bytes;
    warm->cases++;
    fdio_clear(&warm->archive_fd);
    if (warm->key.has_disks) return set_disks(warm, config->seed_in_fd, error);
    warm->archive_fd = fcntl(config->initrd_fd, F_DUPFD_CLOEXEC, 0);
    return warm->archive_fd >= 0 ||
           error_set_errno(error, errno, "cannot keep the archive of a guest");
}

/* ---- A new QEMU ---- */

static int sparse_file(const char *name, gsize bytes, GError **error) {
    int fd = fdio_memfd(name, error);
    if (fd >= 0 && ftruncate(fd, (off_t)bytes) != 0) {
        error_set_errno(error, errno, "cannot create a file in memory");
        fdio_clear(&fd);
    }
    return fd;
}

static gboolean start(Warm *warm, const GuestConfig *wanted, GError **error) {
    const Key *key = &warm->key;
    int header = warm_memory_header(error);
    int initrd =
        header >= 0 && !key->has_disks ? sparse_file("initrd", key->archive_class, error) : -1;
    if (header >= 0 && (initrd >= 0 || key->has_disks)) {
        g_autofree char *commands = reset_commands(warm);
        const GuestWarm shared = {warm->memory->fd, header, commands};
        GuestConfig config = *wanted;
        config.warm = &shared;
        config.accelerator = ACCELERATOR;
        config.append = "-"; /* so that the device tree has the property */
        config.initrd_fd = initrd;
        config.seed_in_fd = warm->seed_in_fd;
        config.seed_out_fd = warm->seed_out_fd;
        warm->guest = guest_start(&config, error);
    }
    fdio_clear(&header);
    fdio_clear(&initrd);
    return warm->guest != NULL;
}

static Warm *new_warm(const Key *key) {
    Warm *warm = g_new0(Warm, 1);
    warm->key = *key;
    warm->key.qemu = g_strdup(key->qemu);
    warm->key.machine = g_strdup(key->machine);
    warm->key.cpu = g_strdup(key->cpu);
    warm->key.kernel = g_strdup(key->kernel);
    warm->seed_in_fd = warm->seed_out_fd = warm->archive_fd = -1;
    warm->qmp = qmp_new();
    return warm;
}

static Warm *begin(const GuestConfig *config, const Key *key, gsize archive_bytes, GError **error) {
    g_autoptr(Warm) warm = new_warm(key);
    g_autofree char *folder = g_path_get_dirname(key->kernel);
    g_autofree char *elf = g_build_filename(folder, "kernel.elf", NULL);
    warm->memory = warm_memory_new(key->kernel, elf, key->memory_bytes, error);
    if (!warm->memory) return NULL;
    if (key->has_disks && ((warm->seed_in_fd = fdio_memfd("seed-in", error)) < 0 ||
                           (warm->seed_out_fd = fdio_memfd("seed-out", error)) < 0))
        return NULL;
    if (!set_case(warm, config, archive_bytes, error) || !start(warm, config, error)) return NULL;
    return g_steal_pointer(&warm);
}

/* FALSE if this QEMU has ended meanwhile, say. */
static gboolean begin_again(Warm *warm, const GuestConfig *config, gsize archive_bytes) {
    if (!set_case(warm, config, archive_bytes, NULL)) return FALSE;
    g_autofree char *commands = reset_commands(warm);
    return fdio_write(warm->guest->qmp_fd, commands, strlen(commands), NULL);
}

Warm *warm_take(WarmPool *pool, const GuestConfig *config, GError **error) {
    Key key;
    gsize archive_bytes;
    if (!find_key(config, &key, &archive_bytes)) return NULL;
    g_autoptr(GBytes) kernel = fdio_load(config->kernel, error);
    if (!kernel) return NULL;
    for (Warm *warm; (warm = take_idle(pool, &key, kernel)); warm_free(warm))
        if (begin_again(warm, config, archive_bytes)) return warm;
    return begin(config, &key, archive_bytes, error);
}

gboolean warm_load(Warm *warm, GError **error) {
    gboolean done =
        warm_memory_load(warm->memory, warm->append, warm->archive_fd, warm->archive_bytes, error);
    fdio_clear(&warm->archive_fd);
    return done;
}

void warm_give(WarmPool *pool, Warm *warm) {
    if (warm->cases >= CASES_MAX) {
        warm_free(warm);
        return;
    }
    g_queue_push_head(&pool->idle, warm);
    if (pool->idle.length > IDLE_MAX) warm_free(g_queue_pop_tail(&pool->idle));
}
