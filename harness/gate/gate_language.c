#include "gate/gate_language.h"
#include "base/lex.h"
#include "base/quantity.h"
#include "gate/source.h"

static const struct {
    const char *term, *help;
} values[] = {
    {"DURATION", "Is " QUANTITY_DURATION_SYNTAX "."},
    {"SIZE", "Is " QUANTITY_SIZE_SYNTAX "."},
    {"PERCENT", "Is a number and a percent sign: 20%."},
    {"/PATH",
     "A path of the guest, behind the key: it begins with a slash, has at most 255 bytes, and "
     "no empty component, \".\" or \"..\"."},
    {"GATE, CASE, NAME",
     "Letters, digits, \"-\", \"_\" and \".\", a letter or digit first. A gate's name is "
     "its file's, below gates/ and without .gate, and may have folders: "
     "selftest/hang."},
    {"WORD", "Goes to the next blank, or is a text in quotes."},
    {"TEXT", "Goes to the end of the line; \"TEXT\" in quotes may have escapes. # begins a comment "
             "only as the first character of a line."},
};

void gate_language_append(GString *out, GateLanguageHeading heading, GateLanguageItem item) {
    heading(out, "SOURCE, where the bytes of a file come from; several are joined with +");
    for (const SourceSyntax *syntax = source_syntaxes; syntax->help; syntax++) {
        g_autofree char *term = g_strconcat(syntax->prefix, syntax->rest, NULL);
        item(out, term, syntax->help);
    }
    heading(out, "Escapes of a text in quotes");
    for (const LexEscape *escape = lex_escapes; escape->syntax; escape++)
        item(out, escape->syntax, escape->help);
    heading(out, "Other values");
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        item(out, values[i].term, values[i].help);
}
