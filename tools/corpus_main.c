/*
 * Runs a fuzz target over every file of its corpus (the folder CORPUS) and prints TAP, so that
 * each input that once broke a parser stays a test. A crash ends the program: the missing
 * results fail the plan.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) return -1;
    uint8_t *data = NULL;
    size_t size = 0, room = 0;
    for (;;) {
        if (size == room) data = realloc(data, room = room ? 2 * room : 4096);
        size_t got = data ? fread(data + size, 1, room - size, file) : 0;
        if (got == 0) break;
        size += got;
    }
    fclose(file);
    /* An exact-size copy lets ASan see a read one past the end. */
    uint8_t *exact = malloc(size ? size : 1);
    if (size) memcpy(exact, data, size);
    free(data);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(void) {
    struct dirent **names = NULL;
    int count = scandir(CORPUS, &names, NULL, alphasort);
    int done = 0, status = 0;
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", CORPUS, names[i]->d_name);
        if (names[i]->d_name[0] != '.') {
            int failed = run_file(path);
            printf("%sok %d - %s\n", failed ? "not " : "", ++done, path);
            fflush(stdout);
            status |= failed;
        }
        free(names[i]);
    }
    free(names);
    printf("1..%d\n", done);
    if (done == 0) printf("Bail out! no corpus in %s\n", CORPUS);
    return status || done == 0;
}
