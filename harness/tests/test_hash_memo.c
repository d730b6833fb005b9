/* Hashes that are remembered: of files that have not changed, and of no others. */
#include "base/fdio.h"
#include "base/hash.h"
#include "base/hash_memo.h"
#include "suite.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char *path_of(const char *name) { return g_build_filename(suite_folder(), name, NULL); }

static void write_text(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ck_assert_int_eq(write(fd, text, strlen(text)), (gssize)strlen(text));
    close(fd);
}

static char *hash_of(const char *text) {
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    return hash_bytes(bytes);
}

static FileStamp stamp_of(const char *path) {
    struct stat status;
    ck_assert_int_eq(stat(path, &status), 0);
    return file_stamp(&status);
}

/* The stamp of `path` as if the file had changed long ago. */
static FileStamp old_stamp(const char *path) {
    FileStamp stamp = stamp_of(path);
    stamp.changed_ns -= 10 * HASH_MEMO_YOUNG_NS;
    return stamp;
}

START_TEST(remembers_what_is_old) {
    g_autofree char *path = path_of("old"), *memo_path = path_of("a/memo");
    write_text(path, "old");
    g_autoptr(GBytes) old = g_bytes_new("old", 3), other = g_bytes_new("new", 3);
    FileStamp stamp = old_stamp(path);
    HashMemo *memo = hash_memo_open(memo_path);
    g_autofree char *hash = hash_memo_hash(memo, &stamp, old);
    g_autofree char *right = hash_of("old");
    ck_assert_str_eq(hash, right);
    /* The content is not looked at again. */
    g_autofree char *again = hash_memo_hash(memo, &stamp, other);
    ck_assert_str_eq(again, right);
    hash_memo_close(memo);
    memo = hash_memo_open(memo_path);
    ck_assert_str_eq(hash_memo_find(memo, &stamp), right);
    FileStamp others[] = {stamp, stamp, stamp, stamp, stamp};
    others[0].device++;
    others[1].inode++;
    others[2].size++;
    others[3].modified_ns++;
    others[4].changed_ns++;
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        ck_assert_ptr_null(hash_memo_find(memo, &others[i]));
    hash_memo_close(memo);
}
END_TEST

START_TEST(does_not_remember_what_is_young) {
    g_autofree char *path = path_of("young");
    g_autoptr(HashMemo) memo = hash_memo_open(NULL);
    write_text(path, "one");
    GError *error = NULL;
    FileStamp stamp = stamp_of(path);
    g_autofree char *one = hash_memo_file(memo, path, &error);
    g_autofree char *right = hash_of("one");
    ck_assert_str_eq(one, right);
    ck_assert_ptr_null(hash_memo_find(memo, &stamp));
    /* Nor content without a file. */
    g_autoptr(GBytes) text = g_bytes_new("text", 4);
    const FileStamp none = FILE_STAMP_NONE;
    g_autofree char *first = hash_memo_hash(memo, &none, text);
    ck_assert_ptr_null(hash_memo_find(memo, &none));
}
END_TEST

/* Same size, same name, and the old time of modification. */
START_TEST(sees_a_change_that_hides) {
    g_autofree char *path = path_of("hiding");
    write_text(path, "one");
    FileStamp before = stamp_of(path);
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                {before.modified_ns / 1000000000, before.modified_ns % 1000000000}};
    /* The next tick of the clock of file systems. */
    while (stamp_of(path).changed_ns == before.changed_ns) {
        write_text(path, "two");
        ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
    }
    FileStamp after = stamp_of(path);
    ck_assert_int_eq(after.modified_ns, before.modified_ns);
    ck_assert_int_eq(after.size, before.size);
    ck_assert(!file_stamp_equal(&before, &after));
}
END_TEST

START_TEST(refuses_damage) {
    g_autofree char *memo_path = path_of("damaged"), *path = path_of("file");
    write_text(path, "x");
    FileStamp stamp = old_stamp(path);
    g_autoptr(GBytes) x = g_bytes_new("x", 1);
    HashMemo *memo = hash_memo_open(memo_path);
    g_autofree char *hash = hash_memo_hash(memo, &stamp, x);
    hash_memo_close(memo);
    g_autofree char *text = NULL;
    gsize length;
    ck_assert(g_file_get_contents(memo_path, &text, &length, NULL));
    for (gsize i = 0; i < length; i++) {
        text[i] ^= 1;
        g_autoptr(HashMemo) damaged = hash_memo_open(NULL);
        ck_assert(!hash_memo_parse(damaged, text, length));
        text[i] ^= 1;
        ck_assert(!hash_memo_parse(damaged, text, i));
        ck_assert_ptr_null(hash_memo_find(damaged, &stamp));
    }
    g_autoptr(HashMemo) whole = hash_memo_open(NULL);
    ck_assert(hash_memo_parse(whole, text, length));
}
END_TEST

SUITE_MAIN("hash-memo", remembers_what_is_old, does_not_remember_what_is_young,
           sees_a_change_that_hides, refuses_damage)
