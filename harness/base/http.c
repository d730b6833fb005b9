#include "base/http.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>

/* A server of a local network answers within milliseconds; a distant one within a second. */
#define CONNECT_MS 3000L
/* A transfer below this speed for so long is idle. */
#define IDLE_BYTES_PER_S 1000L
#define IDLE_S           10L
#define SUCCESS          200
#define SUCCESS_END      300

struct _Http {
    char *url; /* without a slash at the end */
    struct curl_slist *headers;
    GAsyncQueue *idle; /* of CURL, whose connections are open */
};

typedef struct {
    CURL *curl;
    const HttpLimit *limit;
    HttpSink sink; /* or NULL: the body of the answer is ignored */
    gpointer data;
    guint64 max_bytes, taken_bytes; /* of the sink */
    gboolean is_too_long;
    char why[CURL_ERROR_SIZE];
} Transfer;

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

Http *http_open(const char *url, const char *header, GError **error) {
    if (!http_check_url(url, error)) return NULL;
    if (header && !is_header(header)) {
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_USAGE,
                    "the header is not one line NAME: VALUE");
        return NULL;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Http *http = g_new0(Http, 1);
    http->url = g_strdup(url);
    for (gsize length = strlen(url); length > 0 && http->url[length - 1] == '/'; length--)
        http->url[length - 1] = '\0';
    http->idle = g_async_queue_new();
    /* Without this one libcurl waits a second for servers that do not know "100 Continue". */
    http->headers = curl_slist_append(NULL, "Expect:");
    http->headers = curl_slist_append(http->headers, "Content-Type: application/octet-stream");
    if (header) http->headers = curl_slist_append(http->headers, header);
    return http;
}

void http_close(Http *http) {
    for (CURL *curl; (curl = g_async_queue_try_pop(http->idle));)
        curl_easy_cleanup(curl);
    g_async_queue_unref(http->idle);
    curl_slist_free_all(http->headers);
    curl_global_cleanup();
    g_free(http->url);
    g_free(http);
}

/* ---- A transfer ---- */

/* A success is passed on; the page that explains an error is not. */
static size_t on_answer(char *bytes, size_t unit, size_t count, void *data) {
    Transfer *transfer = data;
    long status = 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    if (!transfer->sink || status != SUCCESS) return unit * count;
    transfer->is_too_long = count > transfer->max_bytes - transfer->taken_bytes;
    if (transfer->is_too_long) return 0;
    transfer->taken_bytes += count;
    return transfer->sink(transfer->data, (const guint8 *)bytes, count) ? count : 0;
}

/* Called about once a second, also while nothing comes; not 0 ends the transfer. */
static int on_progress(void *data, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                       curl_off_t up) {
    (void)down_all, (void)down, (void)up_all, (void)up;
    const Transfer *transfer = data;
    return g_cancellable_is_cancelled(transfer->limit->cancellable);
}

/* QEMU is started by another thread at any time, and must not get the connection. */
static curl_socket_t on_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)data, (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void begin(Transfer *transfer, Http *http, const char *path) {
    CURL *curl = g_async_queue_try_pop(http->idle);
    transfer->curl = curl = curl ? curl : curl_easy_init();
    g_autofree char *url = g_strconcat(http->url, "/", path, NULL);
    gint64 left_ms = (transfer->limit->end_ns - clock_now_ns()) / 1000000;
    curl_easy_reset(curl); /* keeps connections */
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, http->headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "harness/" HARNESS_VERSION);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, IDLE_BYTES_PER_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, IDLE_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)CLAMP(left_ms, 1, G_MAXINT));
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->why);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

/* The status of the answer; 0 and *error if there is no whole answer. */
static guint perform(Transfer *transfer, Http *http, GError **error) {
    long status = 0;
    CURLcode code = curl_easy_perform(transfer->curl);
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    g_async_queue_push(http->idle, transfer->curl);
    /* The page that explains an error may be longer than the file. */
    gboolean is_long_page = code == CURLE_FILESIZE_EXCEEDED && status != SUCCESS;
    if (code == CURLE_OK || is_long_page) return (guint)status;
    g_autofree char *why = text_line(*transfer->why ? transfer->why : curl_easy_strerror(code));
    if (transfer->is_too_long || code == CURLE_FILESIZE_EXCEEDED)
        g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_PROTOCOL,
                    "the server sends more than %" G_GUINT64_FORMAT " bytes", transfer->max_bytes);
    else
        g_set_error_literal(error, HARNESS_ERROR, HARNESS_ERROR_IO, why);
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
    Transfer transfer = {.limit = limit, .sink = sink, .data = data, .max_bytes = max_bytes};
    begin(&transfer, http, path);
    /* 0 would mean any size. */
    curl_easy_setopt(transfer.curl, CURLOPT_MAXFILESIZE_LARGE,
                     (curl_off_t)CLAMP(max_bytes, 1, G_MAXINT64));
    guint status = perform(&transfer, http, error);
    if (status == 0 || status == SUCCESS || status == HTTP_NOT_FOUND) return status;
    set_refused(error, status);
    return 0;
}

gboolean http_put(Http *http, const char *path, const void *bytes, gsize size,
                  const HttpLimit *limit, GError **error) {
    Transfer transfer = {.limit = limit};
    begin(&transfer, http, path);
    /* Not CURLOPT_UPLOAD: from memory libcurl can send again on a new connection when the server
     * has closed an idle one. */
    curl_easy_setopt(transfer.curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
    curl_easy_setopt(transfer.curl, CURLOPT_POSTFIELDS, size ? bytes : "");
    curl_easy_setopt(transfer.curl, CURLOPT_CUSTOMREQUEST, "PUT");
    guint status = perform(&transfer, http, error);
    if (status >= SUCCESS && status < SUCCESS_END) return TRUE;
    if (status) set_refused(error, status);
    return FALSE;
}
