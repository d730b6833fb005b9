#include "command.h"
#include "session.h"

static int run(const char *program, const char *const *arguments, GError **error)
{
    g_autoptr(Plan) plan = session_plan(arguments, error);
    if (!plan || !plan_check_goldens(plan, error))
        return -1;
    return session_run(plan, program, FALSE, NULL, NULL, error);
}

static const GOptionEntry options[] = {RUN_FLAG_ENTRIES, {NULL}};

const Command command_run = {
    .name = "run",
    .arguments = "GATE...",
    .summary = "Run gates and judge them",
    .description =
        "A GATE is a file gates/NAME.gate or a folder, whose gate files are taken. Gates that\n"
        "others need run first. The files that a guest leaves go below build/out/GATE/CASE/.\n\n"
        "Exit status: 0 all passed, 1 some case did not, 2 usage or gate error, 3 harness or\n"
        "QEMU error, 130 interrupted.",
    .options = options,
    .run = run,
};
