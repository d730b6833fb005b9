#include "guest/image.h"
#include "base/error.h"
#include "base/fdio.h"
#include "base/text.h"
#include "guest/image_tool.h"
#include "guest/stage.h"
#include <string.h>
#include <unistd.h>

/* No image has more than one, so that all may have the same. */
#define FIXED_UUID "00000000-0000-4000-8000-000000000000"

const char *const *image_tools(DriveFormat format) {
    static const char *const ext4[] = {"mke2fs", "debugfs", NULL};
    static const char *const fat[] = {"mformat", "mmd", "mcopy", NULL};
    static const char *const squashfs[] = {"mksquashfs", NULL};
    static const char *const table[] = {"sfdisk", NULL};
    static const char *const none[] = {NULL};
    return format == DRIVE_EXT4                         ? ext4
           : format == DRIVE_FAT                        ? fat
           : format == DRIVE_SQUASHFS                   ? squashfs
           : format == DRIVE_GPT || format == DRIVE_MBR ? table
                                                        : none;
}

static gboolean refuse(const char *name, const char *tool, const char *said, GError **error) {
    g_autofree char *line = g_strdup(said ? said : "");
    g_autofree char *shown = text_line(g_strchomp(line));
    g_set_error(error, HARNESS_ERROR, HARNESS_ERROR_IO, "the disk \"%s\": %s: %s", name, tool,
                *shown ? shown : "it failed without a message");
    return FALSE;
}

/* Runs a tool that must succeed and, if `is_silent`, say nothing. */
static gboolean run(int fd, const char *name, const char *const *argv, const char *input,
                    gboolean is_silent, GError **error) {
    const ImageTool tool = {.argv = argv, .image_fd = fd, .input = input, .output_fd = -1};
    g_autofree char *said = NULL;
    int status = image_tool_run(&tool, name, &said, error);
    if (status < 0) return FALSE;
    return (status == 0 && (!is_silent || !*said)) || refuse(name, argv[0], said, error);
}

/* ---- ext4 ---- */

/* debugfs knows no escape for a quote. */
static gboolean check_names(const char *name, const GPtrArray *files, const char *unwanted,
                            GError **error) {
    for (guint i = 0; i < files->len; i++) {
        const InputFile *file = files->pdata[i];
        g_autofree char *target =
            S_ISLNK(file->mode)
                ? g_strndup(g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content))
                : NULL;
        if (!strpbrk(file->guest_path, unwanted) && !(target && strpbrk(target, unwanted)))
            continue;
        g_autofree char *shown = text_line(file->guest_path);
        return refuse(name, shown,
                      "its name, or target, has a character that the image cannot be "
                      "given",
                      error);
    }
    return TRUE;
}

static void add_write(GString *script, const InputFile *file, const char *stage) {
    g_autofree char *folder = g_path_get_dirname(file->guest_path);
    g_autofree char *base = g_path_get_basename(file->guest_path);
    g_string_append_printf(script, "cd \"%s\"\n", folder);
    if (S_ISLNK(file->mode))
        g_string_append_printf(script, "symlink \"%s\" \"%.*s\"\n", base,
                               (int)g_bytes_get_size(file->content),
                               (const char *)g_bytes_get_data(file->content, NULL));
    else
        g_string_append_printf(script, "write \"%s%s\" \"%s\"\n", stage, file->guest_path, base);
}

/* debugfs echoes its commands, and prints a number for each file; whatever else it says is an
 * error, of which its status knows nothing. */
static gboolean is_echo(const char *line) {
    return !*line || g_str_has_prefix(line, "debugfs: ") || g_str_has_prefix(line, "debugfs 1.") ||
           g_str_has_prefix(line, "Allocated inode: ");
}

