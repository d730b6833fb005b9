#include "line.h"
#include "console.h"
#include "cstring.h"
#include "machine.h"

static const char *nonce;
static u64 nonce_length;
static u32 newline_added;

void line_set_nonce(const char *text, u64 length) {
    nonce = text;
    nonce_length = length;
}

void line_text(const char *text) { console_write(text, cstring_length(text)); }

void line_begin(const char *kind) {
    newline_added = console_fresh_line();
    line_text("=== ");
    line_text(kind);
}

static void number(const char *key, const char *prefix, u64 value, u32 base) {
    char digits[20]; /* of 2^64 - 1 in base 10 */
    u32 at = sizeof digits;
    for (; value || at == sizeof digits; value /= base)
        digits[--at] = "0123456789abcdef"[value % base];
    line_text(" ");
    line_text(key);
    line_text(prefix);
    console_write(digits + at, sizeof digits - at);
}

void line_decimal(const char *key, u64 value) { number(key, "=", value, 10); }

void line_hex(const char *key, u64 value) { number(key, "=0x", value, 16); }

void line_encoded(const char *bytes, u64 length) {
    u64 i;
    for (i = 0; i < length; i++) {
        u8 byte = (u8)bytes[i];
        if (byte > ' ' && byte < 0x7f && byte != '%' && byte != ',' && byte != '=') {
            console_write(&byte, 1);
        } else {
            char code[3] = {'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
            console_write(code, 3);
        }
    }
}

void line_end(void) {
    if (newline_added) line_text(" newline=added");
    if (nonce) {
        line_text(" nonce=");
        console_write(nonce, nonce_length);
    }
    line_text(" ===\n");
}

void line_end_ticks(void) {
    line_decimal("ticks", counter_ticks());
    line_end();
}
