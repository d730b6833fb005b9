/* The one table of the keys of gate files: it drives the parser and prints the reference. */
#pragma once
#include "base/lex.h"
#include "gate/gate.h"

typedef enum {
    KEY_GATE = 1,     /* may stand in [gate] */
    KEY_CASE = 2,     /* may stand in [case NAME] */
    KEY_DEFAULT = 3,  /* in [case], and in [gate] for every case that does not set it */
    KEY_ARGUMENT = 4, /* has an argument, a guest path, and may be repeated with another one */
    KEY_INPUT = 8,    /* what has that path goes in by an archive */
} GateKeyFlags;

typedef struct {
    const DiagFile *file;
    const LexLine *line;
    Gate *gate;
    GateCase *target; /* the case, or the defaults while [gate] is read */
} GateKeyContext;

typedef struct {
    const char *name;
    guint flags;
    const char *syntax; /* of the value */
    const char *help;   /* one sentence */
    gboolean (*parse)(const GateKeyContext *context, GError **error);
} GateKey;

/* All keys; ends with an entry whose name is NULL. */
extern const GateKey gate_keys[];

/* The defaults of a case, as the reference states them. */
#define GATE_DEFAULT_ARCH       "aarch64"
#define GATE_DEFAULT_MACHINE    "virt,gic-version=3"
#define GATE_DEFAULT_CPU        "cortex-a57,pmu=off"
#define GATE_DEFAULT_MEMORY     (G_GUINT64_CONSTANT(1) << 30)
#define GATE_DEFAULT_TIMEOUT_NS (60 * G_GINT64_CONSTANT(1000000000))
#define GATE_DEFAULT_HANG_NS    (20 * G_GINT64_CONSTANT(1000000000))
