#include "attempt/known_good.h"
#include "base/fdio.h"
#include <sys/stat.h>
#include <unistd.h>

/* Not a valid gate name: those begin with a letter or digit. */
#define FOLDER ".good"

char *known_good_path(const char *out_root, const Attempt *attempt, const char *guest_path) {
    g_autofree char *root = g_build_filename(out_root, FOLDER, NULL);
    return driver_output_path(root, attempt->label, attempt->subject.gate_case->name, guest_path);
}

/* A new name would change the stamp of an output that has not changed. */
static gboolean is_same_file(const char *one, const char *other) {
    struct stat of_one, of_other;
    return lstat(one, &of_one) == 0 && lstat(other, &of_other) == 0 &&
           of_one.st_dev == of_other.st_dev && of_one.st_ino == of_other.st_ino;
}

void known_good_keep(const char *out_root, const Attempt *attempt) {
    for (guint i = 0; i < attempt->subject.gate_case->expects->len; i++) {
        const GateExpect *expect = attempt->subject.gate_case->expects->pdata[i];
        if (expect->source) continue;
        g_autofree char *from = driver_output_path(
            out_root, attempt->label, attempt->subject.gate_case->name, expect->guest_path);
        g_autofree char *to = known_good_path(out_root, attempt, expect->guest_path);
        if (is_same_file(from, to)) continue;
        g_autofree char *folder = g_path_get_dirname(to);
        /* Outputs are replaced, never changed in place, so that a second name is a copy. */
        if (fdio_check_links(out_root, folder, NULL) && g_mkdir_with_parents(folder, 0777) == 0 &&
            (unlink(to) == 0 || TRUE))
            (void)!link(from, to);
    }
}
