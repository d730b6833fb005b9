/* The trivial child: exits 0 at once. */
#include "lib.h"

int main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    return 0;
}
