#include "term.h"
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

Term term_detect(FILE *out) {
    const char *kind = g_getenv("TERM"), *no_colour = g_getenv("NO_COLOR");
    gboolean live = isatty(fileno(out)) && kind && strcmp(kind, "dumb") != 0;
    return (Term){.out = out, .live = live, .colour = live && (!no_colour || !*no_colour)};
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
