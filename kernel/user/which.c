/* which: writes the name of the kernel below into /which. */
#include "lib.h"

int main(int argc, char **argv) {
    enum { O_WRONLY = 1, O_CREAT = 0100 };
    const char *name = on_linux() ? "linux\n" : "seed\n";
    long fd = syscall(SYS_OPENAT, -100, "/which", O_WRONLY | O_CREAT, 0644);
    (void)argc;
    (void)argv;
    return syscall(SYS_WRITE, fd, name, length_of(name)) < 0;
}
