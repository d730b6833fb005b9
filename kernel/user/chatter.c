/* Prints for ever and gets nowhere. */
#include "lib.h"

int main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    for (;;)
        print("still here\n");
}
