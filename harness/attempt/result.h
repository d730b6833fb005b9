/* The result of a test that a guest ran: a subtest of a case. */
#pragma once
#include <glib.h>

typedef enum {
    RESULT_PASS,
    RESULT_FAIL,
    RESULT_SKIP,
    RESULT_TODO,    /* it fails, as it is expected to */
    RESULT_MISSING, /* planned, but not reached */
} ResultKind;
#define RESULT_KINDS (RESULT_MISSING + 1)

/* "pass", "fail", "skip", "todo", "missing"; and the reverse, FALSE for an unknown name. */
const char *result_name(ResultKind kind);
gboolean result_find(const char *name, ResultKind *ret_kind);

typedef struct {
    ResultKind kind;
    char *name;     /* with the names of its parents: "suite/case"; unique */
    char *detail;   /* the reason of a skip, or what was printed before a failure; or NULL */
    gint64 host_ns; /* from the line of results before it to its own; -1 if unknown */
} Result;

/* A result that is kept; it takes its strings. result_free is the function of a list of them. */
Result *result_new(ResultKind kind, char *name, char *detail, gint64 host_ns);
void result_free(gpointer result);
