# The harness: build/harness, its tests (libcheck) and fuzz targets.

# The outer make may run before pkg-config is there; the inner one asks again.
HARNESS_PKGS   := gio-unix-2.0 json-glib-1.0 nettle sqlite3 libpcre2-8
HARNESS_CFLAGS := -std=gnu11 -Iharness -DG_LOG_DOMAIN='"harness"' \
                  $(shell pkg-config --cflags $(HARNESS_PKGS) 2>/dev/null)
HARNESS_LIBS   := $(shell pkg-config --libs $(HARNESS_PKGS) 2>/dev/null) -lm

HARNESS_SRC := $(filter-out harness/main.c,$(wildcard harness/*.c))
HARNESS_PAGE := $(B)/obj/harness/html/report
HARNESS_CALLS := $(B)/obj/harness/calls_names
HARNESS_MADE := $(HARNESS_PAGE).o $(HARNESS_CALLS).o
HARNESS_OBJ := $(HARNESS_SRC:%.c=$(B)/obj/%.o) $(HARNESS_MADE)

BUILD += $(B)/harness

$(B)/harness: $(HARNESS_OBJ) $(B)/obj/harness/main.o
	$(call begin,LD)
	$(Q)$(CC) $(SAN) -o $@ $^ $(HARNESS_LIBS)

$(B)/obj/harness/%.o: harness/%.c
	$(call begin,CC)
	$(Q)$(CC) $(CFLAGS) $(WARN) $(SAN) $(HARNESS_CFLAGS) -MMD -MP -c -o $@ $<

# Style and script of the HTML report, as bytes in the program.
$(HARNESS_PAGE).c: harness/html/report.css harness/html/report.js
	$(call begin,GEN)
	$(Q)(cd harness/html && xxd -i report.css && xxd -i report.js) | sed 's/^unsigned/const unsigned/' >$@

# The names of Linux's system calls on aarch64: those of its generic header and what
# arch/arm64/include/uapi/asm/unistd.h wants beside them.
CALLS_WANTED := RENAMEAT NEW_STAT SET_GET_RLIMIT TIME32_SYSCALLS SYS_CLONE3 MEMFD_SECRET
$(HARNESS_CALLS).c: harness/calls_names.awk
	$(call begin,GEN)
	$(Q)echo '#include <asm-generic/unistd.h>' | $(CC) $(CALLS_WANTED:%=-D__ARCH_WANT_%) -E -dM - | awk -f $< >$@.new
	$(Q)mv $@.new $@

$(HARNESS_MADE): %.o: %.c
	$(call begin,CC)
	$(Q)$(CC) $(CFLAGS) $(SAN) -c -o $@ $<

-include $(wildcard $(B)/obj/harness/*.d $(B)/obj/harness/*/*.d)

# Tests: one program for each tests/test_NAME.c.
HARNESS_TESTS    := $(patsubst harness/tests/%.c,$(B)/tests/harness/%,$(wildcard harness/tests/test_*.c))
HARNESS_SUPPORT  := $(patsubst %.c,$(B)/obj/%.o,harness/tests/suite.c)
CHECK_LIBS       := $(shell pkg-config --libs check 2>/dev/null)
TESTS            += $(HARNESS_TESTS)

$(B)/tests/harness/%: $(B)/obj/harness/tests/%.o $(HARNESS_SUPPORT) $(HARNESS_OBJ)
	$(call begin,LD)
	$(Q)$(CC) $(SAN) -o $@ $^ $(HARNESS_LIBS) $(CHECK_LIBS)

# Guests that are not the seed kernel, for the gates that must fail.
BUILD += build/selftest/truncated.img build/selftest/echo.img build/selftest/arm.img

build/selftest/%.img: harness/tests/guests/%.S harness/tests/guests/image.inc
	$(call begin,IMG)
	$(Q)$(CROSS)gcc -c -o build/selftest/$*.o $<
	$(Q)$(CROSS)objcopy -O binary build/selftest/$*.o $@

# The driver "linux": Debian's kernel, which comes through apt, and an init of ours.
.PHONY: linux
linux: build/linux/vmlinuz build/linux/init
tests: linux
build/linux/vmlinuz: tools/fetch-linux tools/apt-private.sh golden/linux-image.sha256
	$(call begin,LINUX)
	$(Q)./tools/fetch-linux $(@D) >$@.log 2>&1 || { cat $@.log; exit 1; }
	@touch $@
LINUX_INIT := $(wildcard harness/linux/*.c) kernel/cpio.c kernel/report.c kernel/text.c kernel/user/start.S kernel/user/lib.c
build/linux/init: $(LINUX_INIT) $(wildcard harness/linux/*.h kernel/*.h kernel/user/*.h)
	$(call begin,UCC)
	$(Q)$(CROSS)gcc $(USER_CFLAGS) $(USER_LDFLAGS) -Ikernel/user -Ikernel -o $@ $(LINUX_INIT)

# End-to-end tests run the program; SANITIZE=1 the sanitized one.
TESTS += harness/tests/gates.t harness/tests/selftest.t harness/tests/faults.t harness/tests/reports.t harness/tests/drivers.t harness/tests/differ.t \
         harness/tests/dialogs.t harness/tests/limits.t harness/tests/bless.t harness/tests/output.t harness/tests/check.t \
         harness/tests/perf.t harness/tests/debug.t harness/tests/cache.t harness/tests/install.t harness/tests/selecting.t \
         harness/tests/exec.t harness/tests/confinement.t
export HARNESS := $(B)/harness

# $(call harness_fuzz,NAME,MODULES,MORE): what each parser is made of.
harness_fuzz = $(eval $(call fuzz_target,harness,$(1),$(2:%=harness/%.c) $(3),$(HARNESS_CFLAGS),$(HARNESS_LIBS)))
$(call harness_fuzz,console,console frame text error)
$(call harness_fuzz,gate,gate gate_keys qemu_option driver dialog regex lex source paths \
    guest_paths mistakes quantity diag text fdio error)
$(call harness_fuzz,cache,cache_entry hash paths)
$(call harness_fuzz,golden,golden lex diag text paths mistakes fdio error)
$(call harness_fuzz,qmp,qmp json_in json_out text error)
$(call harness_fuzz,cpio,cpio fdio error)
$(call harness_fuzz,match,match)
$(call harness_fuzz,dialog,dialog regex error)
$(call harness_fuzz,capture,capture)
$(call harness_fuzz,symbols,symbols fdio error)
$(call harness_fuzz,history,history stats json_out text record verdict calls dialog regex spawns event frame \
    clock driver fdio error,$(HARNESS_CALLS).c)
$(call harness_fuzz,journal,record_read record journal_format json_in json_out text markup \
    report report_text report_junit report_tap report_json report_html html_timeline html_choice \
    term verdict calls dialog regex spawns event frame clock driver fdio error,$(HARNESS_PAGE).c $(HARNESS_CALLS).c)

# The init of Linux: what it reads, and the archive and dump that it writes.
LINUX_FUZZ := -Ikernel -Ikernel/user -Iharness/linux
$(eval $(call fuzz_target,harness,linux_settings,harness/linux/settings.c,$(LINUX_FUZZ)))
$(eval $(call fuzz_target,harness,linux_files,harness/linux/files.c kernel/cpio.c kernel/report.c kernel/text.c,$(LINUX_FUZZ)))

# Benchmarks: against a bare QEMU, in the same run.
BENCHES += harness/bench/overhead harness/bench/drivers
benches: linux build/bench/parser build/selftest/off.img
	@build/harness run gates/boot0.gate >/dev/null

build/bench/parser: build/obj/harness/bench/parser.o $(HARNESS_OBJ)
	$(call begin,LD)
	$(Q)$(CC) -o $@ $^ $(HARNESS_LIBS)
