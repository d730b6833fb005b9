/*
 * The hashes of files, remembered from run to run, so that a file that nobody has touched is not
 * read again. A file is known by its stamp (file_stamp.h).
 *
 * Two changes within the same tick of the clock leave one stamp: a file that changed less than
 * HASH_MEMO_YOUNG_NS ago is therefore hashed but not remembered (git's index has the same rule:
 * Documentation/technical/racy-git).
 *
 * The file has a line for each hash and ends with the hash of all lines, so that a truncated or
 * changed one counts as empty:
 *
 *     harness-hashes 1
 *     DEVICE INODE SIZE MODIFIED_NS CHANGED_NS SHA256
 *     end SHA256
 */
#pragma once
#include "base/file_stamp.h"

/* Some ticks of the coarsest clock that file systems take their times from (10 ms). */
#define HASH_MEMO_YOUNG_NS (100 * G_GINT64_CONSTANT(1000000))

typedef struct _HashMemo HashMemo;

/* The memo kept at `path`; empty if there is none. NULL as the path: it is never saved. */
HashMemo *hash_memo_open(const char *path);

/* Saves what this run used, if it learnt something; a failure costs later runs time only. */
void hash_memo_close(HashMemo *memo);

/* The hash of `content`, all bytes of the file with that stamp, which was taken before they were
 * read. FILE_STAMP_NONE for content that is no file's. Free with g_free. */
char *hash_memo_hash(HashMemo *memo, const FileStamp *stamp, GBytes *content);

/* The remembered hash, owned by the memo, or NULL. */
const char *hash_memo_find(HashMemo *memo, const FileStamp *stamp);

/* The hash of the regular file at `path`, with links followed. NULL and *error. Free with g_free.
 */
char *hash_memo_file(HashMemo *memo, const char *path, GError **error);

/* Adds the hashes of a memo's text to `memo`; FALSE if it is invalid, and nothing is added. */
gboolean hash_memo_parse(HashMemo *memo, const char *text, gsize length);

/* The text of the memo; free with g_free. */
char *hash_memo_format(HashMemo *memo);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HashMemo, hash_memo_close)
