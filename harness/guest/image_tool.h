/* Runs the tools that make and read images. */
#pragma once
#include <glib.h>

typedef struct {
    const char *const *argv; /* ends with NULL; IMAGE_TOOL_FILE stands for the image */
    int image_fd;
    const char *input;   /* standard input, or NULL */
    int output_fd;       /* standard output; -1: kept */
    gboolean is_hostile; /* a guest wrote the image: the tool may open nothing but it, and neither
                            print nor last without end */
} ImageTool;

/* The image, as the tool sees it. */
#define IMAGE_TOOL_FILE "/proc/self/fd/3"

/* The path of a tool, also where a user who is not root does not look for programs; or NULL. Free
 * with g_free. */
char *image_tool_path(const char *tool);

/*
 * Runs a tool to its end; *ret_said is what it printed on standard error and, if that was kept, on
 * standard output. Its exit status, or -1 and *error, which names the disk `name`, if it could not
 * be started or was killed.
 */
int image_tool_run(const ImageTool *tool, const char *name, char **ret_said, GError **error);
