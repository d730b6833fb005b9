/* Journals. One that is read gives every report: the XML and the JSON among them must parse. */
#include "record/record_read.h"
#include "report/report.h"
#include <json-glib/json-glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_xml(const GString *text) {
    static const GMarkupParser parser = {0};
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, NULL, NULL);
    if (!g_markup_parse_context_parse(context, text->str, (gssize)text->len, NULL) ||
        !g_markup_parse_context_end_parse(context, NULL))
        abort();
    g_markup_parse_context_free(context);
}

static void check_json(const GString *text) {
    JsonParser *parser = json_parser_new();
    if (!json_parser_load_from_data(parser, text->str, (gssize)text->len, NULL)) abort();
    g_object_unref(parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    GError *error = NULL;
    Record *record = record_read("j", (const char *)data, size, &error);
    if (!record != !!error) abort();
    g_clear_error(&error);
    if (!record) return 0;
    for (const ReportFormat *format = report_formats; format->name; format++) {
        GString *text = report_make(format, record);
        if (!g_utf8_validate(text->str, (gssize)text->len, NULL)) abort();
        if (strcmp(format->name, "junit") == 0) check_xml(text);
        if (strcmp(format->name, "json") == 0) check_json(text);
        g_string_free(text, TRUE);
    }
    record_free(record);
    return 0;
}
