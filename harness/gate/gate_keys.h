/* The one table of the keys of gate files: the parser, `check`, the cache and the documents loop
 * over it. */
#pragma once
#include "gate/key_type.h"

typedef enum {
    KEY_GATE = 1,        /* may stand in [gate] */
    KEY_CASE = 2,        /* may stand in [case NAME] */
    KEY_DEFAULT = 3,     /* in [case], and in [gate] for every case that does not set it */
    KEY_ARGUMENT = 4,    /* has an argument, a guest path, and may be repeated with another one */
    KEY_INPUT = 8,       /* what has that path goes in by an archive */
    KEY_LINES = 16,      /* may stand on several lines, which add up */
    KEY_SHARED = 32,     /* is kept with the key of the row before: a case has one of them, or both
                            with different arguments */
    KEY_EXCLUSIVE = 64,  /* and not both in one section */
    KEY_NO_RESULT = 128, /* does not change a result, or only by bytes, which the cache hashes */
    KEY_OWN = 256,       /* `like` does not take it over */
    KEY_FIRST = 512,     /* stands on the first line of its section, or not at all */
} GateKeyFlags;

typedef struct {
    const char *name;
    guint flags;
    const KeyType *type;
    gsize offset;         /* of the value in GateCase; of a key for [gate] alone in Gate */
    const char *fallback; /* the value where none is given, as a gate file has it; or NULL */
    const char *syntax;   /* of the value */
    const char *example;  /* a line of a gate file */
    const char *help;     /* sentences */
} GateKey;

/* All keys; ends with an entry whose name is NULL. A test may put in a longer table. */
extern const GateKey *gate_keys;

/* The values of other architectures are QEMU's own. */
#define GATE_DEFAULT_ARCH    "aarch64"
#define GATE_DEFAULT_MACHINE "virt,gic-version=3"
#define GATE_DEFAULT_CPU     "cortex-a57,pmu=off"
