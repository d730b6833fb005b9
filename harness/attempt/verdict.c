#include "attempt/verdict.h"
#include <string.h>

static const char *const names[] = {"pass", "fail", "error", "timeout", "hang", "panic", "skip"};
G_STATIC_ASSERT(G_N_ELEMENTS(names) == VERDICT_KINDS);

const char *verdict_name(VerdictKind kind) { return names[kind]; }

static void finding_free(gpointer data) {
    Finding *finding = data;
    g_free(finding->text);
    g_free(finding->expected);
    g_free(finding->actual);
    g_free(finding->guest_path);
    g_free(finding->expected_sha256);
    g_free(finding->actual_sha256);
    g_free(finding);
}

void verdict_free(Verdict *verdict) {
    g_ptr_array_unref(verdict->findings);
    g_free(verdict);
}

void expected_file_free(ExpectedFile *file) {
    g_free(file->guest_path);
    g_free(file->sha256);
    g_free(file);
}

Verdict *verdict_empty(VerdictKind kind) {
    Verdict *verdict = g_new0(Verdict, 1);
    verdict->kind = kind;
    verdict->findings = g_ptr_array_new_with_free_func(finding_free);
    return verdict;
}

Finding *verdict_add(Verdict *verdict, char *text) {
    Finding *finding = g_new0(Finding, 1);
    finding->text = text;
    g_ptr_array_add(verdict->findings, finding);
    return finding;
}

Verdict *verdict_new(VerdictKind kind, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Verdict *verdict = verdict_empty(kind);
    verdict_add(verdict, g_strdup_vprintf(format, args));
    va_end(args);
    return verdict;
}
