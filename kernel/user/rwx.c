/*
 * rwx [DEPTH]: linked as one segment that is readable, writable and executable. Checks that its
 * text and data are those of the file, changes both, runs the changed text, and with DEPTH runs
 * itself DEPTH times nested, since a nested run must not see the changes nor disturb them.
 */
#include "check.h"

/* mov w0, #value */
#define MOV_W0(value) (0x52800000 | (unsigned)(value) << 5)
enum { RET = (int)0xd65f03c0 };

static volatile unsigned code[2] = {MOV_W0(17), RET};
static volatile long value = 5;
static volatile long zero[2000];

/* Makes a write to text visible to the fetcher, as a program that writes code must. */
void flush_code(const volatile void *address);

static long call_code(void) { return ((int (*)(void))(unsigned long)code)(); }

int main(int argc, char **argv) {
    char depth[] = "0", *child[] = {"rwx", depth, 0};
    /* Each depth changes the same places to something else. */
    long own = argc > 1 ? 100 + argv[1][0] : 100;
    CHECK(call_code(), 17);
    CHECK(value, 5);
    CHECK(zero[0] + zero[1999], 0);
    code[0] = MOV_W0(own);
    flush_code(code);
    value = own;
    zero[0] = zero[1999] = own;
    CHECK(call_code(), own);
    if (argc > 1 && argv[1][0] > '0') {
        depth[0] = (char)(argv[1][0] - 1);
        CHECK(run("/rwx", child), 0);
    }
    CHECK(call_code(), own);
    CHECK(value, own);
    CHECK(zero[1999], own);
    return 0;
}
