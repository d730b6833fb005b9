#include "cli/manual.h"
#include "cli/perf_command.h"
#include "gate/gate_language.h"
#include "history/export.h"
#include "run/run_cache.h"
#include <string.h>

/* ---- The page (groff_man(7)) ---- */

/* Escapes text for roff: backslashes, and dots and quotes at the start of a line. */
static void append_roff(GString *out, const char *text) {
    for (const char *at = text; *at; at++) {
        gboolean at_line =
            at == text ? !out->len || out->str[out->len - 1] == '\n' : at[-1] == '\n';
        if (at_line && (*at == '.' || *at == '\'')) g_string_append(out, "\\&");
        if (*at == '\\')
            g_string_append(out, "\\e");
        else if (*at == '-')
            g_string_append(out, "\\-");
        else
            g_string_append_c(out, *at);
    }
}

static void append_options(GString *out, const GOptionEntry *options) {
    for (const GOptionEntry *option = options; option->long_name; option++) {
        if (option->flags & G_OPTION_FLAG_HIDDEN) continue;
        g_string_append(out, ".TP\n\\fB");
        if (option->short_name) g_string_append_printf(out, "\\-%c\\fR, \\fB", option->short_name);
        g_string_append(out, "\\-\\-");
        append_roff(out, option->long_name);
        g_string_append(out, "\\fR");
        if (option->arg_description) {
            g_string_append(out, "=\\fI");
            append_roff(out, option->arg_description);
            g_string_append(out, "\\fR");
        }
        g_string_append_c(out, '\n');
        append_roff(out, option->description);
        g_string_append(out, ".\n");
    }
}

static void append_command(GString *out, const Command *command) {
    g_string_append(out, ".SS harness ");
    append_roff(out, command->name);
    g_string_append(out, " [\\fIOPTION\\fR...] \\fI");
    append_roff(out, command->arguments);
    g_string_append(out, "\\fR\n");
    append_roff(out, command->summary);
    g_string_append(out, ".\n.PP\n.nf\n");
    append_roff(out, command->description);
    g_string_append(out, "\n.fi\n");
    g_autofree GOptionEntry *options = command_entries(command);
    append_options(out, options);
}

static void append_heading(GString *out, const char *heading) {
    g_string_append(out, ".SS ");
    append_roff(out, heading);
    g_string_append_c(out, '\n');
}

static void append_item(GString *out, const char *term, const char *help, const char *example) {
    g_string_append(out, ".TP\n\\fB");
    append_roff(out, term);
    g_string_append(out, "\\fR\n");
    append_roff(out, help);
    if (example) {
        g_string_append(out, "\n.br\n");
        append_roff(out, example);
    }
    g_string_append_c(out, '\n');
}

void manual_page(const Command *const *commands, GString *out) {
    g_string_append(out,
                    ".TH HARNESS 1\n.SH NAME\nharness \\- boot a kernel under QEMU, run gates on "
                    "it and judge their results\n.SH SYNOPSIS\n.B harness\n\\fICOMMAND\\fR "
                    "[\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n.SH COMMANDS\n");
    for (const Command *const *command = commands; *command; command++)
        append_command(out, *command);
    g_string_append(
        out, ".SH GATE FILES\nLines \\fIkey\\fR = \\fIvalue\\fR in a section [gate] and sections "
             "[case \\fINAME\\fR]; a line that begins with # is a comment.\n");
    gate_language_append(out, append_heading, append_item);
    g_string_append(
        out, ".SH ENVIRONMENT\n.TP\n.B HARNESS_HISTORY\nThe history file; if empty, there "
             "is none.\n.TP\n.B "
             "HARNESS_CACHE\nThe folder of the cache, or the URL of a server behind it; if empty, "
             "nothing is kept and everything runs.\n.TP\n.B " RUN_CACHE_HEADER "\nA line NAME: "
             "VALUE that goes with every request to that server.\n.TP\n.B HARNESS_QEMU_PATHS\n"
             "Folders and files, separated by colons, that QEMU may read and write besides "
             "its own, for a script in place of QEMU.\n.TP\n.B TEST_SHARD_INDEX, "
             "TEST_TOTAL_SHARDS, CI_NODE_INDEX, CI_NODE_TOTAL\nThe shard to run, as set by Bazel "
             "and GitLab.\n.TP\n.B NO_COLOR\nNo colours.\n.TP\n.B "
             "FORCE_COLOR\nColours, on a pipe too.\n.SH EXIT STATUS\n0 all "
             "passed, 1 some case did not, 2 usage or gate error, 3 harness or QEMU error, "
             "130 interrupted.\n.SH SEE ALSO\n.BR qemu-system-aarch64 (1),\n.BR "
             "gdb-multiarch (1)\n");
}

