#pragma once

/* Raised when what scripts read changes: options, exit statuses, members of a report. */
#define HARNESS_VERSION "1.2"
