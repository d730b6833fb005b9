/*
 * Processes. A parent stands still while its child runs, so that one stack serves the kernel: the
 * registers of those who stand still are in their process objects, and memory alone bounds depth.
 */
#pragma once

#include "abi/processes.h"
#include "abi/signals.h"
#include "context.h"
#include "descriptor.h"
#include "space.h"

/* The table of descriptors fills up the page that a process object is. Linux gives 1024, POSIX
 * asks for 20 (_POSIX_OPEN_MAX). */
#define DESCRIPTORS_MAX 256

/* How a child ended, for waitid. */
struct result {
    struct result *next;
    u32 pid;
    u32 code;   /* CLD_ */
    u32 status; /* exit status or signal */
};

struct process {
    struct context context; /* first: machine.S */
    struct process *parent;
    struct result *result;                 /* its own, made with it so that it cannot fail to end */
    struct result *results, **results_end; /* of its children, oldest first; the last one's next */
    struct space space;
    struct action *actions; /* of signals; NULL until one is asked for */
    u64 blocked;            /* the mask of signals */
    u32 pid;
    u32 descriptors_end; /* those from here on are free */
    struct description *descriptors[DESCRIPTORS_MAX];
};
STATIC_ASSERT(sizeof(struct process) <= PAGE_SIZE, process_fits_a_page);

/* The one that runs. */
extern struct process *current;

/* What descriptor `n` of it stands for, or NULL; like Linux, numbers have 32 bits. */
struct description *process_descriptor(u64 n);

/* Turns SPAWN and EXIT lines on. */
void process_log_spawns(void);

/*
 * A child of `parent`, which may be NULL, that runs `image` with no arguments yet: args.h adds
 * them. Returns 0 and the child, or -ENOEXEC, -ENOMEM, -ETXTBSY, or
 * -EAGAIN when pids are used up, with nothing changed.
 */
int process_create(struct process *parent, struct file *image, struct process **child);
/* Frees a process that has not started. */
void process_discard(struct process *process);
/* Makes it the current one, with a pid; its registers are ready to be loaded. */
void process_start(struct process *process);

/* Ends the current process, tells its parent, and makes that the current one. Ends the run if there
 * is none. CLD_KILLED has the signal for a status and prints it with ELR, FAR and ESR. */
void process_exit(u32 status);
void process_kill(u32 signal, u64 esr, u64 far);
