#include "suite_gate.h"

Gate *parse_gate(const char *text, GError **error) {
    return gate_parse("g", "g.gate", "/root", text, strlen(text), error);
}

void assert_refused(const char *text, const char *message) {
    GError *error = NULL;
    g_autoptr(Gate) gate = parse_gate(text, &error);
    ck_assert_msg(gate == NULL, "accepted:\n%s", text);
    suite_assert_error(&error, message);
}

char *write_file(const char *name, const char *text) {
    char *path = g_build_filename(suite_folder(), name, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    ck_assert_int_eq(g_mkdir_with_parents(folder, 0700), 0);
    ck_assert(g_file_set_contents(path, text, -1, NULL));
    return path;
}

char *write_gate(const char *name, const char *needs, const char *cases) {
    g_autofree char *file = g_strdup_printf("gates/%s.gate", name);
    g_autofree char *text =
        g_strdup_printf("[gate]\nproves = x\n%s%s\n%s", *needs ? "needs = " : "", needs, cases);
    return write_file(file, text);
}
