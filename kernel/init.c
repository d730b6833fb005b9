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

/* Where init's arguments come from: words of bootargs, or else lines of text. */
struct arg_source {
    const char *text;
    u64 size;
    int is_lines;
};

/* The argument at *at; moves *at past it. Returns whether there is one. */
static int next_arg(const struct arg_source *source, u64 *at, struct bootargs_word *word) {
    if (!source->is_lines) {
        enum bootargs_kind kind;
        do
            kind = bootargs_next(source->text, source->size, at, word);
        while (kind != BOOTARGS_END && kind != BOOTARGS_WORD);
        return kind == BOOTARGS_WORD;
    }
    if (*at >= source->size) return 0;
    word->text = source->text + *at;
    word->length = 0;
    while (*at < source->size && source->text[*at] != '\n') {
        if (!source->text[*at]) panic("/init.argv: NUL", *at);
        ++*at;
        word->length++;
    }
    ++*at; /* the newline */
    return 1;
}

static struct file *find(const char *name) {
    static struct path path;
    path_resolve(&path, name, cstring_length(name), NULL);
    return tmpfs_find(&path);
}

static void choose_args(struct arg_source *source) {
    struct bootargs_word word;
    const struct file *file;
    u64 at = 0;
    source->text = board->bootargs;
    source->size = board->bootargs_size;
    source->is_lines = 0;
    if (next_arg(source, &at, &word)) return;
    source->is_lines = 1;
    source->text = "init";
    source->size = 4;
    file = find("init.argv");
    if (file && file->size > 0 && !file->is_folder) {
        source->text = (const char *)file->initial;
        source->size = file->size;
    }
}

static void add_args(struct process *init) {
    struct arg_source source;
    struct bootargs_word word;
    struct args args;
    u64 count = 0, size = 0, at = 0;
    choose_args(&source);
    while (next_arg(&source, &at, &word)) {
        count++;
        size += word.length + 1;
    }
    if (args_begin(&args, init, count, size)) panic("no room for the arguments of /init", NO_VALUE);
    at = 0;
    while (next_arg(&source, &at, &word))
        if (args_add(&args, word.text, word.length) || args_add(&args, "", 1) ||
            args_end_string(&args))
            panic("no memory for the arguments of /init", NO_VALUE);
}

void init_run(void) {
    struct process *init;
    struct file *image = find("init");
    if (!image || image->is_folder) panic("no /init in the initramfs", NO_VALUE);
    int error = process_create(NULL, image, &init);
    if (error)
        panic(error == -ENOMEM ? "no memory for /init"
                               : "/init is no static aarch64 executable that this kernel can load",
              NO_VALUE);
    add_args(init);
    process_start(init);
    context_run(&init->context);
}
