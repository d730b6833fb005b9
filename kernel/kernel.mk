# The seed kernel: build/kernel/Image, kernel.elf, and its user programs build/kernel/user/NAME.
# KERNEL_CC compiles the C (gcc, clang --target=aarch64-linux-gnu, a TinyCC for arm64); the
# assembly file is always assembled, and the whole linked, by the cross gcc's binutils.
.PHONY: kernel
kernel: build/kernel/Image

KERNEL_CC     ?= $(CROSS)gcc
KERNEL_OBJECTS := $(patsubst kernel/%.c,build/kernel/%.o,$(wildcard kernel/*.c))
KERNEL_HEADERS := $(wildcard kernel/*.h)
KERNEL_USER   := $(patsubst kernel/user/%.c,build/kernel/user/%,\
    $(filter-out kernel/user/lib.c kernel/user/check.c,$(wildcard kernel/user/*.c)))
BUILD         += build/kernel/Image $(KERNEL_USER)

# -fno-builtin and -ffreestanding: there is no C library; -mgeneral-regs-only: FP registers are the
# user's; -mstrict-align: early C runs with the MMU off; frame pointers: backtraces of a panic.
KERNEL_CFLAGS ?= -Os -g -std=gnu11 $(WARN) -ffreestanding -fno-builtin -fno-stack-protector \
    -fno-pic -fno-pie -fno-common -mgeneral-regs-only -mstrict-align -fno-omit-frame-pointer \
    -fno-asynchronous-unwind-tables -fno-strict-aliasing -ffile-prefix-map=$(CURDIR)/=

build/kernel/%.o: kernel/%.c $(KERNEL_HEADERS)
	@mkdir -p $(@D)
	$(KERNEL_CC) $(KERNEL_CFLAGS) -c -o $@ $<

build/kernel/machine.o: kernel/machine.S kernel/layout.h
	@mkdir -p $(@D)
	$(CROSS)gcc -g -c -o $@ $<

build/kernel/kernel.elf: kernel/kernel.ld build/kernel/machine.o $(KERNEL_OBJECTS)
	$(CROSS)ld -nostdlib --build-id=none --fatal-warnings --no-warn-rwx-segments -T kernel/kernel.ld -o $@ $(filter %.o,$^)

build/kernel/Image: build/kernel/kernel.elf
	$(CROSS)objcopy -O binary $< $@

# User programs: static, freestanding, one address for all as in the chain. Each is one C file; what
# they share is linked into each and dropped where nothing uses it.
USER_CFLAGS := -O2 -g -std=gnu11 $(WARN) -ffreestanding -fno-builtin -fno-stack-protector -fno-pic \
    -fno-pie -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections
USER_LDFLAGS := -nostdlib -static -Wl,--gc-sections,--build-id=none,--no-warn-rwx-segments
comma := ,
USER_COMMON := kernel/user/start.S kernel/user/asm.S kernel/user/lib.c kernel/user/check.c
build/kernel/user/%: kernel/user/%.c $(USER_COMMON) kernel/user/rwx.ld $(wildcard kernel/user/*.h)
	@mkdir -p $(@D)
	$(CROSS)gcc $(USER_CFLAGS) $(USER_LDFLAGS) \
	    $(if $(findstring rwx,$*),-Wl$(comma)-T$(comma)kernel/user/rwx.ld,-Wl$(comma)-Ttext-segment=0x600000) \
	    -o $@ $(filter %.S,$^) $< $(filter-out $<,$(filter %.c,$^))

# Guest tests: TAP, each boots QEMU itself.
TESTS += kernel/tests/calls.pl kernel/tests/console.pl kernel/tests/disks.pl

# Host tests and fuzz targets of the parsers: the very files that the kernel links.
KERNEL_PARSERS := $(addprefix kernel/,board.c bootargs.c cpio.c elf.c fdt.c path.c text.c)
TESTS += $(B)/kernel/parsers
$(B)/kernel/parsers: kernel/tests/parsers.c kernel/tests/samples.h $(KERNEL_PARSERS) $(KERNEL_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) $(SAN) -std=gnu11 -Ikernel -o $@ $(filter %.c,$^)

$(eval $(call fuzz_target,kernel,cpio,kernel/cpio.c kernel/text.c,-Ikernel))
$(eval $(call fuzz_target,kernel,board,kernel/board.c kernel/fdt.c kernel/text.c,-Ikernel))
$(eval $(call fuzz_target,kernel,elf,kernel/elf.c kernel/text.c,-Ikernel))
$(eval $(call fuzz_target,kernel,bootargs,kernel/bootargs.c kernel/text.c,-Ikernel))
$(eval $(call fuzz_target,kernel,path,kernel/path.c,-Ikernel))
