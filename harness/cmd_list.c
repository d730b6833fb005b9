#include "command.h"
#include "plan.h"
#include <stdio.h>

static int run(const char *program, const char *const *arguments, GError **error) {
    (void)program;
    static const char *const everything[] = {"gates", NULL};
    g_autoptr(Plan) plan = plan_new(*arguments ? arguments : everything, error);
    if (!plan) return -1;
    const Gate *gate = NULL;
    for (guint i = 0; i < plan->cases->len; i++) {
        const PlanCase *item = plan->cases->pdata[i];
        if (!item->requested) continue;
        if (item->gate != gate) printf("%s  %s\n", item->gate->name, item->gate->proves);
        gate = item->gate;
        printf("  %s%s%s\n", item->id, item->c->about ? "  " : "",
               item->c->about ? item->c->about : "");
    }
    return EXIT_PASSED;
}

static const GOptionEntry options[] = {{NULL}};

const Command command_list = {
    .name = "list",
    .arguments = "[GATE...]",
    .summary = "Name gates and their cases",
    .description = "Without a GATE, those of the folder gates.",
    .options = options,
    .run = run,
};
