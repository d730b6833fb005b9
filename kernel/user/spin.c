/* Never ends and says nothing. */
#include "lib.h"

int main(int argc, char **argv) {
    volatile int always = 1;
    (void)argc;
    (void)argv;
    while (always)
        continue;
    return 0;
}
