#include "base/http.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/http_transport.h"
#include "base/module.h"
#include "base/text.h"
#include "base/version.h"
#include <string.h>

#define SUCCESS     200
#define SUCCESS_END 300

struct _Http {
    char *url; /* without a slash at the end */
    const HttpTransport *transport;
    HttpConnections *connections;
};

/* ---- URLs ---- */

gboolean http_is_url(const char *text) { return strstr(text, "://") != NULL; }

gboolean http_check_url(const char *url, GError **error) {
    g_autofree char *shown = http_shown_url(url);
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL);
    const char *host = uri ? g_uri_get_host(uri) : NULL;
    if (host && *host && g_uri_get_query(uri) == NULL && g_uri_get_fragment(uri) == NULL &&
        (strcmp(g_uri_get_scheme(uri), "http") == 0 || strcmp(g_uri_get_scheme(uri), "https") == 0))
        return TRUE;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                "%s is not http://HOST[:PORT]/PATH or https://HOST[:PORT]/PATH", shown);
    return FALSE;
}

/* Even a URL that cannot be parsed may hold a password. */
char *http_shown_url(const char *url) {
    const char *begin = strstr(url, "://");
    if (!begin) return text_line(url);
    begin += strlen("://");
    const char *end = begin + strcspn(begin, "/?#");
    const char *at = g_strrstr_len(begin, end - begin, "@");
    g_autofree char *shown =
        g_strdup_printf("%.*s%s", (int)(begin - url), url, at ? at + 1 : begin);
    return text_line(shown);
}

/* ---- Opening ---- */

/* A line break would make two headers of one. */
static gboolean is_header(const char *header) {
    const char *colon = strchr(header, ':');
    if (!colon || colon == header || !g_utf8_validate(header, -1, NULL)) return FALSE;
    for (const char *at = header; *at; at++)
        if (g_ascii_iscntrl(*at)) return FALSE;
    return TRUE;
}

static const HttpTransport *find_transport(GError **error) {
    if (&http_transport) return &http_transport;
    return module_load(HTTP_TRANSPORT_FILE, G_STRINGIFY(http_transport), "a cache on a server",
                       error);
}

Http *http_open(const char *url, const char *header, GError **error) {
    if (!http_check_url(url, error)) return NULL;
    if (header && !is_header(header)) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                    "the header is not one line NAME: VALUE");
        return NULL;
    }
    const HttpTransport *transport = find_transport(error);
    if (!transport) return NULL;
    Http *http = g_new0(Http, 1);
    *http = (Http){.url = g_strdup(url),
                   .transport = transport,
                   .connections = transport->open(header, "harness/" HARNESS_VERSION)};
    for (gsize length = strlen(url); length > 0 && http->url[length - 1] == '/'; length--)
        http->url[length - 1] = '\0';
    return http;
}

void http_close(Http *http) {
    http->transport->close(http->connections);
    g_free(http->url);
    g_free(http);
}

/* ---- A transfer ---- */

/* The status of the answer; 0 and *error if there is no whole answer. */
static guint perform(Http *http, const char *path, HttpRequest *request, const HttpLimit *limit,
                     GError **error) {
    gboolean is_too_long = FALSE;
    g_autofree char *why = NULL;
    g_autofree char *url = g_strconcat(http->url, "/", path, NULL);
    request->url = url;
    request->limit_ms = (limit->end_ns - clock_now_ns()) / 1000000;
    request->cancellable = limit->cancellable;
    guint status = http->transport->perform(http->connections, request, &is_too_long, &why);
    if (status) return status;
    g_autofree char *shown = text_line(why);
    if (is_too_long)
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL,
                    "the server sends more than %" G_GUINT64_FORMAT " bytes", request->max_bytes);
    else
        g_set_error_literal(error, HARNESS_ERROR, HARNESS_ERROR_IO, shown);
    return 0;
}

/* Why a status is no success. */
static void set_refused(GError **error, guint status) {
    static const struct {
        guint status;
        const char *meaning;
    } meanings[] = {{401, ": it wants other credentials"},
                    {403, ": it allows this user no such request"},
                    {405, ": it allows no such request"},
                    {413, ": the file is too large for it"},
                    {507, ": it is full"}};
    const char *meaning = status / 100 == 3 ? ": a redirect, which is not followed" : "";
    for (guint i = 0; i < G_N_ELEMENTS(meanings); i++)
        if (meanings[i].status == status) meaning = meanings[i].meaning;
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL, "the server answers %u%s", status,
                meaning);
}

guint http_get(Http *http, const char *path, guint64 max_bytes, HttpSink sink, gpointer data,
               const HttpLimit *limit, GError **error) {
    HttpRequest request = {.sink = sink, .data = data, .max_bytes = max_bytes};
    guint status = perform(http, path, &request, limit, error);
    if (status == 0 || status == SUCCESS || status == HTTP_NOT_FOUND) return status;
    set_refused(error, status);
    return 0;
}

gboolean http_put(Http *http, const char *path, const void *bytes, gsize size,
                  const HttpLimit *limit, GError **error) {
    HttpRequest request = {.bytes = size ? bytes : "", .size = size};
    guint status = perform(http, path, &request, limit, error);
    if (status >= SUCCESS && status < SUCCESS_END) return TRUE;
    if (status) set_refused(error, status);
    return FALSE;
}
