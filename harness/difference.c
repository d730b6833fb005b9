#include "difference.h"
#include "good.h"
#include "hexdiff.h"
#include <string.h>

/* What the file must be: given in the gate file, or the last output with the golden hash. */
static GBytes *find_expected(const Run *run, const Finding *finding, const char *out_root)
{
    GBytes *equal = inputs_find(run->inputs->equals, finding->guest_path);
    if (equal)
        return g_bytes_ref(equal);
    return finding->expected ? good_find(out_root, run, finding->guest_path,
                                         finding->expected + strlen("sha256 "))
                             : NULL;
}

char *difference_describe(const Run *run, const Finding *finding, const char *out_root)
{
    if (!finding->guest_path || !finding->actual || !run->inputs)
        return NULL;
    g_autofree char *path =
        g_strdup_printf("%s/%s/%s%s", out_root, run->gate->name, run->c->name, finding->guest_path);
    g_autoptr(GMappedFile) mapped = g_mapped_file_new(path, FALSE, NULL);
    /* A file that the guest left as it was put in is not written again. */
    GBytes *input = inputs_find(run->inputs->files, finding->guest_path);
    g_autoptr(GBytes) actual = mapped  ? g_mapped_file_get_bytes(mapped)
                               : input ? g_bytes_ref(input)
                                       : NULL;
    if (!actual)
        return NULL;
    g_autoptr(GBytes) expected = find_expected(run, finding, out_root);
    char *text = expected ? hexdiff_format(expected, actual) : NULL;
    return text || !mapped ? text : g_strdup_printf("what came is in %s\n", path);
}
