/*
 * A gate: its proof and its cases, read from a gate file. The table in gate_keys.c is the reference
 * of keys; docs/gates.md and `harness check --keys` are generated from it.
 *
 * Parsing reads no other file: plan.h and inputs.h check whether fixtures, and the cases of other
 * gates, exist.
 */
#pragma once
#include "base/diag.h"
#include "gate/dialog.h"
#include "gate/drive.h"
#include "gate/driver.h"
#include "gate/guest_paths.h"
#include "gate/results_format.h"
#include "gate/source.h"

typedef enum { NET_NONE, NET_USER, NET_OPEN } Net;

typedef enum { TRANSPORT_CONSOLE, TRANSPORT_DISK } Transport;

typedef enum { INPUT_FILE, INPUT_TREE, INPUT_NODE, INPUT_INITRD } GateInputKind;

/* A device node: type and permissions as of stat(2), and its two numbers. */
typedef struct {
    guint32 mode, major, minor;
} GateNode;

typedef struct {
    char *guest_path; /* absolute; for a tree the folder of its files; "" for the initrd */
    GateInputKind kind;
    DiagSpan span;     /* the value */
    char *text;        /* the value as written in the gate file */
    GPtrArray *source; /* of SourcePart; of a node NULL */
    GateNode node;
} GateInput;

typedef struct {
    char *guest_path;
    DiagSpan span;
    char *text;        /* the value as written in the gate file */
    GPtrArray *source; /* the expected bytes; NULL if the golden file has the expected hash */
} GateExpect;

/* A dialog on a further serial port. */
typedef struct {
    char *port;
    DiagSpan span;    /* the name */
    GPtrArray *steps; /* of DialogStep */
} GateTalk;

/* The expected end of init. */
typedef struct {
    gboolean is_judged; /* else only the console is judged */
    int status;         /* when signal is 0 */
    int signal;         /* 0: init must exit */
} GateEnd;

/* Further words of QEMU's command line. */
typedef struct {
    GStrv words;            /* or NULL */
    char *host;             /* why they need --allow-host, or NULL (qemu_words.h) */
    gboolean is_semihosted; /* the guest can open files that QEMU can open */
    DiagSpan span;
} GateWords;

/* Each member after `span` is the value of a key, as the rows of gate_keys.c say. */
typedef struct {
    char *name;
    DiagSpan span;
    char *like; /* the case that this one takes its values from, or NULL */
    char *about;
    char *kernel;   /* path below the root; NULL: the seed kernel, or none with a firmware */
    char *firmware; /* path below the root, or "none"; NULL: QEMU's default */
    char *dtb;      /* path below the root, or NULL */
    char *symbols;  /* path below the root of the ELF file with the kernel's symbols, or NULL */
    char *arch;     /* QEMU's name: "aarch64" */
    char *append;   /* bootargs of another kernel; NULL: none, or ours (gate_case_keeps_contract) */
    char *machine;  /* NULL: QEMU's default */
    char *cpu;
    char *accel;          /* names of accelerators, the first that is there is taken: "kvm:tcg" */
    gint64 smp;           /* processors; -1: not given */
    guint64 memory_bytes; /* 0: not given (gate_case_memory) */
    char *qemu_program;   /* a name, or a path below the root; NULL: qemu-system-ARCH */
    Net net;
    GateWords qemu; /* further words of QEMU's command line */
    Transport transport;
    guint drivers;      /* bits 1 << Driver: the drivers that support the case */
    GStrv argv;         /* NULL: {"init"} */
    GPtrArray *inputs;  /* of GateInput */
    GPtrArray *drives;  /* of GateDrive */
    GStrv takes;        /* guest paths of files that are kept if they are there; or NULL */
    GPtrArray *expects; /* of GateExpect */
    GPtrArray *dialog;  /* of DialogStep: what to wait for and to send */
    GPtrArray *talks;   /* of GateTalk: the same on further serial ports */
    GPtrArray *console; /* of GBytes: texts that must appear in this order */
    GateEnd end;
    ResultsFormat results;   /* how the guest prints results of tests, which become subtests */
    GPtrArray *result_lines; /* of DialogStep: expressions for them, with RESULTS_REGEX */
    GPtrArray *panic;        /* of DialogStep: expressions for a console that shows a panic */
    GPtrArray *never;        /* of DialogStep: expressions that must not match the console */
    gint64 status;           /* the expected exit status of QEMU; -1: not judged */
    gint64 skip_status;      /* with which the guest says that it cannot run here; -1: none */
    gint64 spawns;           /* programs that must be spawned by others; -1: not judged */
    double slower_percent;   /* how much slower the case may become; -1: not judged */
    gint64 budget;     /* guest instructions allowed for init and all it spawns; 0: no limit */
    gint64 timeout_ns; /* of the whole attempt */
    gint64 hang_ns;    /* without a kernel line or bytes of a file; 0: not watched */
    gboolean nonce;    /* kernel lines must carry the nonce of the attempt */
} GateCase;

