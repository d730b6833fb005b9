/* Says hello. */
#include "lib.h"

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    print("hello\n");
    return 0;
}
