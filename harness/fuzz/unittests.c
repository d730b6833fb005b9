/* Lists of kvm-unit-tests: whatever they hold, the gate that is made of them is one. */
#include "base/lex.h"
#include "gate/gate.h"
#include "gate/unittests_gate.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *leave_none_out(const Unittest *test, gpointer data) {
    (void)test;
    (void)data;
    return NULL;
}

static void judge(const char *configured, const uint8_t *data, size_t size) {
    g_auto(UnittestsConfig) config = {0};
    unittests_config_parse(configured, strlen(configured), &config);
    if (!unittests_gate_check(&config, NULL)) abort();
    g_autoptr(GPtrArray) tests = unittests_parse((const char *)data, size);
    const UnittestsTree tree = {&config,        "build/k", "build/k/unittests.cfg", "tcg", 4,
                                leave_none_out, NULL};
    guint count;
    g_autofree char *text = unittests_gate(tests, &tree, &count);
    if (count == 0 || strlen(text) > LEX_FILE_MAX) return;
    g_autoptr(GError) error = NULL;
    g_autoptr(Gate) gate = gate_parse("g", "g.gate", "/", text, strlen(text), &error);
    if (gate && gate->cases->len == count) return;
    fprintf(stderr, "%s\n%s\n", error ? error->message : "another number of cases", text);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    UnittestsConfig config;
    unittests_config_parse((const char *)data, size, &config);
    unittests_gate_check(&config, NULL);
    unittests_config_clear(&config);
    judge(
        "ARCH=arm64\nARCH_NAME=aarch64\nTEST_DIR=arm\nPROCESSOR=cortex-a57\nENVIRON_DEFAULT=yes\n",
        data, size);
    judge("ARCH=riscv64\nARCH_NAME=riscv64\nTEST_DIR=riscv\n", data, size);
    return 0;
}
