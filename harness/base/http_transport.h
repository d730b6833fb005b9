/*
 * What http.c needs of a library of HTTP, in the module libhttp.so (modules/http_curl.c): libcurl
 * loads two dozen libraries, which only a cache on a server needs.
 */
#pragma once
#include "base/http.h"

#define HTTP_TRANSPORT_FILE "libhttp.so"

typedef struct _HttpConnections HttpConnections;

typedef struct {
    const char *url;
    const void *bytes; /* what PUT sends, or NULL: GET */
    gsize size;
    HttpSink sink; /* of a GET; what explains an error does not come to it */
    gpointer data;
    guint64 max_bytes; /* of an answer */
    gint64 limit_ms;   /* for the whole transfer */
    GCancellable *cancellable;
} HttpRequest;

typedef struct {
    /* `header` is one more of each request, or NULL. */
    HttpConnections *(*open)(const char *header, const char *agent);
    void (*close)(HttpConnections *connections);
    /* The status of the answer. 0 and *ret_why (free with g_free) if there is no whole answer;
     * *ret_is_too_long if that is because it has more than max_bytes. Any thread. */
    guint (*perform)(HttpConnections *connections, const HttpRequest *request,
                     gboolean *ret_is_too_long, char **ret_why);
} HttpTransport;

/* Linked into tests and fuzz targets; the program loads it. */
extern const HttpTransport http_transport __attribute__((weak));
