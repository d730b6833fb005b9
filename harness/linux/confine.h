/*
 * What keeps the programs of the guest, which are root, from the nonce, the console and the disk:
 * they may do with files what root may, and nothing else.
 */
#pragma once

/* Before any file of the guest has its name: no program of it is ever run by Linux itself
 * (modprobe, request-key), which would have every right. `folder` is an empty one of ours. */
void confine_machine(const char *folder);

/* In the process that becomes /init: rights that no exec gives back. */
void confine_self(void);
