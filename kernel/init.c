#include "init.h"
#include "abi/errno.h"
#include "args.h"
#include "bootargs.h"
#include "cstring.h"
#include "line.h"
#include "machine.h"
#include "newc.h"
#include "process.h"
#include "shutdown.h"
#include "tmpfs.h"
#include "transfer.h"

static const struct board *board;

void init_configure(const struct board *found) {
    struct bootargs_word word;
    enum bootargs_kind kind;
    u64 at = 0;
    board = found;
    shutdown_by(board->psci);
    while ((kind = bootargs_next(board->bootargs, board->bootargs_size, &at, &word))) {
        if (kind == BOOTARGS_DUMPFS)
            shutdown_dumps_files();
        else if (kind == BOOTARGS_SPAWNLOG)
            process_log_spawns();
        else if (kind == BOOTARGS_NONCE)
            line_set_nonce(word.text, word.length);
    }
}

static void unpack_entry(const struct newc_entry *entry) {
    static struct path path;
    struct file *file;
    if (path_resolve(&path, entry->name, entry->name_length, NULL))
        panic("initramfs: name too long or empty, in the entry", entry->offset);
    if (path.has_parent) panic("initramfs: name with .. in the entry", entry->offset);
    if (!entry->is_file) return;
    if (path.is_folder)
        panic("initramfs: a file with the name of a folder, in the entry", entry->offset);
    if (tmpfs_find(&path)) panic("initramfs: duplicate name in the entry", entry->offset);
    if (tmpfs_create(&path, &file))
        panic("initramfs: a file lies below a file, or memory is out, in the entry", entry->offset);
    file->size = entry->size;
    if (entry->size > 0) file->initial = entry->data;
}

static void unpack(struct range archive) {
    struct newc_entry entry;
    const char *error;
    u64 size = archive.end - archive.start, offset = 0;
    int more;
    while ((more = newc_next((const u8 *)archive.start, size, &offset, &entry, &error)) > 0)
        unpack_entry(&entry);
    if (more < 0) panic(error, offset);
}

void init_unpack(void) {
    struct range disk = transfer_in();
    if (!board->initrd.start && !disk.start) panic("no initramfs and no disk seed-in", NO_VALUE);
    if (board->initrd.start) unpack(board->initrd);
    if (disk.start) unpack(disk);
}

/* Where strings for init come from: words of bootargs, or else lines of a file. */
struct string_source {
    const char *text;
    u64 size;
    const char *nul_error; /* for lines, what a NUL in them is called; NULL for bootargs */
};

/* The string at *at; moves *at past it. Returns whether there is one. */
static int next_string(const struct string_source *source, u64 *at, struct bootargs_word *word) {
    if (!source->nul_error) {
        enum bootargs_kind kind;
        do
            kind = bootargs_next(source->text, source->size, at, word);
        while (kind != BOOTARGS_END && kind != BOOTARGS_WORD);
        return kind == BOOTARGS_WORD;
    }
    if (*at >= source->size) return 0;
    word->text = source->text + *at;
    word->length = cstring_span(word->text, source->size - *at, '\n');
    u64 nul = *at + cstring_span(word->text, word->length, 0);
    *at += word->length + 1; /* with the newline */
    if (nul + 1 < *at) panic(source->nul_error, nul);
    return 1;
}

/* The file of this name, or NULL. */
static struct file *find(const char *name) {
    static struct path path;
    path_resolve(&path, name, cstring_length(name), NULL);
    struct file *file = tmpfs_find(&path);
    return file && !file->is_folder ? file : NULL;
}

static int use_lines(struct string_source *source, const char *name, const char *nul_error) {
    const struct file *file = find(name);
    if (!file || file->size == 0) return 0;
    *source = (struct string_source){(const char *)file->initial, file->size, nul_error};
    return 1;
}

static void choose_argv(struct string_source *source) {
    struct bootargs_word word;
    u64 at = 0;
    *source = (struct string_source){board->bootargs, board->bootargs_size, NULL};
    if (next_string(source, &at, &word) || use_lines(source, "init.argv", "/init.argv: NUL"))
        return;
    *source = (struct string_source){"init", 4, NULL};
}

static u64 count_strings(const struct string_source *source, u64 *size) {
    struct bootargs_word word;
    u64 at = 0, count;
    for (count = 0; next_string(source, &at, &word); count++)
        *size += word.length + 1;
    return count;
}

static void add_strings(struct args *args, const struct string_source *source) {
    struct bootargs_word word;
    u64 at = 0;
    while (next_string(source, &at, &word))
        if (args_add(args, word.text, word.length) || args_add(args, "", 1) ||
            args_end_string(args))
            panic("no memory for the arguments of /init", NO_VALUE);
    args_end_vector(args);
}

static void add_args(struct process *init) {
    struct string_source argv, envp = {"", 0, NULL};
    struct args args;
    u64 size = 0;
    choose_argv(&argv);
    use_lines(&envp, "init.env", "/init.env: NUL");
    u64 argc = count_strings(&argv, &size), envc = count_strings(&envp, &size);
    if (args_begin(&args, init, argc, envc, size))
        panic("no room for the arguments of /init", NO_VALUE);
    add_strings(&args, &argv);
    add_strings(&args, &envp);
}

/* Descriptor 0 reads /init.stdin where there is one. */
static void open_stdin(struct process *init) {
    struct file *file = find("init.stdin");
    if (!file) return;
    struct description *description = description_open(file, O_RDONLY);
    if (!description) panic("no memory for the standard input of /init", NO_VALUE);
    description_close(init->descriptors[0]);
    init->descriptors[0] = description;
}

void init_run(void) {
    struct process *init;
    struct file *image = find("init");
    if (!image) panic("no /init in the initramfs", NO_VALUE);
    int error = process_create(NULL, image, &init);
    if (error)
        panic(error == -ENOMEM ? "no memory for /init"
                               : "/init is no static aarch64 executable that this kernel can load",
              NO_VALUE);
    add_args(init);
    open_stdin(init);
    process_start(init);
    context_run(&init->context);
}