static gboolean make_ext4(int fd, const char *name, const GPtrArray *files, const char *stage,
                          GError **error) {
    const char *const make[] = {"mke2fs",
                                "-q",
                                "-F",
                                "-t",
                                "ext4",
                                "-U",
                                FIXED_UUID,
                                "-E",
                                "hash_seed=" FIXED_UUID ",root_owner=0:0,lazy_itable_init=0",
                                IMAGE_TOOL_FILE,
                                NULL};
    const char *const fill[] = {"debugfs", "-w", "-f", "-", IMAGE_TOOL_FILE, NULL};
    g_autoptr(GString) script = g_string_new(NULL);
    g_autoptr(GPtrArray) folders = stage_folders(files);
    if (!check_names(name, files, "\"\n\\", error) || !run(fd, name, make, NULL, FALSE, error))
        return FALSE;
    for (guint i = 0; i < folders->len; i++)
        g_string_append_printf(script, "mkdir \"%s\"\n", (const char *)folders->pdata[i]);
    for (guint i = 0; i < files->len; i++)
        if (!S_ISDIR(((const InputFile *)files->pdata[i])->mode))
            add_write(script, files->pdata[i], stage);
    const ImageTool tool = {.argv = fill, .image_fd = fd, .input = script->str, .output_fd = -1};
    g_autofree char *said = NULL;
    int status = image_tool_run(&tool, name, &said, error);
    if (status < 0) return FALSE;
    g_auto(GStrv) lines = g_strsplit(said, "\n", -1);
    for (char **line = lines; *line; line++)
        if (!is_echo(g_strstrip(*line))) return refuse(name, "debugfs", *line, error);
    return status == 0 || refuse(name, "debugfs", said, error);
}

/* ---- FAT ---- */

static gboolean make_fat(int fd, const char *name, guint64 size, const GPtrArray *files,
                         const char *stage, GError **error) {
    g_autofree char *sectors = g_strdup_printf("%" G_GUINT64_FORMAT, size / 512);
    const char *const make[] = {"mformat", "-i", IMAGE_TOOL_FILE, "-T", sectors, "-N", "00000001",
                                "::",      NULL};
    g_autoptr(GPtrArray) folders = stage_folders(files);
    if (!run(fd, name, make, NULL, TRUE, error)) return FALSE;
    for (guint i = 0; i < folders->len; i++) {
        g_autofree char *to = g_strconcat("::", folders->pdata[i], NULL);
        const char *const folder[] = {"mmd", "-i", IMAGE_TOOL_FILE, to, NULL};
        if (!run(fd, name, folder, NULL, TRUE, error)) return FALSE;
    }
    for (guint i = 0; i < files->len; i++) {
        const InputFile *file = files->pdata[i];
        if (S_ISDIR(file->mode)) continue;
        if (S_ISLNK(file->mode)) return refuse(name, file->guest_path, "FAT has no links", error);
        g_autofree char *from = g_strconcat(stage, file->guest_path, NULL);
        g_autofree char *to = g_strconcat("::", file->guest_path, NULL);
        const char *const copy[] = {"mcopy", "-i", IMAGE_TOOL_FILE, from, to, NULL};
        if (!run(fd, name, copy, NULL, TRUE, error)) return FALSE;
    }
    return TRUE;
}

/* ---- squashfs ---- */

static gboolean make_squashfs(int fd, const char *name, const char *stage, GError **error) {
    const char *const make[] = {
        "mksquashfs", stage,        IMAGE_TOOL_FILE, "-noappend", "-quiet", "-no-progress",
        "-all-root",  "-no-xattrs", "-root-mode",    "755",       NULL};
    return run(fd, name, make, NULL, FALSE, error);
}

gboolean image_make(int fd, const char *name, DriveFormat format, guint64 size,
                    const GPtrArray *files, GError **error) {
    g_autofree char *stage = stage_make(files, FALSE, error);
    if (!stage) return FALSE;
    if (size > 0 && ftruncate(fd, (off_t)size) != 0) {
        (void)fdio_remove_tree(stage, NULL);
        return error_set_errno(error, errno, "the disk \"%s\"", name);
    }
    gboolean made = format == DRIVE_EXT4  ? make_ext4(fd, name, files, stage, error)
                    : format == DRIVE_FAT ? make_fat(fd, name, size, files, stage, error)
                                          : make_squashfs(fd, name, stage, error);
    (void)fdio_remove_tree(stage, NULL);
    return made;
}

