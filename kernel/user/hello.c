/* Says hello; with any argument, without a newline at the end. */
#include "lib.h"

int main(int argc, char **argv) {
    (void)argv;
    print(argc > 1 ? "hello" : "hello\n");
    return 0;
}
