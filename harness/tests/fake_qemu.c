/*
 * A QEMU that misbehaves, for the tests: it speaks QMP on the descriptor of "-chardev socket,fd=N",
 * prints the transcript FAKE_TRANSCRIPT, in which @NONCE@ stands for the nonce of the attempt, and
 * ends. The case says what goes wrong, in its argv, which comes as bootargs:
 *
 *   cut N        the transcript ends after N bytes
 *   flip N       bit N of it, not counting the hex of files, is inverted
 *   garbage, deaf, refuse    on QMP: no QMP, no answer, an error for "cont"
 *   late         QMP answers after a second
 *   close        standard output is closed after the transcript, but the process stays
 *   stay         nothing more happens
 *   kill         it kills itself
 *   flaky        the first time, as FAKE_TRANSCRIPT.tried shows, it kills itself before the end
 *   listen       before it prints anything it reads a line, and prints it
 *   vary         the file /out ends in another byte each time, as FAKE_TRANSCRIPT.count shows
 *   programs N, files N, lines N    so many more of them come before init's EXIT line
 *   noise N      N MiB of program output come before the transcript
 *
 * Thousands of faults start it, so it is no script.
 */
#define _GNU_SOURCE /* memmem */
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAY_SECONDS 600
#define NOISE        "noise that is no kernel line, and goes on without end, 64 B a line\n"

static const char *nonce, *fault = "";
static unsigned long amount;

static gboolean is_fault(const char *name) { return strcmp(fault, name) == 0; }

static G_GNUC_NORETURN void fail(const char *why) {
    fprintf(stderr, "fake-qemu: %s\n", why);
    _exit(2);
}

/* The value that follows `text` in the command line. */
static const char *argument(char **argv, const char *option, const char *text) {
    for (; *argv; argv++) {
        if (strcmp(*argv, option) != 0 || !argv[1]) continue;
        const char *found = strstr(argv[1], text);
        if (found) return found + strlen(text);
    }
    fail(option);
}

/* "nonce=WORD [FAULT [AMOUNT]]", among other words. */
static void read_fault(const char *bootargs) {
    char **words = g_strsplit(bootargs, " ", 3);
    nonce = words[0];
    if (!words[1]) return;
    fault = words[1];
    if (words[2]) amount = strtoul(words[2], NULL, 10);
}

static void speak_qmp(int fd) {
    char line[4096];
    FILE *qmp = fdopen(fd, "r+");
    if (!qmp) fail("no control socket");
    setvbuf(qmp, NULL, _IONBF, 0);
    if (is_fault("deaf")) sleep(STAY_SECONDS);
    if (is_fault("garbage")) {
        static const char garbage[] = "\0\377 this is not QMP\n";
        fwrite(garbage, 1, sizeof garbage - 1, qmp);
        sleep(STAY_SECONDS);
    }
    if (is_fault("late")) sleep(1);
    fputs("{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n", qmp);
    for (int i = 0; i < 2; i++) {
        const char *id = fgets(line, sizeof line, qmp) ? strstr(line, "\"id\": ") : NULL;
        if (!id) fail("no command");
        unsigned long number = strtoul(id + strlen("\"id\": "), NULL, 10);
        if (is_fault("refuse") && number == 2) {
            fprintf(qmp,
                    "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\": %lu}\r\n",
                    number);
            sleep(STAY_SECONDS);
        }
        fprintf(qmp, "{\"return\": {}, \"id\": %lu}\r\n", number);
    }
}

/* Inverts bit `bit` of the kernel lines. */
static void flip(GString *text, unsigned long bit) {
    unsigned long byte = bit / 8;
    for (char *line = text->str; *line;) {
        size_t length = strcspn(line, "\n") + 1;
        if (g_str_has_prefix(line, "=== ")) {
            if (byte < length) {
                line[byte] ^= (char)(1 << bit % 8);
                return;
            }
            byte -= length;
        }
        line += length;
    }
    fail("the bit is beyond the end");
}

static char *beside_transcript(const char *suffix) {
    return g_strconcat(g_getenv("FAKE_TRANSCRIPT"), suffix, NULL);
}

