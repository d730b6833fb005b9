/* Fills the record of a run in progress. */
#pragma once
#include "record/record.h"
#include "run/schedule.h"

typedef struct _Recorder Recorder;

/* The plan and the programs of a run. Not kept. */
typedef struct {
    const Plan *plan;
    const char *const *arguments; /* the command line */
    GStrv options;                /* the options that affect results */
    const char *qemu;             /* program name or path */
    const char *kernel;           /* path of the seed kernel's Image */
    gboolean icount;              /* the guest's clock counts instructions */
    const char *cache;            /* the folder of the cache, or NULL; must outlive the recorder */
} RecorderHead;

/* `out_root`: the output folder; must outlive the recorder. */
Recorder *recorder_new(const RecorderHead *head, const char *out_root);
void recorder_free(Recorder *recorder);

/* The record so far; owned by the recorder. */
const Record *recorder_record(const Recorder *recorder);

/* The recorded attempt, at its begin, during events and at its end; owned by the record. */
const RecordAttempt *recorder_started(Recorder *recorder, const PlanCase *planned,
                                      const char *kernel, const char *accelerator);
const RecordAttempt *recorder_ended(Recorder *recorder, const CaseResult *result);

/* *ret_spawn is the index of the spawn that began or ended with `event`, or -1. */
const RecordAttempt *recorder_event(Recorder *recorder, const PlanCase *planned, const Event *event,
                                    gssize *ret_spawn);

/* Marks the run as complete. */
void recorder_finished(Recorder *recorder, gboolean interrupted);
