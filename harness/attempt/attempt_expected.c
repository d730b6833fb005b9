#include "attempt/attempt_expected.h"
#include "base/hash.h"

Inputs *attempt_load_inputs(const AttemptState *attempt, GError **error) {
    const AttemptSubject *subject = &attempt->public.subject;
    const AttemptOptions *options = attempt->options;
    return inputs_load(subject->gate, subject->gate_case, subject->driver,
                       options->inputs_root ? options->inputs_root : options->out_root, error);
}

/* The golden hash of the file, or NULL: from this bless or from the golden file. */
static const char *find_golden(const AttemptState *attempt, const char *guest_path) {
    const AttemptSubject *subject = &attempt->public.subject;
    const Golden *golden = subject->golden;
    if (attempt->options->any_golden)
        golden = attempt->options->blessed
                     ? g_hash_table_lookup(attempt->options->blessed, subject->gate->name)
                     : NULL;
    return golden ? golden_get(golden, subject->gate_case->name, guest_path) : NULL;
}

GPtrArray *attempt_expected_files(const AttemptState *attempt) {
    GPtrArray *expected = g_ptr_array_new_with_free_func((GDestroyNotify)expected_file_free);
    const GateCase *c = attempt->public.subject.gate_case;
    for (guint i = 0; i < c->expects->len; i++) {
        const GateExpect *expect = c->expects->pdata[i];
        ExpectedFile *file = g_new0(ExpectedFile, 1);
        file->guest_path = g_strdup(expect->guest_path);
        file->is_golden = expect->source == NULL;
        if (file->is_golden) file->sha256 = g_strdup(find_golden(attempt, expect->guest_path));
        file->any = file->is_golden && attempt->options->any_golden && !file->sha256;
        file->is_repeated = file->is_golden && attempt->options->any_golden;
        if (!file->is_golden && attempt->public.inputs)
            file->sha256 =
                hash_bytes(input_files_find(attempt->public.inputs->equals, expect->guest_path));
        g_ptr_array_add(expected, file);
    }
    return expected;
}
