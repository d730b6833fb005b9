#include "attempt/difference.h"
#include "attempt/cache_files.h"
#include "attempt/known_good.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "base/hexdiff.h"
#include "base/text.h"
#include "differ/compare.h"
#include <string.h>

/* Below the output folder: expected contents that stand in a gate file, for harness diff. Not a
 * valid gate name. */
#define EXPECTED_FOLDER ".expected"

typedef struct {
    GBytes *bytes; /* or NULL */
    char *path;    /* of a file that has them, or NULL */
} Content;

static void content_clear(Content *content) {
    g_clear_pointer(&content->bytes, g_bytes_unref);
    g_clear_pointer(&content->path, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Content, content_clear)

/* Takes `path`; without a hash any file will do. */
static gboolean take_file(Content *content, char *path, const char *sha256) {
    g_autofree char *found = path;
    g_autoptr(GBytes) bytes = fdio_load(found, NULL);
    g_autofree char *hash = bytes && sha256 ? hash_bytes(bytes) : NULL;
    if (!bytes || (sha256 && strcmp(hash, sha256) != 0)) return FALSE;
    content->bytes = g_steal_pointer(&bytes);
    content->path = g_steal_pointer(&found);
    return TRUE;
}

/* The file that the case left on another driver, where it is the one that was expected. */
static gboolean take_from_drivers(Content *content, const Attempt *attempt, const Finding *finding,
                                  const char *out_root) {
    const AttemptSubject *subject = &attempt->subject;
    for (Driver driver = DRIVER_SEED; driver < DRIVERS; driver++) {
        g_autofree char *label = driver_label(driver, subject->gate->name);
        if (driver != subject->driver &&
            take_file(
                content,
                driver_output_path(out_root, label, subject->gate_case->name, finding->guest_path),
                finding->expected_sha256))
            return TRUE;
    }
    return FALSE;
}

/* Contents of the gate file have no file yet. */
static void take_equal(Content *content, GBytes *equal, const Attempt *attempt,
                       const Finding *finding, const char *out_root) {
    gsize size;
    const char *data = g_bytes_get_data(equal, &size);
    g_autofree char *root = g_build_filename(out_root, EXPECTED_FOLDER, NULL);
    g_autofree char *path = driver_output_path(
        root, attempt->label, attempt->subject.gate_case->name, finding->guest_path);
    content->bytes = g_bytes_ref(equal);
    g_autofree char *folder = g_path_get_dirname(path);
    if (fdio_check_links(out_root, folder, NULL) &&
        cache_files_save(path, data ? data : "", size, NULL))
        content->path = g_steal_pointer(&path);
}

/* The expected content: the gate's, or with its hash the last good output, a file of the cache, or
 * what another driver left. */
static void find_expected(Content *content, const Attempt *attempt, const Finding *finding,
                          const DifferencePlaces *places) {
    const char *hash = finding->expected_sha256;
    GBytes *equal = input_files_find(attempt->inputs->equals, finding->guest_path);
    if (equal)
        take_equal(content, equal, attempt, finding, places->out_root);
    else if (hash)
        (void)(take_file(content, known_good_path(places->out_root, attempt, finding->guest_path),
                         hash) ||
               (places->cache &&
                take_file(content, cache_files_path(places->cache, CACHE_OBJECTS, hash), hash)) ||
               take_from_drivers(content, attempt, finding, places->out_root));
}

static DiffSide side_of(const char *name, GBytes *bytes) {
    DiffSide side = {.name = name};
    side.data = g_bytes_get_data(bytes, &side.size);
    if (!side.data) side.data = (const guint8 *)"";
    return side;
}

/* A word of a command line, quoted where a shell wants that. */
static void append_word(GString *text, const char *word) {
    g_autofree char *quoted = g_shell_quote(word);
    gboolean is_plain = TRUE;
    for (const char *at = word; *at; at++)
        is_plain &= g_ascii_isalnum(*at) || strchr("/._-+@,:=", *at) != NULL;
    g_string_append_printf(text, " %s", is_plain ? word : quoted);
}

/* The cause, and how to see more. */
static void append_cause(GString *text, const Content *expected, const Content *actual,
                         const char *program) {
    DiffSide a = side_of("expected", expected->bytes), b = side_of("actual", actual->bytes);
    g_autoptr(Diff) diff = compare_contents(&a, &b, 0);
    if (!diff) return;
    g_autofree char *cause = text_line(diff->cause);
    g_string_append_printf(text, "the cause: %s\n", cause);
    if (!expected->path || !actual->path) return;
    g_string_append(text, "to see more:");
    append_word(text, program ? program : "harness");
    g_string_append(text, " diff");
    append_word(text, expected->path);
    append_word(text, actual->path);
    g_string_append_c(text, '\n');
}

char *difference_describe(const Attempt *attempt, const Finding *finding,
                          const DifferencePlaces *places) {
    if (!finding->guest_path || !finding->actual_sha256 || !attempt->inputs) return NULL;
    g_auto(Content) actual = {0}, expected = {0};
    /* A file that the guest left as it was put in is not written again. */
    GBytes *input = input_files_find(attempt->inputs->files, finding->guest_path);
    if (!take_file(&actual,
                   driver_output_path(places->out_root, attempt->label,
                                      attempt->subject.gate_case->name, finding->guest_path),
                   NULL) &&
        input)
        actual.bytes = g_bytes_ref(input);
    if (!actual.bytes) return NULL;
    find_expected(&expected, attempt, finding, places);
    g_autofree char *rows = expected.bytes ? hexdiff_format(expected.bytes, actual.bytes) : NULL;
    g_autoptr(GString) text = g_string_new(rows);
    if (rows)
        append_cause(text, &expected, &actual, places->program);
    else if (actual.path)
        g_string_append_printf(text, "the actual file is %s\n", actual.path);
    if (!rows && finding->expected_sha256)
        g_string_append(text,
                        "no file with the expected hash is in the output folder or the cache: run "
                        "the case where it passes, then here again, to see what differs\n");
    return text->len ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
}
