#include "history/export_rows.h"
#include "base/json_out.h"
#include "base/text.h"
#include "history/rows.h"
#include <string.h>

typedef struct {
    const Export *export;
    GString *line;
} Writer;

static gboolean write_json(gpointer data, const Row *row, GError **error) {
    const Writer *writer = data;
    (void)error;
    g_string_truncate(writer->line, 0);
    json_out_begin(writer->line, NULL, '{');
    for (guint i = 0; i < ROW_COLUMNS; i++) {
        const RowValue *value = &row->values[i];
        if (value->text)
            json_out_text(writer->line, row_columns[i].name, value->text);
        else if (value->is_set)
            json_out_int(writer->line, row_columns[i].name, value->number);
    }
    json_out_end(writer->line, '}');
    writer->export->line(writer->export->data, writer->line->str);
    return TRUE;
}

gboolean export_jsonl(const Export *export, GError **error) {
    g_autoptr(GString) line = g_string_new(NULL);
    Writer writer = {export, line};
    return rows_read(export->history, export->range, write_json, &writer, error);
}

/* RFC 4180, section 2: what has a comma, a quote or an end of line stands in quotes. An empty text
 * does so too, since an empty field is no value. */
static void append_field(GString *out, const char *text) {
    if (*text && !text[strcspn(text, ",\"\r\n")]) {
        g_string_append(out, text);
        return;
    }
    g_string_append_c(out, '"');
    for (; *text; text++) {
        if (*text == '"') g_string_append_c(out, '"');
        g_string_append_c(out, *text);
    }
    g_string_append_c(out, '"');
}

static gboolean write_csv(gpointer data, const Row *row, GError **error) {
    const Writer *writer = data;
    (void)error;
    g_string_truncate(writer->line, 0);
    for (guint i = 0; i < ROW_COLUMNS; i++) {
        const RowValue *value = &row->values[i];
        if (i > 0) g_string_append_c(writer->line, ',');
        if (value->text)
            append_field(writer->line, value->text);
        else if (value->is_set)
            g_string_append_printf(writer->line, "%" G_GINT64_FORMAT, value->number);
    }
    writer->export->line(writer->export->data, writer->line->str);
    return TRUE;
}

gboolean export_csv(const Export *export, GError **error) {
    g_autoptr(GString) line = g_string_new(NULL);
    Writer writer = {export, line};
    for (guint i = 0; i < ROW_COLUMNS; i++)
        g_string_append_printf(line, "%s%s", i > 0 ? "," : "", row_columns[i].name);
    export->line(export->data, line->str);
    return rows_read(export->history, export->range, write_csv, &writer, error);
}
