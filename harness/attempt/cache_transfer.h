/*
 * Results from and to a server that speaks the HTTP cache protocol of Bazel and ccache
 * (https://bazel.build/remote/caching#http-caching): /ac/KEY is the text of an entry
 * (cache_entry.h), /cas/SHA256 a file. Nothing that a server says is believed: an entry has to have
 * its key, and a file the size that the entry says and the hash that it is named by.
 */
#pragma once
#include "base/http.h"

/* Copies the entry `key` and its files into the cache in `folder`, the entry last. *ret_found is
 * FALSE if the server does not have all of it. FALSE and *error as http_get. */
gboolean cache_transfer_fetch(Http *http, const char *folder, const char *key,
                              const HttpLimit *limit, gboolean *ret_found, GError **error);

/* Copies the entry `key` and its files from the cache in `folder` to the server, the entry last.
 * What the folder no longer holds intact is not sent. FALSE and *error as http_put. */
gboolean cache_transfer_send(Http *http, const char *folder, const char *key,
                             const HttpLimit *limit, GError **error);

/* Whether the server answers a question; FALSE and *error as http_get. */
gboolean cache_transfer_probe(Http *http, const HttpLimit *limit, GError **error);
