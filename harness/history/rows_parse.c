#include "history/rows_parse.h"
#include "base/json_in.h"
#include "base/text.h"
#include "base/usage.h"
#include <string.h>

/* More columns than any version will have: a bound for what a first line makes us keep. */
#define COLUMNS_MAX 100

typedef struct {
    const char *name;
    guint line; /* from 1 */
    RowSink each;
    gpointer data;
} Reader;

static gboolean refuse(const Reader *reader, const char *wrong, GError **error) {
    return usage_error(error, "%s:%u: %s", reader->name, reader->line, wrong);
}

static gboolean give(const Reader *reader, const Row *row, GError **error) {
    g_autofree char *wrong = row_check(row);
    g_autofree char *what = wrong ? g_strconcat("the row ", wrong, NULL) : NULL;
    if (what) return refuse(reader, what, error);
    if (reader->each(reader->data, row, error)) return TRUE;
    g_prefix_error(error, "%s:%u: ", reader->name, reader->line);
    return FALSE;
}

/* ---- JSON lines ---- */

static void take_members(JsonObject *object, Row *row) {
    for (guint i = 0; i < ROW_COLUMNS; i++) {
        RowValue *value = &row->values[i];
        const char *text = json_in_text(object, row_columns[i].name);
        value->text = g_strdup(text);
        value->is_set = text || json_in_int(object, row_columns[i].name, &value->number);
    }
}

static gboolean parse_json(Reader *reader, const char *text, gsize length, GError **error) {
    g_autoptr(JsonParser) parser = json_parser_new();
    for (const char *end = text + length; text < end; reader->line++) {
        const char *newline = memchr(text, '\n', (gsize)(end - text));
        if (!newline) return refuse(reader, "the file ends within a line", error);
        JsonObject *object;
        g_auto(Row) row = {0};
        const char *wrong = json_in_object(parser, text, (gsize)(newline - text), &object);
        g_autofree char *what = wrong ? g_strconcat("the line ", wrong, NULL) : NULL;
        if (what) return refuse(reader, what, error);
        take_members(object, &row);
        if (!give(reader, &row, error)) return FALSE;
        text = newline + 1;
    }
    return TRUE;
}

/* ---- CSV ---- */

typedef struct {
    GString *text;
    gboolean is_quoted; /* an empty text then, and no missing value */
} Field;

static void field_free(gpointer data) {
    Field *field = data;
    g_string_free(field->text, TRUE);
    g_free(field);
}

/* Reads a field in quotes from behind the first; NULL if they do not end. */
static const char *read_quoted(const char *text, const char *end, GString *field) {
    for (;;) {
        const char *quote = memchr(text, '"', (gsize)(end - text));
        if (!quote) return NULL;
        g_string_append_len(field, text, quote - text);
        if (quote + 1 == end || quote[1] != '"') return quote + 1;
        g_string_append_c(field, '"');
        text = quote + 2;
    }
}

/* Reads a record up to behind its end of line, and counts the lines in it. NULL: what is wrong is
 * in *ret_wrong. */
static const char *read_record(const char *text, const char *end, GPtrArray *fields,
                               guint *ret_lines, const char **ret_wrong) {
    const char *from = text;
    for (;;) {
        Field *field = g_new0(Field, 1);
        field->text = g_string_new(NULL);
        g_ptr_array_add(fields, field);
        *ret_wrong = "a field in quotes does not end";
        if (text < end && *text == '"') {
            field->is_quoted = TRUE;
            text = read_quoted(text + 1, end, field->text);
            if (!text) return NULL;
        }
        while (text < end && !field->is_quoted && *text != ',' && *text != '\n' && *text != '\r')
            g_string_append_c(field->text, *text++);
        *ret_wrong = "the file ends within a line";
        if (text < end && *text == '\r') text++;
        if (text == end) return NULL;
        *ret_wrong = "a comma or an end of line must follow a field";
        if (*text != ',' && *text != '\n') return NULL;
        *ret_wrong = "a line has more than 100 columns";
        if (fields->len > COLUMNS_MAX) return NULL;
        if (*text++ == '\n') break;
    }
    for (*ret_lines = 0; from < text; from++)
        *ret_lines += *from == '\n';
    return text;
}

/* Which of our columns each of the file's is; ROW_COLUMNS: none. */
static gboolean find_columns(const Reader *reader, const GPtrArray *names, guint *ret_columns,
                             GError **error) {
    gboolean known[ROW_COLUMNS] = {FALSE};
    for (guint i = 0; i < names->len; i++) {
        const Field *name = names->pdata[i];
        ret_columns[i] = 0;
        while (ret_columns[i] < ROW_COLUMNS &&
               strcmp(row_columns[ret_columns[i]].name, name->text->str) != 0)
            ret_columns[i]++;
        if (ret_columns[i] == ROW_COLUMNS) continue;
        if (known[ret_columns[i]]) return refuse(reader, "a column comes twice", error);
        known[ret_columns[i]] = TRUE;
    }
    if (known[ROW_RUN] && known[ROW_CASE]) return TRUE;
    return refuse(reader,
                  "this is no history: neither a database, nor what harness perf export "
                  "--format jsonl or csv writes",
                  error);
}

static gboolean take_field(const Field *field, guint column, Row *row) {
    RowValue *value = &row->values[column];
    if (field->text->len == 0 && !field->is_quoted) return TRUE;
    value->is_set = TRUE;
    if (row_columns[column].is_number)
        return g_ascii_string_to_signed(field->text->str, 10, G_MININT64, G_MAXINT64,
                                        &value->number, NULL);
    if (memchr(field->text->str, '\0', field->text->len) ||
        !g_utf8_validate(field->text->str, (gssize)field->text->len, NULL))
        return FALSE;
    value->text = g_strdup(field->text->str);
    return TRUE;
}

static gboolean parse_csv(Reader *reader, const char *text, gsize length, GError **error) {
    const char *end = text + length, *wrong;
    guint columns[COLUMNS_MAX + 1], lines, count = 0;
    while (text < end) {
        g_autoptr(GPtrArray) fields = g_ptr_array_new_with_free_func(field_free);
        g_auto(Row) row = {0};
        text = read_record(text, end, fields, &lines, &wrong);
        if (!text) return refuse(reader, wrong, error);
        if (count == 0) {
            count = fields->len;
            if (!find_columns(reader, fields, columns, error)) return FALSE;
            reader->line += lines;
            continue;
        }
        if (fields->len != count)
            return refuse(reader, "the row has another number of columns than the first line",
                          error);
        for (guint i = 0; i < count; i++)
            if (columns[i] < ROW_COLUMNS && !take_field(fields->pdata[i], columns[i], &row))
                return refuse(reader,
                              "the row has a number that is none, or a text that is not "
                              "UTF-8",
                              error);
        if (!give(reader, &row, error)) return FALSE;
        reader->line += lines;
    }
    return TRUE;
}

gboolean rows_parse(const char *text, gsize length, const char *name, RowSink each, gpointer data,
                    GError **error) {
    Reader reader = {.name = name, .line = 1, .each = each, .data = data};
    if (length == 0) return refuse(&reader, "the file is empty", error);
    return *text == '{' ? parse_json(&reader, text, length, error)
                        : parse_csv(&reader, text, length, error);
}
