#include "attempt/attempt_prepare.h"
#include "attempt/attempt_cache.h"
#include "attempt/attempt_drives.h"
#include "attempt/attempt_expected.h"
#include "attempt/attempt_warm.h"
#include "base/error.h"
#include "base/fdio.h"
#include "guest/replay.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Digits of the nonce, which no guest program may guess: a random number of 64 bits. */
#define NONCE_DIGITS 20

const char *attempt_seed_kernel(const AttemptOptions *options, Driver driver) {
    return driver == DRIVER_MADE ? options->made_kernel : options->kernel;
}

const char *attempt_accelerator(const AttemptOptions *options, const GateCase *c) {
    return options->icount || options->plugin ? "tcg" : guest_accelerator(c->accel, c->arch);
}

/* The host's processor runs no other model. */
static const char *find_cpu(const AttemptState *attempt) {
    const GateCase *c = attempt->public.subject.gate_case;
    return strcmp(attempt->accelerator, "tcg") != 0 && !c->cpu ? "host" : gate_case_cpu(c);
}

/* On the instruction counter files go by console: how often the kernel polls a disk depends on
 * the host. Linux is slow on the console, and K0 has nothing else. */
static Boot make_boot(const AttemptState *attempt) {
    const AttemptSubject *subject = &attempt->public.subject;
    gboolean disk =
        subject->gate_case->transport == TRANSPORT_DISK || subject->driver == DRIVER_LINUX;
    return (Boot){.driver = subject->driver,
                  .gate = subject->gate,
                  .gate_case = subject->gate_case,
                  .seed_kernel = attempt_seed_kernel(attempt->options, subject->driver),
                  .disk = disk && subject->driver != DRIVER_HEX && !attempt->options->icount &&
                          !subject->record_root};
}

/* A fixed number of decimal digits, so that with icount every nonce costs the kernel the same
 * number of instructions. */
static char *make_nonce(GError **error) {
    guint64 number;
    if (getrandom(&number, sizeof number, 0) == sizeof number)
        return g_strdup_printf("%0*" G_GUINT64_FORMAT, NONCE_DIGITS, number);
    error_set_errno(error, errno, "cannot get random bytes for the nonce");
    return NULL;
}

/* The disk that files come out on: as large as guest memory, since it holds no more; sparse. */
static gboolean make_seed_out(AttemptState *attempt, GError **error) {
    attempt->seed_out_fd = fdio_memfd("seed-out", error);
    if (attempt->seed_out_fd < 0) return FALSE;
    if (ftruncate(attempt->seed_out_fd,
                  (off_t)gate_case_memory(attempt->public.subject.gate_case)) != 0)
        return error_set_errno(error, errno, "cannot create the disk seed-out");
    return TRUE;
}

/* Sparse: only what QEMU counts takes memory. */
static gboolean make_counters(AttemptState *attempt, GError **error) {
    int fd = attempt->public.counters_fd = fdio_memfd("counters", error);
    if (fd < 0) return FALSE;
    return ftruncate(fd, (off_t)attempt->options->plugin_bytes) == 0 ||
           error_set_errno(error, errno, "cannot create the file for coverage");
}

/* Returns the absolute path FOLDER/LABEL/CASE.SUFFIX and creates its folder; NULL and *error. */
static char *make_path(const AttemptState *attempt, const char *folder, const char *suffix,
                       GError **error) {
    g_autofree char *file = g_strdup_printf("%s/%s/%s.%s", folder, attempt->public.label,
                                            attempt->public.subject.gate_case->name, suffix);
    g_autofree char *path = g_canonicalize_filename(file, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    if (!fdio_check_links(folder, file, error)) return NULL;
    if (g_mkdir_with_parents(parent, 0777) == 0) return g_steal_pointer(&path);
    error_set_errno(error, errno, "cannot create the folder of %s", path);
    return NULL;
}

/* QEMU may write to the core file but not create one. */
static gboolean make_core(const char *path, GError **error) {
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) return error_set_errno(error, errno, "cannot create the core %s", path);
    fdio_clear(&fd);
    return TRUE;
}

/* Creates the core and transcript files. */
static gboolean open_artifacts(AttemptState *attempt, GError **error) {
    const AttemptOptions *options = attempt->options;
    if (options->transcripts) {
        g_autofree char *path = make_path(attempt, options->transcripts, "console", error);
        if (!path) return FALSE;
        attempt->transcript_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (attempt->transcript_fd < 0)
            return error_set_errno(error, errno, "cannot create the transcript %s", path);
    }
    const AttemptSubject *subject = &attempt->public.subject;
    if (subject->record_root)
        return (attempt->replay_path = make_path(attempt, subject->record_root, "replay", error)) !=
               NULL;
    if (options->cores) {
        /* Each attempt has its own core, so that earlier reports stay valid. */
        g_autofree char *suffix =
            subject->number > 1 ? g_strdup_printf("%u.core", subject->number) : g_strdup("core");
        if (!(attempt->core_path = make_path(attempt, options->cores, suffix, error))) return FALSE;
        return make_core(attempt->core_path, error);
    }
    return TRUE;
}

