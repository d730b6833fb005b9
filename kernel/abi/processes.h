/* How processes end, and how that is asked for: waitid(2), signal(7). */
#pragma once

/* waitid(2), si_code */
enum { CLD_EXITED = 1, CLD_KILLED = 2 };

/* waitid(2), its arguments: include/uapi/linux/wait.h. Children are of no other kind than
 * SIGCHLD's. */
enum {
    P_ALL = 0,
    P_PID = 1,
    WNOHANG = 1,
    WSTOPPED = 2,
    WEXITED = 4,
    WCONTINUED = 8,
    WNOWAIT = 0x1000000
};
enum { WALL = 0x40000000, WAIT_FOR = WSTOPPED | WEXITED | WCONTINUED };
#define WCLONE       0x80000000u
#define WAIT_OPTIONS (0xe1000001u | WAIT_FOR) /* with WNOHANG and __WNOTHREAD */

/* getauxval(3): include/uapi/linux/auxvec.h */
enum { AT_PAGESZ = 6 };

/* signal(7) */
enum { SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9, SIGSEGV = 11, SIGCHLD = 17 };
