/* The trivial child as the chain's first stages are linked: one readable, writable and executable
 * segment, and a write to data that shares the page of the file's end. */
#include "lib.h"

static volatile long touched[100] = {1};

int main(int argc, char **argv) {
    (void)argv;
    touched[99] = argc;
    return touched[0] != 1;
}
