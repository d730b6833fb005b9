/*
 * Every process is traced (ptrace(2)): the kernel stops it when it has begun a child and when it
 * has a new program, and says so; system calls are not traced, so that programs run at their own
 * speed. A child that has been born but not named by its parent waits, so that its parent is known.
 */
#include "follow.h"
#include "confine.h"
#include "port.h"

/* Linux gives process numbers below kernel.pid_max, 32768 on machines of up to 32 processors. */
enum { PIDS = 32768 };

static struct process {
    u32 id;          /* its number in our lines, 0 until it has a program */
    u32 parent;      /* process number of its parent; 0: not told yet */
    int born;        /* its first stop has been seen */
    u32 signal;      /* the last fault signal, and where it struck */
    u64 pc, address; /* (pc and si_addr) */
} processes[PIDS];

static u32 last_id;
static int pipe_read;
static const u64 news = 1ul << (SIGCHLD - 1) | 1ul << (SIGIO - 1);

/* What programs have printed so far. A stop is told after the writes before it, so that draining
 * before a line of ours keeps the order. */
static void drain(void) {
    static char bytes[65536];
    long got;
    while ((got = syscall(SYS_READ, pipe_read, bytes, sizeof bytes)) > 0)
        console_write(bytes, (u64)got);
}

static struct process *process_of(long pid) {
    if (pid <= 0 || pid >= PIDS) give_up("a process number beyond kernel.pid_max", "", 0);
    return &processes[pid];
}

static void go_on(long pid, u32 signal) {
    /* A process that was killed meanwhile is gone: wait4 tells. */
    syscall(SYS_PTRACE, PTRACE_CONT, pid, 0, signal);
}

/* Copies memory of a traced process; returns how much came. */
static u64 peek(long pid, u64 address, void *to, u64 size) {
    struct iovec local = {to, size}, remote = {(void *)address, size};
    long got;
    /* Six arguments; syscall() passes five. */
    register long x0 __asm__("x0") = pid;
    register u64 x1 __asm__("x1") = (u64)&local;
    register u64 x2 __asm__("x2") = 1;
    register u64 x3 __asm__("x3") = (u64)&remote;
    register u64 x4 __asm__("x4") = 1;
    register u64 x5 __asm__("x5") = 0;
    register long x8 __asm__("x8") = SYS_PROCESS_VM_READV;
    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8)
                     : "memory");
    got = x0;
    return got > 0 ? (u64)got : 0;
}

/* The page read last of the program that is being shown; size 0 for none. */
enum { PAGE = 4096 };
static struct {
    u64 number, size;
    char bytes[PAGE];
} page;

/* The byte at `address`, or NULL, and in *ret_size how many there are from it on in its page. A
 * page is read once: a program's whole stack fits into one or two when it begins. */
static const char *peek_page(long pid, u64 address, u64 *ret_size) {
    if (page.size == 0 || address / PAGE != page.number) {
        page.number = address / PAGE;
        page.size = peek(pid, page.number * PAGE, page.bytes, PAGE);
    }
    if (address % PAGE >= page.size) return NULL;
    *ret_size = page.size - address % PAGE;
    return page.bytes + address % PAGE;
}

static u64 peek_word(long pid, u64 address) {
    u64 size;
    const char *bytes = peek_page(pid, address, &size);
    return bytes && size >= 8 ? *(const u64 *)bytes : 0;
}

/* The string at `address`, percent-encoded. */
static void show_string(long pid, u64 address) {
    u64 size = 0, length = 0;
    const char *bytes;
    while (length == size && (bytes = peek_page(pid, address, &size))) {
        for (length = 0; length < size && bytes[length]; length++) {
        }
        report_encoded(bytes, length);
        address += size;
    }
}

static u64 stack_pointer(long pid, u64 *ret_pc) {
    struct registers registers;
    struct iovec vector = {&registers, sizeof registers};
    if (syscall(SYS_PTRACE, PTRACE_GETREGSET, pid, NT_PRSTATUS, &vector) != 0) return 0;
    if (ret_pc) *ret_pc = registers.pc;
    return registers.sp;
}

/* A new program: its stack is argc, argv, NULL, envp, NULL, auxv. */
static void show_spawn(long pid, struct process *process) {
    u64 at, key;
    page.size = 0; /* that of another program */
    u64 sp = stack_pointer(pid, NULL), argc = peek_word(pid, sp), argv = sp + 8;
    process->id = ++last_id;
    drain();
    report_begin("SPAWN");
    report_decimal("pid", process->id);
    report_decimal("ppid", process->parent ? process_of(process->parent)->id : 0);
    report_decimal("argc", argc);
    for (at = argv + 8 * (argc + 1); peek_word(pid, at); at += 8) {
    }
    for (at += 8; (key = peek_word(pid, at)) && key != AT_EXECFN; at += 16) {
    }
    report_text(" path=");
    show_string(pid, peek_word(pid, at + 8));
    report_text(" argv=");
    for (u64 i = 0; i < argc; i++) {
        if (i > 0) report_text(",");
        show_string(pid, peek_word(pid, argv + 8 * i));
    }
    report_end_ticks();
    console_flush();
}

