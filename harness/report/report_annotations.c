#include "report/report_annotations.h"
#include "base/text.h"
#include "report/digest.h"
#include <string.h>

/* Characters of a reason. */
#define REASON_SHOWN 300

/* The escapes of GitHub's runner (actions/toolkit, packages/core/src/command.ts): of a message, and
 * of a property, which also ends at a colon or comma. */
static void append_escaped(GString *out, const char *text, gboolean is_property) {
    g_autofree char *line = text_line(text);
    for (const char *at = line; *at; at++) {
        if (*at == '%' || (is_property && (*at == ':' || *at == ',')))
            g_string_append_printf(out, "%%%02X", (guchar)*at);
        else
            g_string_append_c(out, *at);
    }
}

static void append_annotation(GString *out, const char *level, const RecordAttempt *attempt,
                              const char *what) {
    const RecordCase *c = attempt->record_case;
    g_autofree char *reason = digest_reason(attempt, REASON_SHOWN);
    g_string_append_printf(out, "::%s file=", level);
    append_escaped(out, c->gate->path, TRUE);
    g_string_append(out, ",title=");
    append_escaped(out, c->id, TRUE);
    g_string_append_printf(out, "%%3A %s::", what);
    append_escaped(out, reason, FALSE);
    g_string_append_c(out, '\n');
}

void report_annotations(const Record *record, GString *out) {
    for (guint i = 0; i < record->cases->len; i++) {
        const RecordCase *c = record->cases->pdata[i];
        const RecordAttempt *result = record_result(c);
        if (result->verdict == VERDICT_PASS) {
            if (record_is_flaky(c))
                append_annotation(out, "warning", c->attempts->pdata[0], "flaky");
        } else if (result->verdict != VERDICT_SKIP) {
            append_annotation(out, "error", result, verdict_name(result->verdict));
        }
    }
}
