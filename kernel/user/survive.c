/*
 * survive KIND SIGNAL: starts /fault KIND, twice, and checks that each is killed by SIGNAL and that
 * a sound child runs after it.
 */
#include "check.h"

enum { KILLED = 256 }; /* run(), lib.h */

int main(int argc, char **argv) {
    char *sound[] = {"true", 0};
    char *fault[] = {"fault", argc > 1 ? argv[1] : 0, 0};
    int n;
    CHECK(argc, 3);
    for (n = 0; n < 2; n++) {
        CHECK(run("/fault", fault), KILLED + number_of(argv[2]));
        CHECK(run("/true", sound), 0);
    }
    return 0;
}