/* ---- docs/gates.md ---- */

/* Escapes bars, which end a table cell, and stars and angle brackets, which are markup. */
static void append_cell(GString *out, const char *text, gboolean is_code) {
    if (is_code) g_string_append_c(out, '`');
    for (; *text; text++)
        g_string_append_printf(
            out, *text == '|' || (!is_code && strchr("*<>[]", *text)) ? "\\%c" : "%c", *text);
    if (is_code) g_string_append_c(out, '`');
}

static void append_table(GString *out, const char *heading) {
    gboolean has_examples = strcmp(heading, "Keys") == 0;
    g_string_append_printf(out, "\n## %s\n\n|%s\n|---|---|%s\n", heading,
                           has_examples ? " key | meaning | example |" : " form | meaning |",
                           has_examples ? "---|" : "");
}

static void append_row(GString *out, const char *term, const char *help, const char *example) {
    g_string_append(out, "| ");
    append_cell(out, term, TRUE);
    g_string_append(out, " | ");
    append_cell(out, help, FALSE);
    if (example) {
        g_string_append(out, " | ");
        append_cell(out, example, TRUE);
    }
    g_string_append(out, " |\n");
}

void manual_gates(GString *out) {
    g_string_append(
        out,
        "# Gate files\n\n<!-- `harness docs gates` writes this page from the tables of the program;"
        " a test compares them. -->\n\n"
        "A gate file is `gates/NAME.gate`: a section `[gate]`, then sections `[case NAME]`, each "
        "with"
        " lines `key = value`. A line that begins with `#` is a comment. Unknown, repeated and"
        " missing keys are errors, which `harness check` shows with line, column and a caret."
        " `harness new NAME` writes a commented gate to start from; the"
        " [tutorial](tutorial.md) explains one step by step.\n");
    gate_language_append(out, append_table, append_row);
}

/* ---- The completion (bash(1), "Programmable Completion") ---- */

/* The options of a command, separated by blanks; those with a value end in "=". */
static void append_words(GString *out, const GOptionEntry *options) {
    for (const GOptionEntry *option = options; option->long_name; option++)
        if (!(option->flags & G_OPTION_FLAG_HIDDEN))
            g_string_append_printf(out, "--%s%s ", option->long_name,
                                   option->arg_description ? "=" : "");
    g_string_append(out, "--help");
}

