# The seed kernel: build/kernel/Image, kernel.elf, and its user programs build/kernel/user/NAME.
#
#   make kernel KERNEL_CC='clang --target=aarch64-linux-gnu'
#   make kernel KERNEL_CC='path/to/arm64-tcc -Ipath/to/include'
#
# compile the C with another compiler (KERNEL_OUT=DIR puts it elsewhere). The one assembly file is
# always assembled, and all of it linked, by the cross binutils, since TinyCC has no assembler.
KERNEL_CC  ?= $(CROSS)gcc
KERNEL_OUT ?= build/kernel

KERNEL_OBJECTS := $(patsubst kernel/%.c,$(KERNEL_OUT)/%.o,$(wildcard kernel/*.c))
KERNEL_HEADERS := $(wildcard kernel/*.h kernel/abi/*.h)
KERNEL_USER    := $(patsubst kernel/user/%.c,build/kernel/user/%,\
    $(filter-out kernel/user/lib.c kernel/user/check.c,$(wildcard kernel/user/*.c)))
BUILD += $(KERNEL_OUT)/Image $(KERNEL_USER)

.PHONY: kernel kernel-force
kernel: $(KERNEL_OUT)/Image

# -ffreestanding, -fno-builtin: there is no C library. -mgeneral-regs-only: FP registers are the
# user's. -mstrict-align: the first C runs with the MMU off. Frame pointers: backtraces of a panic.
KERNEL_OPTIMIZE ?= -Os
KERNEL_GNU_CFLAGS := $(KERNEL_OPTIMIZE) -g -std=gnu11 $(WARN) -ffreestanding -fno-builtin -fno-stack-protector \
    -fno-pic -fno-pie -fno-common -mgeneral-regs-only -mstrict-align -fno-omit-frame-pointer \
    -fno-asynchronous-unwind-tables -fno-strict-aliasing -ffile-prefix-map=$(CURDIR)/=
KERNEL_CFLAGS ?= $(if $(findstring tcc,$(firstword $(KERNEL_CC))),-Wall -Werror -nostdinc,$(KERNEL_GNU_CFLAGS))

# Another compiler or other flags make all objects anew.
$(KERNEL_OUT)/compiler: kernel-force
	@mkdir -p $(@D)
	@echo '$(KERNEL_CC) $(KERNEL_CFLAGS)' | cmp -s - $@ || echo '$(KERNEL_CC) $(KERNEL_CFLAGS)' >$@

$(KERNEL_OUT)/%.o: kernel/%.c $(KERNEL_HEADERS) $(KERNEL_OUT)/compiler
	$(call begin,KCC)
	$(Q)$(KERNEL_CC) $(KERNEL_CFLAGS) -c -o $@ $<

$(KERNEL_OUT)/machine.o: kernel/machine.S kernel/layout.h $(KERNEL_OUT)/compiler
	$(call begin,AS)
	$(Q)$(CROSS)gcc -g -c -o $@ $<

$(KERNEL_OUT)/kernel.elf: kernel/kernel.ld $(KERNEL_OUT)/machine.o $(KERNEL_OBJECTS)
	$(call begin,LD)
	$(Q)$(CROSS)ld -nostdlib --build-id=none --fatal-warnings -T $< -o $@ $(filter %.o,$^)

$(KERNEL_OUT)/Image: $(KERNEL_OUT)/kernel.elf
	$(call begin,IMG)
	$(Q)$(CROSS)objcopy -O binary $< $@

# User programs: static, freestanding, one address for all as in the chain. Each is one C file; what
# they share is linked into each and dropped where nothing uses it.
USER_CFLAGS := -O2 -g -std=gnu11 $(WARN) -ffreestanding -fno-builtin -fno-stack-protector -fno-pic \
    -fno-pie -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections
USER_LDFLAGS := -nostdlib -static -Wl,--gc-sections,--build-id=none,--no-warn-rwx-segments,-z,max-page-size=4096
comma := ,
USER_COMMON := kernel/user/start.S kernel/user/asm.S kernel/user/lib.c kernel/user/check.c
build/kernel/user/%: kernel/user/%.c $(USER_COMMON) kernel/user/rwx.ld $(wildcard kernel/user/*.h kernel/abi/*.h)
	$(call begin,UCC)
	$(Q)$(CROSS)gcc $(USER_CFLAGS) -Ikernel $(USER_LDFLAGS) \
	    $(if $(findstring rwx,$*),-Wl$(comma)-T$(comma)kernel/user/rwx.ld,-Wl$(comma)-Ttext-segment=0x600000) \
	    -o $@ $(filter %.S,$^) $< $(filter-out $<,$(filter %.c,$^))

BENCHES += kernel/bench/linux
benches: linux build/kernel/bench/measure kernel-by-chain
# The same kernel as the chain makes it, below build/out/boot6/.
.PHONY: kernel-by-chain
kernel-by-chain: build
	$(Q)build/harness run --quiet gates/boot6.gate
build/kernel/bench/measure: $(wildcard kernel/bench/*.[chS]) $(USER_COMMON) $(wildcard kernel/user/*.h kernel/abi/*.h)
	$(call begin,UCC)
	$(Q)$(CROSS)gcc $(USER_CFLAGS) -Ikernel/user -Ikernel $(USER_LDFLAGS) -Wl,-Ttext-segment=0x600000 -o $@ $(filter %.S %.c,$^)

# Guest tests: TAP, each boots QEMU itself. The program of the bench shares their sources, so it is built with them.
tests: build/kernel/bench/measure
TESTS += $(wildcard kernel/tests/test_*.pl)

# TinyCC, one of the compilers that must take the kernel, comes through apt as source.
tests: build/tcc/arm64-tcc
build/tcc/arm64-tcc: tools/fetch-tcc tools/apt-private.sh tools/pins/tcc.sha256
	$(call begin,TCC)
	$(Q)./tools/fetch-tcc $(@D) >$@.log 2>&1 || { cat $@.log; exit 1; }
	@touch $@

# Host tests and fuzz targets of the parsers: the very files that the kernel links.
KERNEL_PARSERS := $(addprefix kernel/,board.c bootargs.c newc.c elf.c fdt.c path.c cstring.c)
TESTS += $(B)/kernel/parsers
$(B)/kernel/parsers: kernel/tests/test_parsers.c kernel/tests/samples.h $(KERNEL_PARSERS) $(KERNEL_HEADERS)
	$(call begin,CC)
	$(Q)$(CC) $(CFLAGS) $(WARN) $(SAN) -std=gnu11 -Ikernel -o $@ $(filter %.c,$^)

# The signals of exceptions, some of which QEMU never raises.
TESTS += $(B)/kernel/trap
$(B)/kernel/trap: kernel/tests/test_trap.c kernel/trap.c $(KERNEL_HEADERS)
	$(call begin,CC)
	$(Q)$(CC) $(CFLAGS) $(WARN) $(SAN) -std=gnu11 -Ikernel -o $@ $(filter %.c,$^)

$(eval $(call fuzz_target,kernel,newc,kernel/newc.c kernel/cstring.c,-Ikernel))
$(eval $(call fuzz_target,kernel,board,kernel/board.c kernel/fdt.c kernel/cstring.c,-Ikernel))
$(eval $(call fuzz_target,kernel,elf,kernel/elf.c kernel/cstring.c,-Ikernel))
$(eval $(call fuzz_target,kernel,bootargs,kernel/bootargs.c kernel/cstring.c,-Ikernel))
$(eval $(call fuzz_target,kernel,path,kernel/path.c,-Ikernel))
