#include "attempt/difference.h"
#include "attempt/known_good.h"
#include "base/hexdiff.h"

/* The file that the counterpart left. */
static GBytes *find_counterpart(const Attempt *attempt, const Finding *finding,
                                const char *out_root) {
    const AttemptSubject *subject = &attempt->subject;
    if (!subject->counterpart_files) return NULL;
    g_autofree char *path = driver_output_path(out_root, subject->gate->name,
                                               subject->gate_case->name, finding->guest_path);
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);
    return mapped ? g_mapped_file_get_bytes(mapped) : NULL;
}

/* The expected content: the gate's, the last output with the golden hash, or the counterpart's. */
static GBytes *find_expected(const Attempt *attempt, const Finding *finding, const char *out_root) {
    GBytes *equal = input_files_find(attempt->inputs->equals, finding->guest_path);
    if (equal) return g_bytes_ref(equal);
    if (!finding->expected_sha256) return NULL;
    GBytes *good =
        known_good_find(out_root, attempt, finding->guest_path, finding->expected_sha256);
    return good ? good : find_counterpart(attempt, finding, out_root);
}

char *difference_describe(const Attempt *attempt, const Finding *finding, const char *out_root) {
    if (!finding->guest_path || !finding->actual_sha256 || !attempt->inputs) return NULL;
    g_autofree char *path = driver_output_path(
        out_root, attempt->label, attempt->subject.gate_case->name, finding->guest_path);
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);
    /* A file that the guest left as it was put in is not written again. */
    GBytes *input = input_files_find(attempt->inputs->files, finding->guest_path);
    g_autoptr(GBytes) actual = mapped  ? g_mapped_file_get_bytes(mapped)
                               : input ? g_bytes_ref(input)
                                       : NULL;
    if (!actual) return NULL;
    g_autoptr(GBytes) expected = find_expected(attempt, finding, out_root);
    char *text = expected ? hexdiff_format(expected, actual) : NULL;
    return text || !mapped ? text : g_strdup_printf("the actual file is %s\n", path);
}