void manual_bash(const Command *const *commands, GString *out) {
    g_string_append(
        out,
        "# bash completion for harness, written by harness docs bash.\n"
        "_harness_names() {\n"
        "    \"${COMP_WORDS[0]}\" list 2>/dev/null | if [ \"$1\" = cases ]\n"
        "        then sed -n 's/^  \\([^ ]*\\).*/\\1/p'; else sed -n 's/^\\([^ ][^ ]*\\).*/\\1/p'; "
        "fi\n"
        "}\n"
        "_harness() {\n"
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options=\n"
        "    COMPREPLY=()\n"
        "    local commands='");
    for (const Command *const *command = commands; *command; command++)
        g_string_append_printf(out, "%s%s", command == commands ? "" : " ", (*command)->name);
    g_autofree const char **formats = report_names();
    g_autofree char *format_words = g_strjoinv(" ", (char **)formats);
    g_autofree const char **exports = export_names();
    g_autofree char *export_words = g_strjoinv(" ", (char **)exports);
    g_autofree const char **actions = perf_action_names();
    g_autofree char *action_words = g_strjoinv(" ", (char **)actions);
    g_string_append_printf(out, "' formats='%s' exports='%s' actions='%s", format_words,
                           export_words, action_words);
    g_string_append(
        out, "'\n"
             "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
             "        COMPREPLY=($(compgen -W \"$commands help --help --version\" -- \"$word\"))\n"
             "        return\n    fi\n"
             "    case ${COMP_WORDS[1]} in\n");
    for (const Command *const *command = commands; *command; command++) {
        g_string_append_printf(out, "    %s) options='", (*command)->name);
        g_autofree GOptionEntry *options = command_entries(*command);
        append_words(out, options);
        g_string_append(out, "' ;;\n");
    }
    g_string_append(
        out,
        "    esac\n"
        "    [ \"$before\" = = ] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
        "    [ \"$word\" = = ] && { word=; before=${COMP_WORDS[COMP_CWORD-1]}; }\n"
        "    case $before in\n"
        "    --driver|-d) case ${COMP_WORDS[1]} in exec|debug) options='seed linux' ;;\n"
        "        *) options='seed linux both' ;; esac\n"
        "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\")); return ;;\n"
        "    --color) COMPREPLY=($(compgen -W 'always never auto' -- \"$word\")); return ;;\n"
        "    --format|-f) case ${COMP_WORDS[1]} in report) options=$formats ;;\n"
        "        perf) options=$exports ;; esac\n"
        "        case ${COMP_WORDS[1]} in report|perf)\n"
        "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\")); return ;; esac ;;\n"
        "    esac\n"
        "    local not=\n"
        "    case $before in\n"
        "    --filter|-f|--why) [[ $word == '!'* ]] && { not='!'; word=${word#?}; }\n"
        "        COMPREPLY=($(compgen -P \"$not\" -W \"$(_harness_names cases)\" -- \"$word\"))\n"
        "        return ;;\n"
        "    esac\n"
        "    case ${COMP_WORDS[1]}:$word in\n"
        "    *:-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
        "        [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null ;;\n"
        "    perf:*) if [ \"$COMP_CWORD\" = 2 ]\n"
        "        then COMPREPLY=($(compgen -W \"$actions\" -- \"$word\"))\n"
        "        else COMPREPLY=($(compgen -f -- \"$word\")); fi ;;\n"
        "    docs:*) COMPREPLY=($(compgen -W 'man bash gates' -- \"$word\")) ;;\n"
        "    help:*) COMPREPLY=($(compgen -W \"$commands\" -- \"$word\")) ;;\n"
        "    debug:*) case $before in\n"
        "        *.gate) COMPREPLY=($(compgen -W \"$(\"${COMP_WORDS[0]}\" list \"$before\" "
        "2>/dev/null |\n"
        "            sed -n 's/^  [^ ]*\\/\\([^ /]*\\).*/\\1/p')\" -- \"$word\")) ;;\n"
        "        *) COMPREPLY=($(compgen -f -X '!*.gate' -- \"$word\") $(compgen -d -- \"$word\")\n"
        "            $(compgen -W \"$(_harness_names cases)\" -- \"$word\")) ;;\n"
        "        esac ;;\n"
        "    run:*|check:*|list:*|bless:*)\n"
        "        COMPREPLY=($(compgen -f -X '!*.gate' -- \"$word\") $(compgen -d -- \"$word\"))\n"
        "        case ${COMP_WORDS[1]}:$word in\n"
        "        bless:*) options=$(_harness_names gates) ;;\n"
        "        */*) options=$(_harness_names cases) ;;\n"
        "        *) options=$(_harness_names gates) ;;\n"
        "        esac\n"
        "        COMPREPLY+=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
        "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
        "    esac\n"
        "}\n"
        "complete -o filenames -F _harness harness\n");
}
