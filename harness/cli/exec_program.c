#include "cli/exec_program.h"
#include <elf.h>
#include <string.h>

#define BUILD "build it with: aarch64-linux-gnu-gcc -static -no-pie"

static const struct {
    guint16 machine;
    const char *name;
} machines[] = {
    {EM_386, "i386"}, {EM_ARM, "32-bit Arm"}, {EM_X86_64, "x86-64"}, {EM_RISCV, "RISC-V"}};

static char *machine_name(guint16 machine) {
    for (gsize i = 0; i < G_N_ELEMENTS(machines); i++)
        if (machines[i].machine == machine) return g_strdup(machines[i].name);
    return g_strdup_printf("another machine (ELF number %u)", machine);
}

char *exec_program_refusal(GBytes *program, Driver driver) {
    gsize size;
    const guint8 *bytes = g_bytes_get_data(program, &size);
    Elf64_Ehdr header;
    gboolean is_elf = size >= sizeof header && memcmp(bytes, ELFMAG, SELFMAG) == 0;
    /* Linux runs scripts too. */
    if (!is_elf && driver == DRIVER_LINUX) return NULL;
    if (!is_elf)
        return g_strdup("is no ELF program; the seed kernel runs static aarch64 ones; " BUILD);
    memcpy(&header, bytes, sizeof header);
    guint16 machine = GUINT16_FROM_LE(header.e_machine);
    if (machine != EM_AARCH64) {
        g_autofree char *name = machine_name(machine);
        return g_strdup_printf("is a program for %s, and the guest is aarch64; " BUILD, name);
    }
    if (GUINT16_FROM_LE(header.e_type) != ET_EXEC && driver == DRIVER_SEED)
        return g_strdup("is not linked for a fixed address (it is dynamic, position independent or "
                        "an object); " BUILD);
    return NULL;
}
