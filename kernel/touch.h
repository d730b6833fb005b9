/* Pages of a user space on first touch: zeros, or copies of the file's. */
#pragma once

#include "space.h"

/* Makes the page of `address` accessible. Returns 0, -EFAULT if the program has no such access,
 * -EIO if it has but the file ends before the page, or -ENOMEM. */
int touch_page(struct space *space, uaddr address, enum access access);
