/* Exit statuses of the program: docs/contract.md, "Exit statuses". */
#pragma once

enum {
    EXIT_PASSED = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2, /* the command line or a gate file is wrong */
    EXIT_ERROR = 3, /* the harness or QEMU failed */
    EXIT_INTERRUPTED = 130,
};
