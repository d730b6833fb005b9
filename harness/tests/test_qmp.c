#include "guest/qmp.h"
#include "suite.h"

/* The messages of a stream that comes in pieces, as "kind id text" words. */
static char *read_all(const char *stream, gsize piece, GError **error) {
    g_autoptr(Qmp) qmp = qmp_new();
    GString *out = g_string_new(NULL);
    gsize length = strlen(stream);
    for (gsize at = 0; at < length && !*error; at += piece) {
        qmp_push(qmp, (const guint8 *)stream + at, MIN(piece, length - at));
        QmpMessage message;
        while (qmp_pull(qmp, &message, error)) {
            g_string_append_printf(out, "%c%d%s;", "GREV"[message.kind], (int)message.id,
                                   message.text ? message.text : "");
            qmp_message_clear(&message);
        }
    }
    return g_string_free(out, FALSE);
}

START_TEST(reads_messages_in_any_pieces) {
    const char *stream = "{\"QMP\": {\"version\": {}}}\r\n{\"return\": {}, \"id\": 2}\r\n\r\n"
                         "{\"error\": {\"class\": \"C\", \"desc\": \"d\"}, \"id\": 3}\r\n"
                         "{\"event\": \"STOP\", \"data\": {\"a\": [1, \"}\"]}}\n";
    for (gsize piece = 1; piece < strlen(stream); piece++) {
        GError *error = NULL;
        g_autofree char *got = read_all(stream, piece, &error);
        ck_assert_msg(!error, "%s", error ? error->message : "");
        ck_assert_str_eq(got, "G-1;R2;E3C: d;V-1STOP;");
    }
}
END_TEST

START_TEST(greeting_tells_the_version) {
    GError *error = NULL;
    g_autofree char *got =
        read_all("{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7},"
                 " \"package\": \"Debian 1:7.2\"}, \"capabilities\": []}}\n"
                 "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 1, \"major\": 9},"
                 " \"package\": \"\"}}}\n"
                 "{\"QMP\": {\"version\": {\"qemu\": {\"major\": \"9\"}}}}\n",
                 7, &error);
    ck_assert_str_eq(got, "G-17.2.22 (Debian 1:7.2);G-19.1.0;G-1;");
    ck_assert(!error);
}
END_TEST

START_TEST(refuses_what_is_not_qmp) {
    static const struct {
        const char *stream, *message;
    } cases[] = {
        {"garbage\n", "QMP: a message is not JSON: garbage"},
        {"[1]\n", "QMP: a message is not a JSON object: [1]"},
        {"{}\n", "QMP: neither greeting, return, error nor event: {}"},
        {"{\"error\": 1}\n", "QMP: an error without class and desc: {\"error\": 1}"},
        {"{\"QMP\": 1}\n", "QMP: the greeting is not a JSON object: {\"QMP\": 1}"},
        {"\xff\n", "QMP: a message is not UTF-8: \\xff"},
    };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        g_autofree char *got = read_all(cases[i].stream, 1, &error);
        ck_assert_str_eq(got, "");
        suite_assert_error(&error, cases[i].message);
    }
}
END_TEST

START_TEST(bounds_size_and_depth) {
    GError *error = NULL;
    g_autofree char *deep = g_strnfill(100000, '[');
    g_autofree char *line = g_strconcat(deep, "\n", NULL);
    g_free(read_all(line, 4096, &error));
    ck_assert(g_str_has_prefix(error->message, "QMP: a message is nested too deep"));
    g_clear_error(&error);
    g_autofree char *huge = g_strnfill(2 * 1024 * 1024, ' ');
    g_free(read_all(huge, 4096, &error));
    ck_assert(g_str_has_prefix(error->message, "QMP: a message has more than 1 MiB"));
    g_clear_error(&error);
}
END_TEST

START_TEST(writes_commands) {
    g_autofree char *line = qmp_command("cont", 2);
    ck_assert_str_eq(line, "{\"execute\": \"cont\", \"id\": 2}\n");
}
END_TEST

SUITE_MAIN("qmp", reads_messages_in_any_pieces, greeting_tells_the_version, refuses_what_is_not_qmp,
           bounds_size_and_depth, writes_commands)
