#include "base/clock.h"
#include <time.h>

static gint64 monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * G_GINT64_CONSTANT(1000000000) + now.tv_nsec;
}

static gint64 (*source)(void) = monotonic_ns;

gint64 clock_now_ns(void) { return source(); }

void clock_set_source(gint64 (*now_ns)(void)) { source = now_ns ? now_ns : monotonic_ns; }
