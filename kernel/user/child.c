/* child [STATUS [WORD...]]: prints its arguments, one a line, and exits with STATUS. */
#include "lib.h"

int main(int argc, char **argv) {
    int i;
    for (i = 0; i < argc; i++) {
        print(argv[i]);
        print("\n");
    }
    if (argv[argc]) {
        print("argv does not end in NULL\n");
        return 255;
    }
    return argc > 1 ? (int)number_of(argv[1]) : 0;
}
