/* Transfers by libcurl, which also reads netrc and the variables of proxies. */
#include "base/http_transport.h"
#include <curl/curl.h>
#include <sys/socket.h>

/* A server of a local network answers within milliseconds; a distant one within a second. */
#define CONNECT_MS 3000L
/* A transfer below this speed for so long is idle. */
#define IDLE_BYTES_PER_S 1000L
#define IDLE_S           10L
#define SUCCESS          200

struct _HttpConnections {
    struct curl_slist *headers;
    char *agent;
    GAsyncQueue *idle; /* of CURL, whose connections are open */
};

typedef struct {
    CURL *curl;
    const HttpRequest *request;
    guint64 taken_bytes; /* of the sink */
    gboolean is_too_long;
    char why[CURL_ERROR_SIZE];
} Transfer;

static HttpConnections *open_connections(const char *header, const char *agent) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    HttpConnections *connections = g_new0(HttpConnections, 1);
    connections->agent = g_strdup(agent);
    connections->idle = g_async_queue_new();
    /* Without this one libcurl waits a second for servers that do not know "100 Continue". */
    connections->headers = curl_slist_append(NULL, "Expect:");
    connections->headers =
        curl_slist_append(connections->headers, "Content-Type: application/octet-stream");
    if (header) connections->headers = curl_slist_append(connections->headers, header);
    return connections;
}

static void close_connections(HttpConnections *connections) {
    for (CURL *curl; (curl = g_async_queue_try_pop(connections->idle));)
        curl_easy_cleanup(curl);
    g_async_queue_unref(connections->idle);
    curl_slist_free_all(connections->headers);
    curl_global_cleanup();
    g_free(connections->agent);
    g_free(connections);
}

/* A success is passed on; the page that explains an error is not. */
static size_t on_answer(char *bytes, size_t unit, size_t count, void *data) {
    Transfer *transfer = data;
    const HttpRequest *request = transfer->request;
    long status = 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    if (!request->sink || status != SUCCESS) return unit * count;
    transfer->is_too_long = count > request->max_bytes - transfer->taken_bytes;
    if (transfer->is_too_long) return 0;
    transfer->taken_bytes += count;
    return request->sink(request->data, (const guint8 *)bytes, count) ? count : 0;
}

/* Called about once a second, also while nothing comes; not 0 ends the transfer. */
static int on_progress(void *data, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                       curl_off_t up) {
    (void)down_all, (void)down, (void)up_all, (void)up;
    const Transfer *transfer = data;
    return g_cancellable_is_cancelled(transfer->request->cancellable);
}

/* QEMU is started by another thread at any time, and must not get the connection. */
static curl_socket_t on_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)data, (void)purpose;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static void set_options(Transfer *transfer, const HttpConnections *connections) {
    CURL *curl = transfer->curl;
    curl_easy_reset(curl); /* keeps connections */
    curl_easy_setopt(curl, CURLOPT_URL, transfer->request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, connections->headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, connections->agent);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, IDLE_BYTES_PER_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, IDLE_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                     (long)CLAMP(transfer->request->limit_ms, 1, G_MAXINT));
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->why);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

static void set_method(CURL *curl, const HttpRequest *request) {
    if (request->bytes) {
        /* Not CURLOPT_UPLOAD: from memory libcurl can send again on a new connection when the
         * server has closed an idle one. */
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->bytes);
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PUT");
    } else {
        /* 0 would mean any size. */
        curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE,
                         (curl_off_t)CLAMP(request->max_bytes, 1, G_MAXINT64));
    }
}

static guint perform(HttpConnections *connections, const HttpRequest *request,
                     gboolean *ret_is_too_long, char **ret_why) {
    Transfer transfer = {.request = request, .curl = g_async_queue_try_pop(connections->idle)};
    if (!transfer.curl) transfer.curl = curl_easy_init();
    set_options(&transfer, connections);
    set_method(transfer.curl, request);
    long status = 0;
    CURLcode code = curl_easy_perform(transfer.curl);
    curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
    g_async_queue_push(connections->idle, transfer.curl);
    /* The page that explains an error may be longer than the file. */
    gboolean is_long_page = code == CURLE_FILESIZE_EXCEEDED && status != SUCCESS;
    if (code == CURLE_OK || is_long_page) return (guint)status;
    *ret_is_too_long = transfer.is_too_long || code == CURLE_FILESIZE_EXCEEDED;
    *ret_why = g_strdup(*transfer.why ? transfer.why : curl_easy_strerror(code));
    return 0;
}

const HttpTransport http_transport = {open_connections, close_connections, perform};