/* ---- Reading ---- */

static DriveFormat find_format(int fd) {
    guint8 magic[2] = {0};
    if (pread(fd, magic, 2, 1024 + 56) == 2 && magic[0] == 0x53 && magic[1] == 0xef)
        return DRIVE_EXT4; /* Linux, Documentation/filesystems/ext4: s_magic */
    char type[5] = "";
    gboolean is_fat = pread(fd, type, 3, 54) == 3 && memcmp(type, "FAT", 3) == 0;
    is_fat |= pread(fd, type, 5, 82) == 5 && memcmp(type, "FAT32", 5) == 0;
    return is_fat ? DRIVE_FAT : DRIVE_RAW; /* Microsoft, FAT specification: BS_FilSysType */
}

gboolean image_has_files(int fd) { return find_format(fd) != DRIVE_RAW; }

/* Runs a tool on what a guest wrote. */
static int read_with(int fd, const char *name, const char *const *argv, int output_fd,
                     char **ret_said, GError **error) {
    const ImageTool tool = {
        .argv = argv, .image_fd = fd, .output_fd = output_fd, .is_hostile = TRUE};
    return image_tool_run(&tool, name, ret_said, error);
}

/* Sets *ret_there to whether the path is a regular file. */
static gboolean find_file(int fd, const char *name, DriveFormat format, const char *path,
                          gboolean *ret_there, GError **error) {
    g_autofree char *request =
        format == DRIVE_EXT4 ? g_strdup_printf("stat \"%s\"", path) : g_strconcat("::", path, NULL);
    const char *const ext4[] = {"debugfs", "-R", request, IMAGE_TOOL_FILE, NULL};
    const char *const fat[] = {"mdir", "-b", "-i", IMAGE_TOOL_FILE, request, NULL};
    g_autofree char *said = NULL;
    int status = read_with(fd, name, format == DRIVE_EXT4 ? ext4 : fat, -1, &said, error);
    if (status < 0) return FALSE;
    if (format == DRIVE_FAT) {
        *ret_there = status == 0 && g_ascii_strcasecmp(g_strstrip(said), request) == 0;
        return *ret_there || strstr(said, "not found") || status == 0 ||
               refuse(name, "mdir", said, error);
    }
    *ret_there = strstr(said, "Type: regular") != NULL;
    return *ret_there || strstr(said, "Type: ") || strstr(said, "File not found") ||
           refuse(name, "debugfs", said, error);
}

int image_read(int fd, const char *name, const char *path, GError **error) {
    DriveFormat format = find_format(fd);
    gboolean is_there = FALSE;
    if (format == DRIVE_RAW) {
        refuse(name, path, "there is no ext or FAT file system at its beginning", error);
        return -1;
    }
    if (strpbrk(path, format == DRIVE_EXT4 ? "\"\n\\" : "*?[]\\\"\n")) {
        refuse(name, path, "the path has a character that the tools for images take for another",
               error);
        return -1;
    }
    if (!find_file(fd, name, format, path, &is_there, error) || !is_there) return -1;
    g_autofree char *request =
        format == DRIVE_EXT4 ? g_strdup_printf("cat \"%s\"", path) : g_strconcat("::", path, NULL);
    const char *const ext4[] = {"debugfs", "-R", request, IMAGE_TOOL_FILE, NULL};
    const char *const fat[] = {"mcopy", "-n", "-i", IMAGE_TOOL_FILE, request, "-", NULL};
    g_autofree char *said = NULL;
    int output = fdio_memfd(name, error);
    if (output < 0) return -1;
    int status = read_with(fd, name, format == DRIVE_EXT4 ? ext4 : fat, output, &said, error);
    if (status == 0) return output;
    if (status > 0) refuse(name, path, said, error);
    fdio_clear(&output);
    return -1;
}
