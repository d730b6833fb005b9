/*
 * spawn DEPTH WIDTH: starts WIDTH copies of itself, each DEPTH - 1 deep, one after the other, and
 * checks that each one exits with its depth. Exits with its own depth (low byte).
 */
#include "lib.h"

static void digits(char *text, unsigned long value) {
    unsigned long unit = 1;
    while (value / unit >= 10)
        unit *= 10;
    for (; unit; unit /= 10)
        *text++ = (char)('0' + value / unit % 10);
    *text = 0;
}

int main(int argc, char **argv) {
    char depth_text[24];
    unsigned long depth = argc > 1 ? number_of(argv[1]) : 0,
                  width = argc > 2 ? number_of(argv[2]) : 1;
    char *child[] = {"spawn", depth_text, argc > 2 ? argv[2] : "1", 0};
    unsigned long i;
    if (depth == 0) return 0;
    digits(depth_text, depth - 1);
    for (i = 0; i < width; i++) {
        long status = run("/spawn", child);
        if (status != (long)((depth - 1) & 255)) {
            print("spawn: a child at depth ");
            print(depth_text);
            print(" gave ");
            print_number(status);
            print("\n");
            return 255;
        }
    }
    return (int)(depth & 255);
}
