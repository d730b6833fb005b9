#include "check.h"

void check_equal(int line, const char *what, long actual, long expected) {
    if (actual == expected) return;
    print("line ");
    print_number(line);
    print(": ");
    print(what);
    print(" gave ");
    print_number(actual);
    print(", not ");
    print_number(expected);
    print("\n");
    syscall(SYS_EXIT_GROUP, 1);
}

int run_case(const struct test_case *cases, int argc, char **argv) {
    for (; cases->name; cases++) {
        if (argc < 2) {
            print(cases->name);
            print("\n");
        } else if (same(argv[1], cases->name)) {
            cases->run();
            return 0;
        }
    }
    if (argc > 1) print("no such case\n");
    return argc > 1 ? 2 : 0;
}
