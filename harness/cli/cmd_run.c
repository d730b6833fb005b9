#include "base/mistakes.h"
#include "cli/command.h"
#include "run/run.h"

static int run(const Command *const *commands, const char *const *arguments, GError **error) {
    (void)commands;
    g_autoptr(Plan) plan = run_plan(&run_options, arguments, FALSE, error);
    if (!plan) return -1;
    g_autoptr(GPtrArray) mistakes = mistakes_new();
    plan_check_goldens(plan, mistakes);
    if (!mistakes_none(mistakes, error)) return -1;
    return run_cases(&run_options, plan, NULL, NULL, NULL, error);
}

static const GOptionEntry options[] = {
    {"warm", 0, 0, G_OPTION_ARG_NONE, &run_options.warm,
     "Reset QEMUs between cases of the seed kernel instead of starting new ones; a case that does "
     "not pass runs again on a new one",
     NULL},
    {"coverage", 0, 0, G_OPTION_ARG_FILENAME, &run_options.coverage,
     "Count which lines, functions and branches of the kernel and the programs run, and write "
     "lcov.info, cobertura.xml and index.html to DIR; nothing comes from the cache",
     "DIR"},
    {"coverage-lines", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &run_options.coverage_lines,
     "Take the lines of programs without DWARF from an ELF file with the same code, or from the "
     "*.elf files of a folder; may be repeated",
     "ELF"},
    {NULL}};

const Command command_run = {
    .name = "run",
    .arguments = "GATE...",
    .summary = "Run gates and judge them",
    .description =
        "A GATE is a file gates/NAME.gate, a folder of gate files, or NAME or NAME/CASE of the\n"
        "folder gates here. Gates that others need run first. The files that a guest leaves are\n"
        "written below build/out/GATE/CASE/.\n\n"
        "  harness run tier1 boot0/hex1          a gate, and one case of another\n"
        "  harness run -f '!kernel/*' gates      all but the cases of the gate kernel\n"
        "  harness run -f '{boot0,boot1}/*' gates\n"
        "  harness run --failed                  cases that did not pass in the last run\n"
        "  git diff --name-only | harness run --affected - gates\n\n"
        "Reports are made at the end, from the journal of the run. FILE \"-\" is standard output;\n"
        "progress then goes to standard error.\n\n"
        "Exit status: 0 all passed, 1 some case did not, 2 usage or gate error, 3 harness or\n"
        "QEMU error, 130 interrupted.",
    .shared = COMMAND_SELECTS | COMMAND_RUNS | COMMAND_REPORTS,
    .options = options,
    .run = run,
};
