#include "attempt/difference.h"
#include "attempt/good.h"
#include "base/hexdiff.h"
#include <string.h>

/* The file that the same case left on the seed kernel. */
static GBytes *find_twin(const Run *run, const Finding *finding, const char *out_root) {
    const RunSubject *subject = &run->subject;
    if (!subject->twin_files) return NULL;
    g_autofree char *path = g_strdup_printf("%s/%s/%s%s", out_root, subject->gate->name,
                                            subject->c->name, finding->guest_path);
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);
    return mapped ? g_mapped_file_get_bytes(mapped) : NULL;
}

/* What the file must be: given in the gate file, the last output with the golden hash, or what the
 * other driver made. */
static GBytes *find_expected(const Run *run, const Finding *finding, const char *out_root) {
    GBytes *equal = inputs_find(run->inputs->equals, finding->guest_path);
    if (equal) return g_bytes_ref(equal);
    if (!finding->expected) return NULL;
    GBytes *good =
        good_find(out_root, run, finding->guest_path, finding->expected + strlen("sha256 "));
    return good ? good : find_twin(run, finding, out_root);
}

char *difference_describe(const Run *run, const Finding *finding, const char *out_root) {
    if (!finding->guest_path || !finding->actual || !run->inputs) return NULL;
    g_autofree char *path = g_strdup_printf("%s/%s/%s%s", out_root, run->label,
                                            run->subject.c->name, finding->guest_path);
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);
    /* A file that the guest left as it was put in is not written again. */
    GBytes *input = inputs_find(run->inputs->files, finding->guest_path);
    g_autoptr(GBytes) actual = mapped  ? g_mapped_file_get_bytes(mapped)
                               : input ? g_bytes_ref(input)
                                       : NULL;
    if (!actual) return NULL;
    g_autoptr(GBytes) expected = find_expected(run, finding, out_root);
    char *text = expected ? hexdiff_format(expected, actual) : NULL;
    return text || !mapped ? text : g_strdup_printf("what came is in %s\n", path);
}
