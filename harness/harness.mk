# The harness: build/harness, its tests (libcheck) and fuzz targets.

# The outer make may run before pkg-config is there; the inner one asks again.
HARNESS_PKGS   := gio-unix-2.0 gmodule-no-export-2.0 json-glib-1.0 nettle sqlite3 libpcre2-8 libdw libelf
HARNESS_CFLAGS := -std=gnu11 -Iharness -DG_LOG_DOMAIN='"harness"' \
                  $(shell pkg-config --cflags $(HARNESS_PKGS) libcurl capstone 2>/dev/null)
HARNESS_LIBS   := $(shell pkg-config --libs $(HARNESS_PKGS) 2>/dev/null) -lfdt -lm

# The rooms, lowest first: tools/tests/test_dependencies.pl reads them here.
HARNESS_ROOMS := base differ gate guest attempt record history report coverage run cli
HARNESS_SRC := $(filter-out harness/cli/main.c,$(wildcard $(HARNESS_ROOMS:%=harness/%/*.c)))
HARNESS_PAGE := $(B)/obj/harness/report/html/report
HARNESS_CALLS := $(B)/obj/harness/attempt/calls_names
HARNESS_STYLE := $(B)/obj/harness/coverage/html/coverage
HARNESS_MADE := $(HARNESS_PAGE).o $(HARNESS_CALLS).o $(HARNESS_STYLE).o
HARNESS_OBJ := $(HARNESS_SRC:%.c=$(B)/obj/%.o) $(HARNESS_MADE)

BUILD += $(B)/harness

$(B)/harness: $(HARNESS_OBJ) $(B)/obj/harness/cli/main.o
	$(call begin,LD)
	$(Q)$(CC) $(SAN) -o $@ $^ $(HARNESS_LIBS)

$(B)/obj/harness/%.o: harness/%.c
	$(call begin,CC)
	$(Q)$(CC) $(CFLAGS) $(WARN) $(SAN) $(HARNESS_CFLAGS) -MMD -MP -c -o $@ $<

# Modules, which the program loads when it needs them (base/module.h). Tests and fuzz targets are linked with them.
# Each names the C library, used or not, as Debian's policy wants it of a shared object.
# $(call harness_module,NAME,SOURCE,PACKAGE)
HARNESS_TESTED_OBJ  := $(HARNESS_OBJ)
HARNESS_TESTED_LIBS := $(HARNESS_LIBS)
define harness_module
BUILD += $(B)/lib$(1).so
HARNESS_MODULES += build/lib$(1).so
HARNESS_TESTED_OBJ  += $(B)/obj/$(2:.c=.o)
HARNESS_TESTED_LIBS += $(shell pkg-config --libs $(3) 2>/dev/null)
$(B)/lib$(1).so: $(2)
	$$(call begin,CC)
	$$(Q)$$(CC) $$(CFLAGS) $$(WARN) $$(SAN) $$(HARNESS_CFLAGS) -shared -fPIC -MMD -MP -MF $(B)/obj/lib$(1).d -o $$@ $$< \
	    $(shell pkg-config --libs glib-2.0 $(3) 2>/dev/null) -Wl,--no-as-needed -lc
-include $(B)/obj/lib$(1).d
endef
$(eval $(call harness_module,http,harness/base/modules/http_curl.c,libcurl))
$(eval $(call harness_module,disasm,harness/differ/modules/disasm_capstone.c,capstone))

# Counts what a guest runs (harness run --coverage). It is loaded into QEMU, so it is built without
# sanitizers; it lies beside the program, which finds it there.
BUILD += $(B)/libcoverage.so
$(B)/libcoverage.so: harness/coverage/plugin/coverage_plugin.c harness/coverage/counters_format.h tools/qemu_plugin.h
	$(call begin,CC)
	$(Q)$(CC) $(CFLAGS) $(WARN) -std=gnu11 -Iharness -Itools -shared -fPIC -o $@ $<

# Styles and scripts of the pages, as bytes in the program.
$(HARNESS_PAGE).c: $(addprefix harness/report/html/,report.css report.js dashboard.css dashboard.js)
	$(call begin,GEN)
	$(Q)(cd harness/report/html && for file in $(^F); do xxd -i $$file; done) | sed 's/^unsigned/const unsigned/' >$@

$(HARNESS_STYLE).c: harness/coverage/html/coverage.css
	$(call begin,GEN)
	$(Q)(cd harness/coverage/html && xxd -i coverage.css) | sed 's/^unsigned/const unsigned/' >$@

# The names of Linux's system calls on aarch64: those of its generic header and what
# arch/arm64/include/uapi/asm/unistd.h wants beside them.
CALLS_WANTED := RENAMEAT NEW_STAT SET_GET_RLIMIT TIME32_SYSCALLS SYS_CLONE3 MEMFD_SECRET
$(HARNESS_CALLS).c: harness/attempt/calls_names.awk
	$(call begin,GEN)
	$(Q)echo '#include <asm-generic/unistd.h>' | $(CC) $(CALLS_WANTED:%=-D__ARCH_WANT_%) -E -dM - | awk -f $< >$@.new
	$(Q)mv $@.new $@

$(HARNESS_MADE): %.o: %.c
	$(call begin,CC)
	$(Q)$(CC) $(CFLAGS) $(SAN) -c -o $@ $<

-include $(wildcard $(B)/obj/harness/*/*.d $(B)/obj/harness/*/modules/*.d)

# Tests: one program for each tests/test_NAME.c.
HARNESS_TESTS    := $(patsubst harness/tests/%.c,$(B)/tests/harness/%,$(wildcard harness/tests/test_*.c))
HARNESS_SUPPORT  := $(patsubst %.c,$(B)/obj/%.o,$(wildcard harness/tests/suite*.c))
CHECK_LIBS       := $(shell pkg-config --libs check 2>/dev/null)
TESTS            += $(HARNESS_TESTS)

$(B)/tests/harness/%: $(B)/obj/harness/tests/%.o $(HARNESS_SUPPORT) $(HARNESS_TESTED_OBJ)
	$(call begin,LD)
	$(Q)$(CC) $(SAN) -o $@ $^ $(HARNESS_TESTED_LIBS) $(CHECK_LIBS)

# Guests that are not the seed kernel, for the gates that must fail.
BUILD += build/selftest/answer.img build/selftest/say.img build/selftest/truncated.img build/selftest/echo.img build/selftest/arm.img build/selftest/repeat.img

build/selftest/%.img: harness/tests/guests/%.S harness/tests/guests/image.inc
	$(call begin,IMG)
	$(Q)$(CROSS)gcc -c -o build/selftest/$*.o $<
	$(Q)$(CROSS)objcopy -O binary build/selftest/$*.o $@

# Guests of gates/others/: programs of three architectures as flat files, by clang, which has them all;
# and firmware of Debian, as far as it is installed.
OTHERS := cortex-m multiboot ports riscv64
OTHERS_TARGET_cortex-m  := thumbv7m-none-eabi
OTHERS_TARGET_multiboot := i386-none-elf
OTHERS_TARGET_ports     := i386-none-elf
OTHERS_TARGET_riscv64   := riscv64-none-elf -mno-relax
OTHERS_FIRMWARE := u-boot-arm64=/usr/lib/u-boot/qemu_arm64/u-boot.bin \
                   u-boot-riscv64=/usr/lib/u-boot/qemu-riscv64/u-boot.bin \
                   edk2-arm64=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd \
                   edk2-arm64-code=/usr/share/AAVMF/AAVMF_CODE.fd \
                   edk2-arm64-vars=/usr/share/AAVMF/AAVMF_VARS.fd

tests: $(OTHERS:%=build/others/%.img)
build/others/%.img: harness/tests/guests/%.S
	$(call begin,IMG)
	$(Q)clang --target=$(OTHERS_TARGET_$*) -c -o build/others/$*.o $<
	$(Q)objcopy -I elf$(if $(filter riscv64,$*),64,32)-little -O binary -j .text build/others/$*.o $@

define others_firmware
tests: build/others/$(1).bin
build/others/$(1).bin: $(2)
	$$(call begin,COPY)
	$$(Q)cp --sparse=always $$< $$@
endef
$(foreach firmware,$(OTHERS_FIRMWARE),$(if $(wildcard $(lastword $(subst =, ,$(firmware)))),\
    $(eval $(call others_firmware,$(firstword $(subst =, ,$(firmware))),$(lastword $(subst =, ,$(firmware)))))))

# Debian's Linux for a PC, and a shell for two architectures. Without them, as where no archive can be
# reached, harness/tests/test_others.pl skips their gate.
tests: build/others/initrd-arm64.cpio build/others/initrd-amd64.cpio build/others/linux-amd64/vmlinuz
build/others/initrd-%.cpio: tools/fetch-initrd tools/fetch-package tools/apt-private.sh tools/pins/busybox.sha256
	$(call begin,CPIO)
	$(Q)./tools/fetch-initrd $@ $* >$@.log 2>&1 || { rm -f $@; cat $@.log; }

tests: build/others/modules-arm64.cpio
build/others/modules-arm64.cpio: tools/fetch-modules tools/fetch-package tools/apt-private.sh tools/pins/linux-image.sha256
	$(call begin,CPIO)
	$(Q)./tools/fetch-modules $@ >$@.log 2>&1 || { rm -f $@; cat $@.log; }

build/others/linux-amd64/vmlinuz: tools/fetch-package tools/apt-private.sh tools/pins/linux-image-amd64.sha256
	$(call begin,LINUX)
	$(Q)./tools/fetch-package $(@D) tools/pins/linux-image-amd64.sha256 amd64 './boot/vmlinuz-*' >$@.log 2>&1 && \
	    mv $(@D)/unpacked/boot/vmlinuz-* $@ && rm -r $(@D)/unpacked && touch $@ || cat $@.log

# The driver "linux": Debian's kernel, which comes through apt, and the init of fixtures/linux-init.
.PHONY: linux
linux: build/linux/vmlinuz build/linux/init
tests: linux
build/linux/vmlinuz: tools/fetch-linux tools/fetch-package tools/apt-private.sh tools/pins/linux-image.sha256
	$(call begin,LINUX)
	$(Q)./tools/fetch-linux $(@D) >$@.log 2>&1 || { cat $@.log; exit 1; }
	@touch $@

# What stands for a QEMU in tests of faults.
tests: $(B)/tests/fake-qemu
$(B)/tests/fake-qemu: $(B)/obj/harness/tests/fake_qemu.o
	$(call begin,LD)
	$(Q)$(CC) $(SAN) -o $@ $^ $(HARNESS_LIBS)

# End-to-end tests run the program; SANITIZE=1 the sanitized one.
TESTS += $(wildcard harness/tests/test_*.pl)
export HARNESS := $(B)/harness

# $(call harness_fuzz,NAME): a fuzz target and its corpus are linked with all of the harness, whose
# objects are compiled once for the program and once for the fuzzers.
HARNESS_FUZZ_OBJ := $(HARNESS_TESTED_OBJ:$(B)/obj/%=build/fuzz/obj/%)
FUZZ_CC := clang -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
build/fuzz/obj/%.o: %.c
	$(call begin,FUZZ)
	$(Q)$(FUZZ_CC) $(HARNESS_CFLAGS) -MMD -MP -c -o $@ $<
build/fuzz/obj/%.o: $(B)/obj/%.c
	$(call begin,FUZZ)
	$(Q)$(FUZZ_CC) -c -o $@ $<
-include $(wildcard build/fuzz/obj/harness/*/*.d)

define harness_fuzz
FUZZERS += harness/$(1)
TESTS += $(B)/corpus/harness/$(1)
$(B)/corpus/harness/$(1): $(B)/obj/harness/fuzz/$(1).o tools/corpus_main.c $(HARNESS_TESTED_OBJ)
	$$(call begin,CC)
	$$(Q)$$(CC) $$(CFLAGS) $$(WARN) $$(SAN) -DCORPUS='"harness/fuzz/corpus/$(1)"' -o $$@ $$^ $$(HARNESS_TESTED_LIBS)
build/fuzz/harness/$(1): build/fuzz/obj/harness/fuzz/$(1).o $(HARNESS_FUZZ_OBJ)
	$$(call begin,FUZZ)
	$$(Q)clang -fsanitize=fuzzer,address,undefined -o $$@ $$^ $$(HARNESS_TESTED_LIBS)
endef
$(foreach target,$(patsubst harness/fuzz/%.c,%,$(wildcard harness/fuzz/*.c)),$(eval $(call harness_fuzz,$(target))))


# Benchmarks: against a bare QEMU, in the same run.
BENCHES += harness/bench/overhead harness/bench/warm harness/bench/drivers harness/bench/growth harness/bench/history
benches: linux build/bench/parser build/selftest/off.img
	@build/harness run gates/boot0.gate >/dev/null

build/bench/parser: build/obj/harness/bench/parser.o $(HARNESS_TESTED_OBJ)
	$(call begin,LD)
	$(Q)$(CC) -o $@ $^ $(HARNESS_TESTED_LIBS)