static void show_exit(const struct process *process, int status) {
    u32 signal = (u32)status & 0x7f;
    drain();
    report_begin("EXIT");
    report_decimal("pid", process->id);
    if (signal == 0) {
        report_decimal("status", (u32)status >> 8 & 0xff);
    } else {
        int known = process->signal == signal;
        report_decimal("signal", signal);
        report_hex("elr", known ? process->pc : 0);
        report_hex("far", known ? process->address : 0);
        report_hex("esr", 0); /* ptrace(2) does not tell it */
    }
    report_end_ticks();
    console_flush();
}

/* A signal is about to be delivered: where it struck, for the EXIT line that may follow. */
static void note_signal(long pid, struct process *process, u32 signal) {
    u64 info[16] = {0}; /* siginfo_t: si_addr is its third word */
    process->signal = signal;
    stack_pointer(pid, &process->pc);
    syscall(SYS_PTRACE, PTRACE_GETSIGINFO, pid, 0, info);
    process->address = info[2];
}

static void handle_stop(long pid, int status) {
    struct process *process = process_of(pid);
    u32 event = (u32)status >> 16, signal = (u32)status >> 8 & 0xff;
    if (event >= PTRACE_EVENT_FORK && event <= PTRACE_EVENT_CLONE) {
        u64 child = 0;
        syscall(SYS_PTRACE, PTRACE_GETEVENTMSG, pid, 0, &child);
        process_of((long)child)->parent = (u32)pid;
        if (process_of((long)child)->born) go_on((long)child, 0);
    } else if (event == PTRACE_EVENT_EXEC) {
        if (process->id == 0) show_spawn(pid, process);
    } else if (!process->born && signal == SIGSTOP) {
        process->born = 1;
        if (!process->parent) return;
        signal = 0;
    } else if (event == 0) {
        note_signal(pid, process, signal);
        go_on(pid, signal);
        return;
    }
    go_on(pid, 0);
}

static void handle_end(long pid, int status) {
    struct process *process = process_of(pid);
    if (process->id) show_exit(process, status);
    *process = (struct process){0};
}

/* Waits until a child has something to tell (SIGCHLD) or a program has printed (SIGIO): one call,
 * where poll and a descriptor for signals would take two, and more work. */
static void wait_for_news(void) {
    if (syscall(SYS_RT_SIGTIMEDWAIT, &news, 0, 0, 8) != SIGIO) return;
    drain();
    console_flush();
}

/* In the child: waits to be traced, then becomes the program. */
static void become_init(char **argv, int pipe_write, int null) {
    static char *no_environment[] = {0};
    u64 no_signals = 0;
    syscall(SYS_RT_SIGPROCMASK, 2, &no_signals, 0, 8); /* SIG_SETMASK */
    syscall(SYS_DUP3, null, 0, 0);
    syscall(SYS_DUP3, pipe_write, 1, 0);
    syscall(SYS_DUP3, pipe_write, 2, 0);
    confine_self();
    syscall(SYS_PTRACE, PTRACE_TRACEME, 0, 0, 0);
    syscall(SYS_KILL, syscall(SYS_GETPID), SIGSTOP);
    long result = syscall(SYS_EXECVE, "/init", argv, no_environment);
    syscall(SYS_EXIT, -result); /* the parent tells */
}

static u32 end_of(int status) {
    return (status & 0x7f) ? 128 + ((u32)status & 0x7f) : (u32)status >> 8 & 0xff;
}

/* execve failed, or the kernel killed the process in the middle of it: there is no way back. */
static void not_started(int status) {
    if (status & 0x7f)
        give_up("killed while it was loaded, for want of memory or of a place for it", "/init", 0);
    give_up("cannot run", "/init", -(long)end_of(status));
}

u32 follow_init(char **argv, int null) {
    enum {
        OPTIONS =
            PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC
    };
    int pipe[2], status;
    long pid;
    syscall(SYS_RT_SIGPROCMASK, 0, &news, 0, 8); /* SIG_BLOCK */
    if (syscall(SYS_PIPE2, pipe, O_CLOEXEC) != 0) give_up("no pipe", "", 0);
    pipe_read = pipe[0];
    syscall(SYS_FCNTL, pipe_read, F_SETOWN, syscall(SYS_GETPID));
    syscall(SYS_FCNTL, pipe_read, F_SETFL, O_NONBLOCK | O_ASYNC);

    long init = syscall(SYS_CLONE, SIGCHLD, 0, 0, 0, 0);
    if (init == 0) become_init(argv, pipe[1], null);
    syscall(SYS_WAIT4, init, &status, WALL, 0);
    if (syscall(SYS_PTRACE, PTRACE_SETOPTIONS, init, 0, OPTIONS) != 0)
        give_up("cannot trace", "/init", 0);
    process_of(init)->born = 1;
    go_on(init, 0);

    for (;;) {
        wait_for_news();
        while ((pid = syscall(SYS_WAIT4, -1, &status, WNOHANG | WALL, 0)) > 0) {
            if ((status & 0xff) == 0x7f) {
                handle_stop(pid, status);
                continue;
            }
            if (pid == init && process_of(pid)->id == 0) not_started(status);
            handle_end(pid, status);
            if (pid == init) {
                u32 end = end_of(status);
                syscall(SYS_KILL, -1, SIGKILL);
                while (syscall(SYS_WAIT4, -1, &status, WALL, 0) > 0) {
                }
                drain();
                return end;
            }
        }
    }
}
