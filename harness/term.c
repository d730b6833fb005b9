#include "term.h"
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

Term term_detect(void)
{
    const char *kind = g_getenv("TERM"), *no_colour = g_getenv("NO_COLOR");
    gboolean live = isatty(STDOUT_FILENO) && kind && strcmp(kind, "dumb") != 0;
    return (Term){.live = live, .colour = live && (!no_colour || !*no_colour)};
}

const char *term_style(const Term *term, TermStyle style)
{
    static const char *const codes[] = {"\033[0m",  "\033[1m",  "\033[2m",
                                        "\033[31m", "\033[32m", "\033[33m"};
    return term->colour ? codes[style] : "";
}

guint term_columns(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

char *term_visible(const char *text, gsize length)
{
    g_autoptr(GString) out = g_string_sized_new(length);
    for (gsize i = 0; i < length; i++) {
        guchar c = (guchar)text[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            g_string_append_printf(out, "\\x%02x", c);
        else
            g_string_append_c(out, (char)c);
    }
    return g_utf8_make_valid(out->str, (gssize)out->len);
}