static void kill_first_time(void) {
    int fd = open(beside_transcript(".tried"), O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (fd >= 0) kill(getpid(), SIGKILL);
}

/* The last byte of the hex of "hello" counts the runs. */
static void vary(GString *text) {
    struct stat status;
    int fd = open(beside_transcript(".count"), O_WRONLY | O_CREAT | O_APPEND, 0644);
    char *found = strstr(text->str, "\n68656c6c6f\n");
    if (fd < 0 || write(fd, ".", 1) != 1 || fstat(fd, &status) != 0 || !found) fail("vary");
    char *hex = g_strdup_printf("%02x", 0x60 + (unsigned)status.st_size);
    memcpy(found + strlen("\n68656c6c"), hex, 2);
}

static void print_more(unsigned long n) {
    /* The longest names that the contract knows, since each file costs the host time. */
    static char deep[241];
    memset(deep, 'x', sizeof deep - 1);
    if (is_fault("programs"))
        printf("=== SPAWN pid=%lu ppid=1 argc=2 path=/true argv=true,%lu ticks=2 nonce=%s ===\n"
               "=== EXIT pid=%lu status=0 ticks=2 nonce=%s ===\n",
               n, n, nonce, n, nonce);
    else if (is_fault("files"))
        printf("=== FILE path=/%s/%lu size=1 nonce=%s ===\n61\n", deep, n, nonce);
    else
        printf("=== ENOSYS nr=%lu pid=1 nonce=%s ===\n", n, nonce);
}

/* Prints the transcript up to init's EXIT line, then more than that; removes it from `text`. */
static void flood(GString *text) {
    char *files = strstr(text->str, "files="), *rest;
    if (is_fault("files") && files) {
        unsigned long count = strtoul(files + strlen("files="), &rest, 10);
        char *more = g_strdup_printf("%lu", count + amount);
        gssize at = files + strlen("files=") - text->str;
        g_string_erase(text, at, rest - files - (gssize)strlen("files="));
        g_string_insert(text, at, more);
    }
    char *end = strstr(text->str, "=== EXIT pid=1 ");
    if (!end) fail("no EXIT line");
    fwrite(text->str, 1, (size_t)(end - text->str), stdout);
    for (unsigned long n = 1; n <= amount; n++)
        print_more(n + 1); /* init is program 1 */
    g_string_erase(text, 0, end - text->str);
}

/* g_string_replace ends at a NUL, which hostile transcripts have. */
static void put_nonce(GString *text) {
    static const char place[] = "@NONCE@";
    const char *found;
    for (gsize at = 0; (found = memmem(text->str + at, text->len - at, place, strlen(place)));) {
        at = (gsize)(found - text->str);
        g_string_erase(text, (gssize)at, (gssize)strlen(place));
        g_string_insert(text, (gssize)at, nonce);
        at += strlen(nonce);
    }
}

static GString *load_transcript(void) {
    char *content;
    gsize length;
    if (!g_file_get_contents(g_getenv("FAKE_TRANSCRIPT"), &content, &length, NULL))
        fail("no transcript");
    GString *text = g_string_new_len(content, (gssize)length);
    put_nonce(text);
    return text;
}

static void print_transcript(GString *text) {
    if (is_fault("cut")) g_string_truncate(text, amount);
    if (is_fault("flip")) flip(text, amount);
    if (is_fault("flaky")) kill_first_time();
    if (is_fault("vary")) vary(text);
    if (is_fault("programs") || is_fault("files") || is_fault("lines")) flood(text);
    fwrite(text->str, 1, text->len, stdout);
    fflush(stdout);
}

int main(int argc, char **argv) {
    char line[4096];
    (void)argc;
    read_fault(argument(argv, "-append", "nonce="));
    speak_qmp((int)strtol(argument(argv, "-chardev", "fd="), NULL, 10));
    if (is_fault("listen")) printf("heard %s", fgets(line, sizeof line, stdin) ? line : "");
    if (is_fault("noise"))
        for (unsigned long n = 0; n < amount * 15650; n++)
            fputs(NOISE, stdout);
    print_transcript(load_transcript());
    if (is_fault("close")) close(STDOUT_FILENO);
    if (is_fault("kill")) kill(getpid(), SIGKILL);
    if (is_fault("close") || is_fault("stay")) sleep(STAY_SECONDS);
    return 0;
}
