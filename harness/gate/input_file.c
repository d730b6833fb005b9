#include "gate/input_file.h"
#include <string.h>

static void input_file_free(gpointer data) {
    InputFile *file = data;
    g_free(file->guest_path);
    g_bytes_unref(file->content);
    g_free(file);
}

GPtrArray *input_files(void) { return g_ptr_array_new_with_free_func(input_file_free); }

InputFile *input_files_add_like(GPtrArray *files, const char *guest_path, const InputFile *file) {
    InputFile *copy = g_memdup2(file, sizeof *file);
    copy->guest_path = g_strdup(guest_path);
    g_ptr_array_add(files, copy);
    return copy;
}

InputFile *input_files_add(GPtrArray *files, const char *guest_path, GBytes *content) {
    return input_files_add_like(
        files, guest_path,
        &(InputFile){.mode = INPUT_FILE_MODE, .content = content, .stamp = FILE_STAMP_NONE});
}

GBytes *input_files_find(const GPtrArray *files, const char *guest_path) {
    for (guint i = 0; i < files->len; i++) {
        const InputFile *file = files->pdata[i];
        if (strcmp(file->guest_path, guest_path) == 0) return file->content;
    }
    return NULL;
}
