#include "base/term.h"
#include "base/usage.h"
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static gboolean is_set(const char *variable) {
    const char *value = g_getenv(variable);
    return value && *value;
}

Term term_detect(FILE *out, const char *when) {
    const char *kind = g_getenv("TERM");
    gboolean live = isatty(fileno(out)) && kind && strcmp(kind, "dumb") != 0;
    gboolean colour = live;
    if (when && strcmp(when, "auto") != 0)
        colour = strcmp(when, "always") == 0;
    else if (is_set("NO_COLOR"))
        colour = FALSE;
    else if (is_set("FORCE_COLOR"))
        colour = TRUE;
    return (Term){.out = out, .live = live, .colour = colour};
}

const char *term_style(const Term *term, TermStyle style) {
    static const char *const codes[] = {"\033[0m",  "\033[1m",  "\033[2m",
                                        "\033[31m", "\033[32m", "\033[33m"};
    return term->colour ? codes[style] : "";
}

guint term_columns(const Term *term) {
    struct winsize size;
    return ioctl(fileno(term->out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

gboolean term_check_when(const char *when, GError **error) {
    static const char *const known[] = {"always", "never", "auto", NULL};
    return !when || g_strv_contains(known, when) ||
           usage_unknown(error, "--color must be always, never or auto", when, known);
}
