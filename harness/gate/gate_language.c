#include "gate/gate_language.h"
#include "base/lex.h"
#include "base/quantity.h"
#include "gate/gate_keys.h"

static const struct {
    const char *term, *help;
} values[] = {
    {"DURATION", "A " QUANTITY_DURATION_FORM "."},
    {"SIZE", "A " QUANTITY_SIZE_FORM "."},
    {"PERCENT", "A number and a percent sign: 20%."},
    {"MAJOR, MINOR", "The two numbers of a device, as ls -l shows them."},
    {"MODE", "Permissions, in octal: 600."},
    {"SET", "The name of a section [set NAME]."},
    {"/PATH", "A guest path, after the key: it begins with a slash, has at most 255 bytes, and "
              "no empty component, \".\" or \"..\"."},
    {"GATE, CASE, NAME",
     "Letters, digits, \"-\", \"_\" and \".\", a letter or digit first. The name of a gate is the "
     "path of its file below gates/ without .gate, and may have folders: "
     "selftest/hang."},
    {"WORD", "Text up to the next blank, or a text in quotes."},
    {"TEXT",
     "Text up to the end of the line; \"TEXT\" in quotes may have escapes. # begins a comment "
     "only as the first character of a line."},
};

/* The sections that may have a key, as a sentence. */
static const char *place_of(const GateKey *key) {
    if ((key->flags & KEY_DEFAULT) == KEY_DEFAULT)
        return " Also in [gate], for every case that does not set it.";
    return key->flags & KEY_GATE ? " Only in [gate]." : "";
}

static void append_key(GString *out, const GateKey *key, GateLanguageItem item) {
    g_autofree char *term = g_strdup_printf("%s%s = %s", key->name,
                                            key->flags & KEY_NAMED      ? " NAME"
                                            : key->flags & KEY_ARGUMENT ? " /PATH"
                                                                        : "",
                                            key->syntax);
    g_autofree char *fallback =
        key->fallback ? g_strdup_printf(" Default: %s.", key->fallback) : g_strdup("");
    g_autofree char *help = g_strconcat(key->help, fallback, place_of(key), NULL);
    item(out, term, help, key->example);
}

void gate_language_append(GString *out, GateLanguageHeading heading, GateLanguageItem item) {
    heading(out, "Keys");
    for (const GateKey *key = gate_keys; key->name; key++)
        append_key(out, key, item);
    heading(out, "Cases of a kind");
    item(out, "each NAME = VALUE...",
         "Makes a case for each value, and with several such lines for each combination: {NAME} in "
         "any "
         "value of the case, and in its name, stands for the value. A name without {NAME} gets "
         "\"-VALUE\" at its end. Only in [case].",
         "each machine = virt sbsa-ref");
    item(out, "on = SET...",
         "Makes a case for each of these sets, sections [set NAME] of the file, with the lines of "
         "the "
         "set in it: {on} stands for the name of the set, and the name of the case gets it as with "
         "each. A line of the case takes the place of one of the set with the same key. Only in "
         "[case].",
         "on = arm64 riscv64");
    item(out, "include NAME",
         "In a dialog: the steps of the section [dialog NAME] of the file, which has lines "
         "\"dialog = ...\" alone, such as those that log in.",
         "dialog = include login send \"uname\\n\"");
    heading(out, "SOURCE: where the bytes of a file come from; sources are joined with +");
    for (const SourceSyntax *syntax = source_syntaxes; syntax->help; syntax++) {
        g_autofree char *term = g_strconcat(syntax->prefix, syntax->rest, NULL);
        item(out, term, syntax->help, NULL);
    }
    heading(out, "Escapes of a text in quotes");
    for (const LexEscape *escape = lex_escapes; escape->syntax; escape++)
        item(out, escape->syntax, escape->help, NULL);
    heading(out, "Other values");
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        item(out, values[i].term, values[i].help, NULL);
}
