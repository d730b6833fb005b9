#define _GNU_SOURCE /* SEEK_DATA */
#include "guest/partitions.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/json_in.h"
#include "base/text.h"
#include "guest/image_tool.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR       G_GINT64_CONSTANT(512)
#define ALIGNMENT    (G_GINT64_CONSTANT(1) << 20)
#define COPY_BYTES   (G_GINT64_CONSTANT(1) << 20)
#define DISK_ID      "00000000-0000-4000-8000-000000000000"
#define PARTITION_ID "00000000-0000-4000-8000-%012x"

static gboolean refuse(const char *name, const char *said, GError **error) {
    g_autofree char *line = g_strdup(said);
    g_autofree char *shown = text_line(g_strstrip(line));
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "the disk \"%s\": sfdisk: %s", name,
                *shown ? shown : "it failed without a message");
    return FALSE;
}

/* Copies bytes from one file to another; what is a hole stays one. */
static gboolean copy(int from, gint64 begin, gint64 length, int to, gint64 at, GError **error) {
    g_autofree guint8 *buffer = g_malloc(COPY_BYTES);
    gint64 end = begin + length;
    for (gint64 place = lseek(from, begin, SEEK_DATA); place >= 0 && place < end;
         place = lseek(from, place, SEEK_DATA)) {
        ssize_t got = pread(from, buffer, (gsize)MIN(COPY_BYTES, end - place), place);
        if (got < 0) return error_set_errno(error, errno, "pread");
        if (got == 0) return TRUE;
        if (pwrite(to, buffer, (gsize)got, at + place - begin) != got)
            return error_set_errno(error, errno, "pwrite");
        place += got;
    }
    return TRUE;
}

/* ---- Making ---- */

static gint64 aligned_size(int fd) {
    struct stat status;
    if (fstat(fd, &status) != 0) return ALIGNMENT;
    return MAX((status.st_size + ALIGNMENT - 1) / ALIGNMENT, 1) * ALIGNMENT;
}

/* FAT in an MBR with addresses of blocks; in a GPT it is what firmware boots from (UEFI, 5.3.3). */
static const char *type_of(DriveFormat table, DriveFormat format) {
    if (format != DRIVE_FAT) return "linux";
    return table == DRIVE_GPT ? "uefi" : "c";
}

/* The input of sfdisk (sfdisk(8), "Header lines" and "Named-fields format"). */
static char *describe(DriveFormat table, const GArray *partitions) {
    GString *script = g_string_new(NULL);
    gint64 start = ALIGNMENT;
    g_string_append_printf(script, "label: %s\nlabel-id: %s\nunit: sectors\n",
                           table == DRIVE_GPT ? "gpt" : "dos",
                           table == DRIVE_GPT ? DISK_ID : "0x" PARTITIONS_MBR_ID);
    for (guint i = 0; i < partitions->len; i++) {
        const Partition *part = &g_array_index(partitions, Partition, i);
        gint64 size = aligned_size(part->fd);
        g_string_append_printf(script,
                               "start=%" G_GINT64_FORMAT ", size=%" G_GINT64_FORMAT ", type=%s",
                               start / SECTOR, size / SECTOR, type_of(table, part->format));
        if (table == DRIVE_GPT) g_string_append_printf(script, ", uuid=" PARTITION_ID, i + 1);
        g_string_append_c(script, '\n');
        start += size;
    }
    return g_string_free(script, FALSE);
}

gboolean partitions_make(int fd, const char *name, DriveFormat format, const GArray *partitions,
                         GError **error) {
    static const char *const argv[] = {
        "sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", "--lock=no", IMAGE_TOOL_FILE, NULL};
    g_autofree char *script = describe(format, partitions);
    g_autofree char *said = NULL;
    /* The end of a GPT is the table once more. */
    gint64 size = ALIGNMENT * (format == DRIVE_GPT ? 2 : 1), at = ALIGNMENT;
    for (guint i = 0; i < partitions->len; i++)
        size += aligned_size(g_array_index(partitions, Partition, i).fd);
    if (ftruncate(fd, size) != 0) return error_set_errno(error, errno, "the disk \"%s\"", name);
    const ImageTool tool = {.argv = argv, .image_fd = fd, .input = script, .output_fd = -1};
    int status = image_tool_run(&tool, name, &said, error);
    if (status != 0) return status < 0 ? FALSE : refuse(name, said, error);
    for (guint i = 0; i < partitions->len; i++) {
        int from = g_array_index(partitions, Partition, i).fd;
        if (!copy(from, 0, aligned_size(from), fd, at, error)) {
            g_prefix_error(error, "the disk \"%s\": ", name);
            return FALSE;
        }
        at += aligned_size(from);
    }
    return TRUE;
}

/* ---- Reading ---- */

/* The number at the end of a node, "/proc/self/fd/3p1"; 0 if there is none. */
static guint64 number_of(const char *node) {
    const char *at = node ? strrchr(node, 'p') : NULL;
    guint64 number = 0;
    return at && g_ascii_string_to_unsigned(at + 1, 10, 1, G_MAXUINT, &number, NULL) ? number : 0;
}

/* Finds a partition in what sfdisk --json prints: in bytes. */
static gboolean find_partition(const char *json, guint number, gint64 *ret_start,
                               gint64 *ret_size) {
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonObject *object;
    gint64 sector = SECTOR;
    if (json_in_object(parser, json, strlen(json), &object)) return FALSE;
    JsonObject *table = json_in_member(object, "partitiontable");
    JsonArray *all = table ? json_in_array(table, "partitions") : NULL;
    if (table) json_in_int(table, "sectorsize", &sector);
    for (guint i = 0; all && i < json_array_get_length(all); i++) {
        JsonNode *node = json_array_get_element(all, i);
        if (!JSON_NODE_HOLDS_OBJECT(node)) continue;
        JsonObject *part = json_node_get_object(node);
        gint64 start, size, most = G_MAXINT64 / MAX(sector, 1);
        if (number_of(json_in_text(part, "node")) != number ||
            !json_in_int(part, "start", &start) || !json_in_int(part, "size", &size) ||
            sector <= 0 || start < 0 || size <= 0 || start > most || size > most)
            continue;
        *ret_start = start * sector;
        *ret_size = size * sector;
        return TRUE;
    }
    return FALSE;
}

int partitions_read(int fd, const char *name, guint number, GError **error) {
    static const char *const argv[] = {"sfdisk", "--json", IMAGE_TOOL_FILE, NULL};
    g_autofree char *said = NULL;
    struct stat disk;
    gint64 start, size;
    const ImageTool tool = {.argv = argv, .image_fd = fd, .output_fd = -1, .is_hostile = TRUE};
    int status = image_tool_run(&tool, name, &said, error);
    if (status != 0) {
        if (status > 0) refuse(name, said, error);
        return -1;
    }
    if (!find_partition(said, number, &start, &size) || fstat(fd, &disk) != 0) return -1;
    /* A table may tell of more than there is. */
    if (start >= disk.st_size) return -1;
    size = MIN(size, disk.st_size - start);
    int part = fdio_memfd(name, error);
    if (part >= 0 && ftruncate(part, size) == 0 && copy(fd, start, size, part, 0, error))
        return part;
    if (error && !*error) error_set_errno(error, errno, "the disk \"%s\"", name);
    fdio_clear(&part);
    return -1;
}
