/* The one table of the keys of gate files: the parser, `check`, the cache and the documents loop
 * over it. */
#pragma once
#include "gate/key_type.h"

typedef enum {
    KEY_GATE = 1,        /* allowed in [gate] */
    KEY_CASE = 2,        /* allowed in [case NAME] */
    KEY_DEFAULT = 3,     /* in [case], and in [gate] for every case that does not set it */
    KEY_ARGUMENT = 4,    /* has an argument, a guest path, and may be repeated with other paths */
    KEY_INPUT = 8,       /* the file with that path goes into the guest by an archive */
    KEY_LINES = 16,      /* may be given on several lines, which add up */
    KEY_SHARED = 32,     /* shares its value with the previous row: a case has one of them, or
                            both with different arguments */
    KEY_EXCLUSIVE = 64,  /* the two keys must not be in one section */
    KEY_NO_RESULT = 128, /* does not change a result, or only through bytes that the cache hashes */
    KEY_OWN = 256,       /* `like` does not copy it */
    KEY_FIRST = 512,     /* must be on the first line of its section */
    KEY_NAMED = 1024,    /* the argument is a name, not a path */
} GateKeyFlags;

typedef struct {
    const char *name;
    guint flags;
    const KeyType *type;
    gsize offset;         /* of the value in GateCase, or in Gate for a key that only [gate] has */
    const char *fallback; /* the default value, as written in a gate file; or NULL */
    const char *syntax;   /* of the value */
    const char *example;  /* a line of a gate file */
    const char *help;     /* sentences */
} GateKey;

/* All keys; ends with an entry whose name is NULL. A test may install a longer table. */
extern const GateKey *gate_keys;

/* QEMU's virt machine takes 255 GiB without high memory regions; a test guest stays far below. */
#define GATE_MEMORY_MAX (G_GUINT64_CONSTANT(64) << 30)

/* Other architectures use QEMU's defaults. */
#define GATE_DEFAULT_ARCH    "aarch64"
#define GATE_DEFAULT_MACHINE "virt,gic-version=3"
#define GATE_DEFAULT_CPU     "cortex-a57,pmu=off"