typedef struct {
    char *name;        /* the path below gates/ without ".gate" */
    char *path;        /* of the gate file, for messages */
    char *root;        /* the folder that holds gates/, fixtures/, golden/ and build/ */
    char *golden_path; /* below root */
    char *text;        /* with every case that "each" stands for (expand.h) */
    guint *lines;      /* their numbers in the file, or NULL */
    DiagFile file;     /* text, for messages */
    char *proves;
    GStrv needs;
    GPtrArray *cases; /* of GateCase */
} Gate;

/* Parses `length` bytes as the gate `name`; takes a copy. NULL and *error, every mistake with a
 * caret. */
Gate *gate_parse(const char *name, const char *path, const char *root, const char *text,
                 gsize length, GError **error);

/* Reads the gate file `path`, which must lie below a folder "gates". */
Gate *gate_load(const char *path, GError **error);
void gate_free(Gate *gate);

void gate_input_free(GateInput *input);
void gate_expect_free(GateExpect *expect);
void gate_talk_free(GateTalk *talk);

/* Adds an input file that comes from the command line. */
void gate_add_bytes(GateCase *c, const char *guest_path, GBytes *content);

/* Adds the file `guest_path` of `input` to the files of its case. FALSE and *error, with the line
 * of `input`, if it conflicts with another. */
gboolean gate_add_path(const Gate *gate, GuestPaths *paths, const GateInput *input,
                       const char *guest_path, GError **error);

/* QEMU's option: the value of the case, else the default for the seed kernel, else NULL for QEMU's
 * own default for another architecture. */
const char *gate_case_machine(const GateCase *c);
const char *gate_case_cpu(const GateCase *c);

/* The program that runs the case: a name, or an absolute path. Free with g_free. */
char *gate_case_program(const Gate *gate, const GateCase *c);

/* Why the case may reach files or sockets of the host, in words, with its place; or NULL. */
const char *gate_case_reaches_host(const GateCase *c, DiagSpan *ret_span);

/* Bytes of memory; 0 for QEMU's default, which boards of a fixed size want. */
guint64 gate_case_memory(const GateCase *c);

/* Whether the case boots another kernel than the seed kernel. */
gboolean gate_case_is_foreign(const GateCase *c);

/* Whether the kernel is expected to know the boot arguments, init and lines of the seed kernel
 * (docs/contract.md). One that is not gets nothing that the gate does not name. */
gboolean gate_case_keeps_contract(const GateCase *c);

/* The sources of all its files and drives: a GPtrArray of those of GateInput and the like. */
GPtrArray *gate_case_sources(const GateCase *c);

/* The case `name`, or NULL. */
const GateCase *gate_find_case(const Gate *gate, const char *name);

/*
 * Resolves a SOURCE_OUT part to a gate and case: *ret_gate_name is a pointer into `gate` (its own
 * name or one of its needs), *ret_case a new string, *ret_path a pointer into part->path.
 */
gboolean gate_resolve_out(const Gate *gate, const SourcePart *part, const char **ret_gate_name,
                          char **ret_case, const char **ret_path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Gate, gate_free)
