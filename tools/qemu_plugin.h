/*
 * What our TCG plugins use of QEMU's plugin API, whose header Debian does not ship: its public
 * part, as the page "QEMU TCG Plugins" of QEMU's developer documentation lists it. Included by one
 * source of each plugin.
 */
#pragma once
#include <dlfcn.h> /* with _GNU_SOURCE: RTLD_DEFAULT */
#include <stddef.h>
#include <stdint.h>

/* Opaque to plugins. */
struct qemu_plugin_tb;
struct qemu_plugin_insn;

typedef uint64_t qemu_plugin_id_t;

/* Its beginning; more follows. */
struct qemu_info_t {
    const char *target_name;
    struct {
        int min, cur;
    } version;
};

/* The callback neither reads nor writes guest registers: QEMU need not save them. */
enum { QEMU_PLUGIN_CB_NO_REGS = 0 };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                            void (*cb)(unsigned int, void *), int flags,
                                            void *data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, void *),
                                    void *data);
void qemu_plugin_outs(const char *string);

/* What QEMU looks for in a plugin. */
extern int qemu_plugin_version;
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv);

int qemu_plugin_version;

/*
 * Before QEMU reads the version: QEMU up to 8.2 takes plugins for API version 0 or 1 alone, QEMU
 * from 9.0 on none below 2. What is declared here is the same in both, so the version follows the
 * QEMU that loads: scoreboards came with version 2.
 */
__attribute__((constructor)) static void choose_version(void) {
    qemu_plugin_version = dlsym(RTLD_DEFAULT, "qemu_plugin_scoreboard_new") ? 2 : 1;
}
