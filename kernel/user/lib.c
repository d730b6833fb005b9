#include "lib.h"
#include "abi/errno.h"
#include "abi/files.h"
#include "abi/processes.h"

size_type length_of(const char *text) {
    size_type length = 0;
    while (text[length])
        length++;
    return length;
}

int same(const char *a, const char *b) {
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

unsigned long number_of(const char *text) {
    unsigned long value = 0;
    while (*text >= '0' && *text <= '9')
        value = value * 10 + (unsigned long)(*text++ - '0');
    return value;
}

void print(const char *text) { syscall(SYS_WRITE, 1, text, length_of(text)); }

void print_number(long value) {
    char digits[24], *at = digits + sizeof digits;
    unsigned long rest = value < 0 ? -(unsigned long)value : (unsigned long)value;
    *--at = 0;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0) *--at = '-';
    print(at);
}

int on_linux(void) {
    static char *no_args[] = {0};
    return syscall(SYS_SPAWN, "", no_args) == -ENOSYS;
}

static long start_on_linux(const char *path, char **argv) {
    long error = 0, pid = vfork_exec(path, argv, &error);
    if (error == 0) return pid;
    syscall(SYS_WAITID, P_PID, pid, 0, WEXITED, 0);
    return error;
}

long start_child(const char *path, char **argv) {
    static int is_linux = -1;
    if (is_linux < 0) is_linux = on_linux();
    return is_linux ? start_on_linux(path, argv) : syscall(SYS_SPAWN, path, argv);
}

long run(const char *path, char **argv) {
    int info[32];
    long pid = start_child(path, argv);
    if (pid < 0) return pid;
    long error = syscall(SYS_WAITID, P_PID, pid, info, WEXITED, 0);
    if (error) return error;
    return info[2] == CLD_EXITED ? info[6] : 256 + info[6];
}

void *memset(void *to, int byte, size_type size) {
    char *at = to;
    while (size-- > 0)
        *at++ = (char)byte;
    return to;
}

void *memcpy(void *to, const void *from, size_type size) {
    char *at = to;
    const char *source = from;
    while (size-- > 0)
        *at++ = *source++;
    return to;
}
