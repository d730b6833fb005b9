/* Fills the record of a run while it goes on. */
#pragma once
#include "record/record.h"
#include "run/schedule.h"

typedef struct _Recorder Recorder;

/* What was planned, and who is at work. Nothing here is kept. */
typedef struct {
    const Plan *plan;
    const char *const *arguments; /* the command line */
    GStrv options;                /* those of it that decide how a case comes out */
    const char *qemu;             /* program name or path */
    const char *kernel;           /* path of the seed kernel's Image */
    gboolean icount;              /* the guest's clock counts instructions */
} RecorderHead;

/* `out_root`: where the guests' files go; must live on. */
Recorder *recorder_new(const RecorderHead *head, const char *out_root);
void recorder_free(Recorder *recorder);

/* What is known so far; the recorder's. */
const Record *recorder_record(const Recorder *recorder);

/* The attempt that has begun, that is under way, that has ended: the record's. */
const RecordAttempt *recorder_started(Recorder *recorder, const PlanCase *planned);
const RecordAttempt *recorder_ended(Recorder *recorder, const CaseResult *result);

/* *ret_spawn is the index of the spawn that began or ended with `event`, or -1. */
const RecordAttempt *recorder_event(Recorder *recorder, const PlanCase *planned, const Event *event,
                                    gssize *ret_spawn);

/* The run has come to its end. */
void recorder_finished(Recorder *recorder, gboolean interrupted);
