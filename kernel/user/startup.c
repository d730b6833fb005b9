/* startup: prints its environment, one setting a line, and then its standard input. Exits with the
 * number of settings, or from 101 on where something is wrong. */
#include "abi/processes.h"
#include "lib.h"

int main(int argc, char **argv) {
    char buffer[4096];
    char **first = argv + argc + 1, **setting;
    long got;
    for (setting = first; *setting; setting++) {
        print(*setting);
        print("\n");
    }
    /* The auxiliary vector stands behind the environment. */
    if (!on_linux() && (unsigned long)setting[1] != AT_PAGESZ) return 101;
    while ((got = syscall(SYS_READ, 0, buffer, sizeof buffer)) > 0)
        if (syscall(SYS_WRITE, 1, buffer, got) != got) return 102;
    return got ? 103 : (int)(setting - first);
}
