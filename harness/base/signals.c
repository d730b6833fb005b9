#define _GNU_SOURCE /* pipe2 */
#include "base/signals.h"
#include "base/fdio.h"
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

static const struct {
    int number;
    const char *name;
    gboolean may_be_ignored;
} caught[] = {{SIGINT, "SIGINT", FALSE},
              {SIGTERM, "SIGTERM", FALSE},
              {SIGHUP, "SIGHUP", TRUE},
              {SIGQUIT, "SIGQUIT", TRUE}};

static int ends[2] = {-1, -1}; /* of a pipe: a byte for each signal */
static struct sigaction former[G_N_ELEMENTS(caught)];
static SignalsFunc listener;
static gpointer listener_data;
static guint source;

static void on_signal(int number) {
    int saved = errno;
    const guint8 byte = (guint8)number;
    /* A full pipe already holds enough signals. */
    (void)!write(ends[1], &byte, 1);
    errno = saved;
}

static gboolean on_byte(int fd, GIOCondition condition, gpointer data) {
    (void)condition;
    (void)data;
    guint8 byte;
    if (read(fd, &byte, 1) == 1) listener(listener_data, byte);
    return G_SOURCE_CONTINUE;
}

void signals_catch(SignalsFunc function, gpointer data) {
    listener = function;
    listener_data = data;
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        g_error("cannot create a pipe for signals: %s", g_strerror(errno));
    source = g_unix_fd_add(ends[0], G_IO_IN, on_byte, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(caught); i++) {
        const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
        sigaction(caught[i].number, NULL, &former[i]);
        if (!caught[i].may_be_ignored || former[i].sa_handler != SIG_IGN)
            sigaction(caught[i].number, &action, NULL);
    }
}

void signals_release(void) {
    for (guint i = 0; i < G_N_ELEMENTS(caught); i++)
        sigaction(caught[i].number, &former[i], NULL);
    g_source_remove(source);
    fdio_clear(&ends[0]);
    fdio_clear(&ends[1]);
}

const char *signals_name(int number) {
    for (guint i = 0; i < G_N_ELEMENTS(caught); i++)
        if (caught[i].number == number) return caught[i].name;
    return "a signal";
}
