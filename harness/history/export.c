#include "history/export.h"
#include "history/export_rows.h"
#include "history/export_summary.h"
#include <string.h>

#define ROW(name, help, is_summary, writer) {name, is_summary, writer},
const ExportFormat export_formats[] = {EXPORT_FORMATS(ROW){NULL}};

const char **export_names(void) {
    const char **names = g_new0(const char *, G_N_ELEMENTS(export_formats));
    for (guint i = 0; export_formats[i].name; i++)
        names[i] = export_formats[i].name;
    return names;
}

const ExportFormat *export_find(const char *name) {
    for (const ExportFormat *format = export_formats; format->name; format++)
        if (strcmp(format->name, name) == 0) return format;
    return NULL;
}
