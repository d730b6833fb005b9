/*
 * rwx [DEPTH]: linked as one segment that is readable, writable and executable. Checks that its
 * text and data are those of the file, changes both, runs the changed text, and with DEPTH runs
 * itself DEPTH times nested, since a nested run must not see the changes nor disturb them.
 */
#include "check.h"

enum { MOV_W0_17 = 0x52800220, MOV_W0_34 = 0x52800440, RET = (int)0xd65f03c0 };

static volatile unsigned code[2] = {MOV_W0_17, RET};
static volatile long value = 5;
static volatile long zero[2000];

/* Makes a write to text visible to the fetcher, as a program that writes code must. */
void flush_code(const volatile void *address);

static long call_code(void) { return ((int (*)(void))(unsigned long)code)(); }

int main(int argc, char **argv) {
    char depth[] = "0", *child[] = {"rwx", depth, 0};
    CHECK(call_code(), 17);
    CHECK(value, 5);
    CHECK(zero[0] + zero[1999], 0);
    code[0] = MOV_W0_34;
    flush_code(code);
    value = 6;
    zero[0] = zero[1999] = 7;
    CHECK(call_code(), 34);
    if (argc > 1 && argv[1][0] > '0') {
        depth[0] = (char)(argv[1][0] - 1);
        CHECK(run("/rwx", child), 0);
    }
    CHECK(call_code(), 34);
    CHECK(value, 6);
    CHECK(zero[1999], 7);
    return 0;
}
