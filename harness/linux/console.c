#include "console.h"

static char pending[65536];
static u64 pending_size;
static char last = '\n';
static const char *nonce;

void console_open(const char *text)
{
    nonce = text;
}

void console_flush(void)
{
    u64 done = 0;
    while (done < pending_size) {
        long written = syscall(SYS_WRITE, 1, pending + done, pending_size - done);
        /* The console is all there is to tell of it; the harness sees that nothing comes. */
        if (written < 0 && written != -EINTR)
            break;
        done += written > 0 ? (u64)written : 0;
    }
    pending_size = 0;
}

void console_pass(const char *bytes, u64 size)
{
    for (u64 done = 0; done < size;) {
        u64 piece = sizeof pending - pending_size;
        if (piece > size - done)
            piece = size - done;
        memcpy(pending + pending_size, bytes + done, piece);
        pending_size += piece;
        done += piece;
        last = bytes[done - 1];
        if (pending_size == sizeof pending)
            console_flush();
    }
}

void console_text(const char *text)
{
    console_pass(text, length_of(text));
}

void console_begin(const char *kind)
{
    if (last != '\n')
        console_text("\n");
    console_text("=== ");
    console_text(kind);
}

static void number(const char *key, const char *prefix, u64 value, u32 base)
{
    char digits[20]; /* of 2^64 - 1 in base 10 */
    u32 at = sizeof digits;
    for (; value || at == sizeof digits; value /= base)
        digits[--at] = "0123456789abcdef"[value % base];
    console_text(" ");
    console_text(key);
    console_text(prefix);
    console_pass(digits + at, sizeof digits - at);
}

void console_decimal(const char *key, u64 value)
{
    number(key, "=", value, 10);
}

void console_hex(const char *key, u64 value)
{
    number(key, "=0x", value, 16);
}

void console_encoded(const char *bytes, u64 size)
{
    for (u64 i = 0; i < size; i++) {
        u8 byte = (u8)bytes[i];
        char code[3] = {'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
        if (byte > ' ' && byte < 0x7f && byte != '%' && byte != ',' && byte != '=')
            console_pass(bytes + i, 1);
        else
            console_pass(code, sizeof code);
    }
}

void console_end(void)
{
    if (*nonce) {
        console_text(" nonce=");
        console_text(nonce);
    }
    console_text(" ===\n");
}

void console_end_ticks(void)
{
    console_decimal("ticks", ticks());
    console_end();
    console_flush();
}

void console_data(const u8 *bytes, u64 size)
{
    char line[2 * 64 + 1];
    for (u64 i = 0; i < size; i++) {
        line[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        line[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    line[2 * size] = '\n';
    console_pass(line, 2 * size + 1);
}

void power_off(void)
{
    /* linux/reboot.h */
    enum { MAGIC_1 = (int)0xfee1dead, MAGIC_2 = 0x28121969, POWER_OFF = 0x4321fedc };
    console_flush();
    syscall(SYS_REBOOT, MAGIC_1, MAGIC_2, POWER_OFF, 0);
    for (;;)
        syscall(SYS_PPOLL, 0, 0, 0, 0, 0);
}

void panic(const char *reason, const char *subject, long result)
{
    console_begin("PANIC linux init: ");
    console_text(reason);
    if (*subject) {
        console_text(": ");
        console_text(subject);
    }
    if (result < 0) {
        console_text(" (errno");
        number("", "", (u64)-result, 10);
        console_text(")");
    }
    console_end();
    power_off();
}
