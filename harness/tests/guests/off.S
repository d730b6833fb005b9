/* An arm64 Image that powers off at once: what QEMU costs by itself. */
#include "image.inc"

        image_header
start:  power_off
end:
