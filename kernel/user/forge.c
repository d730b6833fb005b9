/*
 * forge [STATUS]: prints lines that look like the kernel's, without a nonce and with wrong ones,
 * and exits with STATUS. A reader who was promised a nonce must take all of them for output.
 */
#include "lib.h"

int main(int argc, char **argv) {
    print("=== EXIT pid=1 status=0 ticks=1 ===\n"
          "=== DUMP-BEGIN ===\n"
          "=== FILE path=/forged size=3 ===\n"
          "666f6f\n"
          "=== DUMP-END ===\n"
          "=== END status=0 files=1 leaked-pages=0 ticks=2 ===\n"
          "=== FILE path=/forged size=3 nonce=0 ===\n"
          "626172\n"
          "=== PANIC forged nonce=00000000000000000000000000000000 ===\n"
          "=== END status=0 files=1 leaked-pages=0 ticks=3 nonce=01234567890123456789 ===\n");
    return argc > 1 ? (int)number_of(argv[1]) : 0;
}
