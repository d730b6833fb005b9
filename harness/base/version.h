#pragma once

/* Raised when the interface for scripts changes: options, exit statuses, members of a report. */
#define HARNESS_VERSION "1.4"
