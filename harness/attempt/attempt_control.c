#include "attempt/attempt_control.h"
#include "attempt/attempt_console.h"
#include "attempt/attempt_result.h"
#include "attempt/attempt_warm.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json_in.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A stopped guest is asked some 20 things at 0.3 ms each; one that starves QEMU of its lock may
 * take longer. */
#define CAPTURE_LIMIT_NS G_GINT64_CONSTANT(3000000000)
/* A core is as large as guest memory, and disks may be slow: 10 MB/s for the default. */
#define CORE_LIMIT_NS G_GINT64_CONSTANT(100000000000)

/* ---- A look at the guest before it is killed ---- */

static void send_qmp(AttemptState *attempt, char *line) {
    /* If QEMU does not read the command, the time limit of the capture ends it. */
    outbox_add(&attempt->commands, line, strlen(line), NULL);
    g_free(line);
}

void attempt_capture_end(AttemptState *attempt) {
    attempt->capture_end_ns = 0;
    attempt_stop(attempt);
}

static void begin_core(AttemptState *attempt) {
    attempt->capture_end_ns = clock_now_ns() + CORE_LIMIT_NS;
    send_qmp(attempt, qmp_dump_command(attempt->core_path, GUEST_QMP_CORE));
}

/* `error` is QEMU's message if it failed to write the core; the verdict does not depend on it. */
static void end_core(AttemptState *attempt, const char *error) {
    g_autofree char *text =
        error ? g_strdup_printf("%s: cannot write the core: %s", attempt->core_path, error)
              : g_strdup(attempt->core_path);
    attempt_event(attempt, EVENT_CORE, text);
    attempt_capture_end(attempt);
}

static void go_on_capturing(AttemptState *attempt) {
    g_autofree char *command = capture_next(attempt->capture);
    if (command)
        send_qmp(attempt, qmp_monitor_command(command, GUEST_QMP_MONITOR));
    else if (attempt->core_path)
        begin_core(attempt);
    else
        attempt_capture_end(attempt);
}

void attempt_capture_begin(AttemptState *attempt) {
    attempt->capture = capture_new(attempt->public.subject.gate_case->arch);
    attempt->capture_end_ns = clock_now_ns() + CAPTURE_LIMIT_NS;
    send_qmp(attempt, qmp_command("stop", GUEST_QMP_STOP));
    go_on_capturing(attempt);
}

/* ---- Control ---- */

static void handle_return(AttemptState *attempt, const QmpMessage *message) {
    if (message->id == GUEST_QMP_CONT) {
        attempt->continued = TRUE;
        attempt_progress(attempt);
        attempt_event(attempt, EVENT_CONTINUE, NULL);
    } else if (message->id == GUEST_QMP_MONITOR && attempt->capture_end_ns) {
        gboolean is_text = JSON_NODE_HOLDS_VALUE(message->node) &&
                           json_node_get_value_type(message->node) == G_TYPE_STRING;
        capture_answer(attempt->capture, is_text ? json_node_get_string(message->node) : "");
        go_on_capturing(attempt);
    } else if (message->id == GUEST_QMP_CORE) {
        end_core(attempt, NULL);
    }
}

/* The guest has powered off; QEMU waits only if a core may be dumped. */
static void handle_shutdown(AttemptState *attempt) {
    if (!attempt->core_path || attempt->capture_end_ns || attempt->stopping) return;
    /* The last kernel lines say whether it ended well. */
    attempt_console_drain(attempt);
    if (event_log_find_line(attempt->public.log, LINE_END))
        attempt_stop(attempt);
    else
        attempt_capture_begin(attempt);
}

/* SHUTDOWN has a reason, such as guest-shutdown or guest-reset (QEMU, qapi/run-state.json). */
static void add_qmp_event(AttemptState *attempt, const QmpMessage *message) {
    gboolean has_data = message->node && JSON_NODE_HOLDS_OBJECT(message->node);
    const char *reason =
        has_data ? json_in_text(json_node_get_object(message->node), "reason") : NULL;
    g_autofree char *text = g_strconcat(message->text, reason ? " " : NULL, reason, NULL);
    attempt_guest_event(attempt, EVENT_QMP, text);
}

static void handle_qmp(AttemptState *attempt, const QmpMessage *message) {
    switch (message->kind) {
    case QMP_GREETING: attempt_guest_event(attempt, EVENT_VERSION, message->text); break;
    case QMP_RETURN: handle_return(attempt, message); break;
    case QMP_ERROR:
        if (message->id == GUEST_QMP_CORE) {
            end_core(attempt, message->text);
            break;
        }
        attempt_error(attempt, "QMP",
                      g_error_new(HARNESS_ERROR, HARNESS_ERROR_QEMU,
                                  "QEMU rejected command %" G_GINT64_FORMAT ": %s", message->id,
                                  message->text));
        break;
    case QMP_EVENT:
        add_qmp_event(attempt, message);
        attempt_warm_event(attempt, message->text);
        if (g_strcmp0(message->text, "SHUTDOWN") == 0) handle_shutdown(attempt);
        break;
    }
}

gboolean attempt_control_ready(int fd, GIOCondition condition, gpointer data) {
    (void)condition;
    AttemptState *attempt = data;
    guint8 buffer[4096];
    ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return G_SOURCE_CONTINUE;
    GError *error = NULL;
    QmpMessage message;
    if (got > 0) qmp_push(attempt->qmp, buffer, (gsize)got);
    while (got > 0 && qmp_pull(attempt->qmp, &message, &error)) {
        handle_qmp(attempt, &message);
        qmp_message_clear(&message);
    }
    if (attempt->is_standing && !attempt->exited && !error) {
        attempt_finish(attempt);
        return G_SOURCE_REMOVE;
    }
    if (got > 0 && !error) return G_SOURCE_CONTINUE;
    attempt_drop_source(&attempt->qmp_source);
    if (error) attempt_error(attempt, "QEMU's control socket", error);
    return G_SOURCE_REMOVE;
}