static gboolean start_guest(AttemptState *attempt, GError **error) {
    const GateCase *c = attempt->public.subject.gate_case;
    const Boot *boot = &attempt->boot;
    gboolean disk_in = boot->disk && boot->driver != DRIVER_LINUX;
    gboolean has_archive = boot_has_archive(boot, attempt->public.inputs);
    int archive = has_archive ? boot_archive(boot, attempt->public.inputs, error) : -1;
    if ((has_archive && archive < 0) || (boot->disk && !make_seed_out(attempt, error))) {
        fdio_clear(&archive);
        return FALSE;
    }
    /* A recording is another attempt, which is replayed without the plugin. */
    gboolean is_counted = attempt->options->plugin && !attempt->replay_path;
    if (is_counted && !make_counters(attempt, error)) {
        fdio_clear(&archive);
        return FALSE;
    }
    g_autofree char *append = boot_args(boot);
    g_autofree char *firmware = boot_firmware(boot), *dtb = boot_dtb(boot);
    gboolean is_bare = boot->driver == DRIVER_SEED && c->firmware && !c->kernel;
    GuestConfig config = {
        .qemu = attempt->qemu,
        .arch = c->arch,
        .machine = gate_case_machine(c),
        .cpu = find_cpu(attempt),
        .accelerator = attempt->accelerator,
        .kernel = is_bare ? NULL : attempt->kernel,
        .firmware = firmware,
        .dtb = dtb,
        .append = append,
        .smp = c->smp,
        .memory_bytes = gate_case_memory(c),
        .more = (const char *const *)c->qemu.words,
        .is_judged_by_status = c->status >= 0,
        .net = c->net,
        .is_unconfined = (c->qemu.host || c->net == NET_OPEN) && attempt->options->allow_host,
        .icount = attempt->options->icount,
        .gdb_socket = attempt->options->gdb_socket,
        .core_file = attempt->core_path,
        .initrd_fd = disk_in ? -1 : archive,
        .seed_in_fd = disk_in ? archive : -1,
        .seed_out_fd = attempt->seed_out_fd,
        .drives = attempt->drives,
        .plugin = is_counted ? attempt->options->plugin : NULL,
        .plugin_fd = attempt->public.counters_fd,
    };
    g_autoptr(Replay) replay = NULL;
    if (attempt->replay_path)
        replay = replay_prepare(&config, attempt->replay_path, archive, error);
    if (attempt_warm_qualifies(attempt)) attempt_warm_take(attempt, &config);
    if (!attempt->guest && (replay || !attempt->replay_path))
        attempt->guest = guest_start(&config, error);
    fdio_clear(&archive);
    for (guint i = 0; attempt->drives && i < attempt->drives->len; i++)
        guest_drive_started(attempt->drives->pdata[i]);
    return attempt->guest != NULL;
}

/* A case that was to make the kernel may pass without leaving that file. */
static gboolean check_made(const AttemptState *attempt, GError **error) {
    if (attempt->boot.driver != DRIVER_MADE || g_file_test(attempt->kernel, G_FILE_TEST_IS_REGULAR))
        return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO,
                "the case named by --kernel passed, but left no file %s", attempt->kernel);
    return FALSE;
}

gboolean attempt_prepare(AttemptState *attempt, GError **error) {
    const AttemptSubject *subject = &attempt->public.subject;
    const AttemptOptions *options = attempt->options;
    const GateCase *c = subject->gate_case;
    attempt->boot = make_boot(attempt);
    attempt->kernel = boot_kernel(&attempt->boot);
    if (!check_made(attempt, error)) return FALSE;
    attempt->qemu = options->qemu ? g_strdup(options->qemu) : gate_case_program(subject->gate, c);
    attempt->accelerator = attempt_accelerator(options, c);
    if (!attempt->accelerator) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_QEMU,
                    "this machine has none of the accelerators %s", c->accel);
        return FALSE;
    }
    if (c->nonce && !(attempt->nonce = make_nonce(error))) return FALSE;
    attempt->boot.nonce = attempt->nonce;
    if (!(attempt->public.inputs = attempt_load_inputs(attempt, error))) return FALSE;
    if (attempt->folder && !fdio_check_links(options->out_root, attempt->folder, error))
        return FALSE;
    return attempt_cache_find(attempt, error);
}

gboolean attempt_prepare_guest(AttemptState *attempt, GError **error) {
    attempt->outputs = outputs_new(attempt->folder, error);
    if (!attempt->outputs) return FALSE;
    if (!open_artifacts(attempt, error)) return FALSE;
    if (!attempt_drives_make(attempt, error)) return FALSE;
    attempt->console = console_new(attempt->nonce, attempt->line_strings);
    return start_guest(attempt, error);
}
