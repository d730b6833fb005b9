/* spawnbench COUNT PATH: runs /true (or PATH) COUNT times; prints guest ticks of a spawn with its
 * waitid. */
#include "lib.h"

enum { SAMPLES_MAX = 20000 };
static unsigned samples[SAMPLES_MAX];

/* Shell sort: Knuth's gaps. */
static void sort(unsigned *of, unsigned long count) {
    unsigned long gap = 1, i, j;
    while (gap < count / 3)
        gap = 3 * gap + 1;
    for (; gap; gap /= 3) {
        for (i = gap; i < count; i++) {
            unsigned value = of[i];
            for (j = i; j >= gap && of[j - gap] > value; j -= gap)
                of[j] = of[j - gap];
            of[j] = value;
        }
    }
}

int main(int argc, char **argv) {
    unsigned long count = argc > 1 ? number_of(argv[1]) : 1000, i;
    const char *path = argc > 2 ? argv[2] : "/true";
    char *child[] = {"true", 0};
    if (count == 0 || count > SAMPLES_MAX) {
        print("spawnbench: COUNT is 1 to 20000\n");
        return 2;
    }
    for (i = 0; i < count; i++) {
        unsigned long start = ticks();
        long status = run(path, child);
        samples[i] = (unsigned)(ticks() - start);
        if (status != 0) {
            print("spawnbench: child gave ");
            print_number(status);
            print("\n");
            return 1;
        }
    }
    print("spawnbench: count=");
    print_number((long)count);
    print(" first=");
    print_number(samples[0]);
    sort(samples, count);
    print(" min=");
    print_number(samples[0]);
    print(" median=");
    print_number(samples[count / 2]);
    print(" max=");
    print_number(samples[count - 1]);
    print(" ticks\n");
    return 0;
}
