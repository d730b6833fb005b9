/*
 * Files of one HTTP server, by GET and PUT (RFC 9110), through a library that also reads netrc and
 * the variables of proxies. Redirects are not followed, and the certificate of an https server is
 * verified. Transfers block, so they belong into threads; any number of threads may use one Http.
 */
#pragma once
#include <gio/gio.h>

typedef struct _Http Http;

/* What ends a transfer before its time. */
typedef struct {
    gint64 end_ns;             /* of clock_now_ns */
    GCancellable *cancellable; /* or NULL */
} HttpLimit;

/* Takes the bytes of an answer as they come; FALSE ends the transfer. */
typedef gboolean (*HttpSink)(gpointer data, const guint8 *bytes, gsize length);

#define HTTP_NOT_FOUND 404

/* FALSE and *error (HARNESS_ERROR_USAGE) unless `url` is http://HOST[:PORT][/PATH] or https. */
gboolean http_check_url(const char *url, GError **error);

/* Whether it has the form of a URL, of whatever scheme, and not that of a file name. */
gboolean http_is_url(const char *text);

/* The URL without user and password, for people; free with g_free. */
char *http_shown_url(const char *url);

/* `header` is a line NAME: VALUE that goes with every request, or NULL. NULL and *error
 * (HARNESS_ERROR_USAGE), which does not show the header. */
Http *http_open(const char *url, const char *header, GError **error);

/* No transfer may be in progress. */
void http_close(Http *http);

/*
 * GET URL/PATH. Returns HTTP_NOT_FOUND, or 200 when `sink` has taken the whole answer of at most
 * `max_bytes`. 0 and *error: HARNESS_ERROR_IO when the server cannot be reached or is slow,
 * HARNESS_ERROR_PROTOCOL for any other answer.
 */
guint http_get(Http *http, const char *path, guint64 max_bytes, HttpSink sink, gpointer data,
               const HttpLimit *limit, GError **error);

/* PUT URL/PATH; FALSE and *error as above, unless the answer is a success (2xx). */
gboolean http_put(Http *http, const char *path, const void *bytes, gsize size,
                  const HttpLimit *limit, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Http, http_close)
