/* Reads the bytes of sources (source.h) from the files of the project. */
#pragma once
#include "gate/gate.h"
#include "gate/input_file.h"
#include "gate/project_files.h"

/* The context in which sources are read. */
typedef struct {
    const Gate *gate;
    Driver driver;
    const char *out_root; /* the folder of the outputs of gates; NULL if none is read */
    ProjectFiles *allowed;
} SourceReader;

SourceReader source_reader(const Gate *gate, Driver driver, const char *out_root);
void source_reader_clear(SourceReader *reader);

/* The file or folder of a part that has one; free with g_free. */
char *source_reader_path(const SourceReader *reader, const SourcePart *part);

/* The bytes of a part that is no folder; *ret_stamp is that of its file, or FILE_STAMP_NONE. NULL
 * and *error with the place in the gate file. */
GBytes *source_reader_part(const SourceReader *reader, const SourcePart *part, FileStamp *ret_stamp,
                           GError **error);

/* The joined bytes of all parts; *ret_stamp is that of the file which is all of them, or
 * FILE_STAMP_NONE. */
GBytes *source_reader_load(const SourceReader *reader, const GPtrArray *source,
                           FileStamp *ret_stamp, GError **error);

/*
 * Takes what lies below a folder, in the order of names; `path` begins with a slash, and `file` has
 * no path of its own. FALSE and *error end the walk; the content of `file` is taken in any case.
 */
typedef gboolean (*SourceVisitor)(gpointer data, const char *path, const InputFile *file,
                                  GError **error);

/*
 * Passes on every file below the folder `part`. As it is: links as links, permissions, and folders
 * that have nothing in them; otherwise regular files alone, links followed, with INPUT_FILE_MODE.
 */
gboolean source_reader_tree(const SourceReader *reader, const SourcePart *part, gboolean as_it_is,
                            SourceVisitor visitor, gpointer data, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SourceReader, source_reader_clear)
