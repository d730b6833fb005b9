/* QEMU's control socket: what it says, and a look at a guest before it is killed. */
#include "clock.h"
#include "error.h"
#include "run_private.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A stopped guest is asked some 20 things at 0.3 ms each; one that starves QEMU of its lock may
 * take longer. */
#define CAPTURE_LIMIT_NS G_GINT64_CONSTANT(3000000000)
/* A core is as large as guest memory, and disks may be slow: 10 MB/s for the default. */
#define CORE_LIMIT_NS G_GINT64_CONSTANT(100000000000)

/* ---- A look at the guest before it is killed ---- */

static void send_qmp(RunState *run, char *line) {
    /* If QEMU does not read it, the capture's own limit ends it. */
    outbox_add(&run->commands, line, strlen(line), NULL);
    g_free(line);
}

void run_capture_end(RunState *run) {
    run->capture_end_ns = 0;
    run_stop(run);
}

static void begin_core(RunState *run) {
    run->capture_end_ns = clock_now_ns() + CORE_LIMIT_NS;
    send_qmp(run, qmp_dump_command(run->core_path, GUEST_QMP_CORE));
}

/* `error` is what QEMU says where it could not write it; the verdict is another matter. */
static void end_core(RunState *run, const char *error) {
    g_autofree char *text = error ? g_strdup_printf("%s: not written: %s", run->core_path, error)
                                  : g_strdup(run->core_path);
    run_event(run, EVENT_CORE, text);
    run_capture_end(run);
}

static void go_on_capturing(RunState *run) {
    g_autofree char *command = capture_next(run->capture);
    if (command)
        send_qmp(run, qmp_monitor_command(command, GUEST_QMP_MONITOR));
    else if (run->core_path)
        begin_core(run);
    else
        run_capture_end(run);
}

void run_capture_begin(RunState *run) {
    run->capture = capture_new();
    run->capture_end_ns = clock_now_ns() + CAPTURE_LIMIT_NS;
    send_qmp(run, qmp_command("stop", GUEST_QMP_STOP));
    go_on_capturing(run);
}

/* ---- Control ---- */

static void handle_return(RunState *run, const QmpMessage *message) {
    if (message->id == GUEST_QMP_CONT) {
        run->continued = TRUE;
        run_progress(run);
        run_event(run, EVENT_CONTINUE, NULL);
    } else if (message->id == GUEST_QMP_MONITOR && run->capture_end_ns) {
        gboolean is_text = JSON_NODE_HOLDS_VALUE(message->node) &&
                           json_node_get_value_type(message->node) == G_TYPE_STRING;
        capture_answer(run->capture, is_text ? json_node_get_string(message->node) : "");
        go_on_capturing(run);
    } else if (message->id == GUEST_QMP_CORE) {
        end_core(run, NULL);
    }
}

/* The guest has powered off; only with a core to take does QEMU still stand. */
static void handle_shutdown(RunState *run) {
    if (!run->core_path || run->capture_end_ns || run->stopping) return;
    /* What it printed last tells whether it ended well. */
    run_console_drain(run);
    if (event_log_find_frame(run->public.log, FRAME_END))
        run_stop(run);
    else
        run_capture_begin(run);
}

static void handle_qmp(RunState *run, const QmpMessage *message) {
    switch (message->kind) {
    case QMP_GREETING: run_guest_event(run, EVENT_VERSION, message->text); break;
    case QMP_RETURN: handle_return(run, message); break;
    case QMP_ERROR:
        if (message->id == GUEST_QMP_CORE) {
            end_core(run, message->text);
            break;
        }
        run_trouble(run, "QMP",
                    g_error_new(HARNESS_ERROR, HARNESS_ERROR_QEMU,
                                "QEMU refused command %" G_GINT64_FORMAT ": %s", message->id,
                                message->text));
        break;
    case QMP_EVENT:
        run_guest_event(run, EVENT_QMP, message->text);
        if (g_strcmp0(message->text, "SHUTDOWN") == 0) handle_shutdown(run);
        break;
    }
}

gboolean run_control_ready(int fd, GIOCondition condition, gpointer data) {
    (void)condition;
    RunState *run = data;
    guint8 buffer[4096];
    ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return G_SOURCE_CONTINUE;
    GError *error = NULL;
    QmpMessage message;
    if (got > 0) qmp_push(run->qmp, buffer, (gsize)got);
    while (got > 0 && qmp_pull(run->qmp, &message, &error)) {
        handle_qmp(run, &message);
        qmp_message_clear(&message);
    }
    if (got > 0 && !error) return G_SOURCE_CONTINUE;
    run_drop_source(&run->qmp_source);
    if (error) run_trouble(run, "QEMU's control socket", error);
    return G_SOURCE_REMOVE;
}
