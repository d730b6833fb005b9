# make run     install what is missing, build, run the gates
# make check   install what is missing, build, run every test   (SANITIZE=1: under ASan, UBSan)
#              QUICK=1: what takes a minute, QUICK_TESTS and QUICK_GATES; SUITES="FILE...": these
# make bench   compare with the floors           make fuzz   run every fuzz target
# make torture   GCC's torture programs through cc.scm and tcc0, and the seed and K0 with single bits
#                changed: fetches 83 MB, takes an hour
# make suites   these, GCC's tests of C, csmith's programs, Lua, zlib and bzip2 through tcc3, beside GCC,
#               and the assembly of firmware, Linux and C libraries through as.scm, beside GNU as; the logs of
#               KUnit's own tests through the harness, beside kunit.py; more random programs: 20 minutes and more
# make self    all gates on the kernel that the chain makes (boot6), which makes itself there again
# make install PREFIX=/usr/local DESTDIR=        the program, manual page, completion, kernel
# make deb      a Debian package of these in build/deb (DEBFULLNAME, DEBEMAIL: its maintainer)
#
# The outer targets install packages first (tools/setup), then call make again, so that the
# inner one can ask pkg-config. Each part adds its own rules in PART/PART.mk.

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := run

SETUP = @$(if $(SKIP_SETUP),:,./tools/setup)
INNER = +@$(MAKE) -j$(shell nproc)

.PHONY: run check bench fuzz torture suites self install deb clean build format
run:
	$(SETUP) run
	$(INNER) build
	@build/harness run $(if $(GATES),$(GATES),gates)

check:
	$(SETUP) run check
	$(INNER) tests
	@mkdir -p $(B)/tests
	@GATES="$(if $(GATES),$(GATES),$(if $(QUICK),$(QUICK_GATES)))" ./tools/run-tap -j $(shell nproc) \
	    -t $(B)/tests/times $(if $(SUITES),$(SUITES),$(if $(QUICK),$(QUICK_TESTS),$(TESTS)))

bench:
	$(SETUP) run check bench
	$(INNER) benches
	@for bench in $(BENCHES); do HARNESS_CACHE= $$bench || exit; done

# FUZZ_SECONDS for each target, and for each suite of FUZZ_SUITES, which makes its inputs itself; a finding is kept in
# build/fuzz/found/ and fails the run.
FUZZ_SECONDS ?= 60
fuzz:
	$(SETUP) run fuzz
	$(INNER) fuzzers
	@mkdir -p build/fuzz/found
	@for t in $(if $(TARGETS),$(TARGETS),$(FUZZERS)); do \
	    echo "fuzz: $$t for $(FUZZ_SECONDS) s"; mkdir -p build/fuzz/new/$$t; \
	    build/fuzz/$$t -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 -verbosity=0 \
	        -artifact_prefix=build/fuzz/found/ build/fuzz/new/$$t \
	        $${t%/*}/fuzz/corpus/$${t##*/} || exit; \
	done
	@for t in $(if $(TARGETS),,$(FUZZ_SUITES)); do \
	    echo "fuzz: $$t for $(FUZZ_SECONDS) s"; FUZZ_SECONDS=$(FUZZ_SECONDS) $$t || exit; \
	done

# Programs that none of us wrote; TORTURE and SUITE name those wanted, all where they are empty. Then single bits of the
# seed, of K0 and of hex0 are changed, one after the other.
torture:
	$(SETUP) run check
	$(INNER) tests
	@./tools/fetch-torture build/torture
	@fixtures/boot3/tests/torture.py $(TORTURE)
	@for t in $(if $(TORTURE),,$(BIT_SUITES)); do SEED_BITS=all nice $$t || exit; done

# The suites beside those of fixtures/boot5/tests/suites.py: `random` and `kunit`.
suites: PROGRAMS = $(filter-out random kunit,$(SUITE))
wants_suite = $(if $(SUITE),$(filter $(1),$(SUITE)),all)
suites:
	$(SETUP) run check suites
	$(INNER) tests
	@./tools/fetch-torture build/torture
	@./tools/fetch-programs build/programs tools/pins/programs.sha256
	@./tools/fetch-programs build/assembly tools/pins/assembly.sha256
	@$(if $(if $(SUITE),$(PROGRAMS),all),fixtures/boot5/tests/suites.py $(PROGRAMS))
	@$(if $(call wants_suite,random),SEEDS=1-1000 fixtures/boot3/tests/test_random.py && \
	    SEEDS=1-500 fixtures/boot5/tests/test_random.py && SEEDS=1-50 fixtures/boot5/tests/test_generated.py)
	@$(if $(call wants_suite,kunit),harness/tests/suite_kunit.py)

self:
	$(SETUP) run
	$(INNER) build
	@build/harness run --kernel out:boot6/kernel/kernel/Image gates

# The program, its manual page and completion, and what it finds beside itself: its modules, the plugin of QEMU's and
# the seed kernel.
PREFIX  ?= /usr/local
install:
	$(SETUP) run
	$(INNER) build
	install -D -m 755 build/harness $(DESTDIR)$(PREFIX)/bin/harness
	install -D -m 644 build/kernel/Image $(DESTDIR)$(PREFIX)/lib/harness/Image
	install -D -m 644 build/kernel/kernel.elf $(DESTDIR)$(PREFIX)/lib/harness/kernel.elf
	install -m 644 $(HARNESS_MODULES) build/libcoverage.so $(DESTDIR)$(PREFIX)/lib/harness
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	build/harness docs man >$(DESTDIR)$(PREFIX)/share/man/man1/harness.1
	build/harness docs bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/harness

deb:
	$(SETUP) run deb
	$(INNER) build
	@./tools/deb build/deb

clean:
	rm -rf build

# The sources that clang-format keeps; those of the chain are written for its own compilers.
FORMATTED = $(shell git ls-files '*.c' '*.h' ':!fixtures/boot*' ':!fixtures/common')
format:
	clang-format -i $(FORMATTED)

# Host programs. B is where they go: sanitized ones apart from plain ones.
B       := build$(if $(SANITIZE),/sanitize)
CC      := gcc
CFLAGS  ?= -O2 -g
# The program is part of the cache's keys: checkouts in other folders make the same.
CFLAGS  += -ffile-prefix-map=$(CURDIR)=.
WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wpointer-arith -Wvla -Wno-missing-field-initializers
SAN     := $(if $(SANITIZE),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all)
CROSS   ?= aarch64-linux-gnu-

# Every recipe opens with $(call begin,WORD), which makes the folder of what it makes: no rule may
# lean on another that makes the same folder, for they run side by side.
# V=1 shows the commands, else a line for each file that is made.
Q       := $(if $(V),,@)
begin    = @mkdir -p $(@D)$(if $(V),, && printf '  %-4s %s\n' $(1) $@)

# Suites are the files test_NAME.EXT of the folders tests/, in whatever language.
TESTS   := $(wildcard tools/tests/test_*.pl)
BENCHES :=
FUZZERS :=
FUZZ_SUITES :=
BIT_SUITES :=
BUILD   :=

# $(call fuzz_target,FOLDER,NAME,SOURCES,CFLAGS,LIBS): FOLDER/fuzz/NAME.c defines
# LLVMFuzzerTestOneInput; its corpus, FOLDER/fuzz/corpus/NAME/, also runs in make check.
define fuzz_target
FUZZERS += $(1)/$(2)
TESTS += $(B)/corpus/$(1)/$(2)
$(B)/corpus/$(1)/$(2): $(1)/fuzz/$(2).c $(3) tools/corpus_main.c
	$$(call begin,CC)
	$$(Q)$$(CC) $$(CFLAGS) $$(WARN) $$(SAN) -std=gnu11 $(4) -DCORPUS='"$(1)/fuzz/corpus/$(2)"' -o $$@ $$^ $(5)
build/fuzz/$(1)/$(2): $(1)/fuzz/$(2).c $(3)
	$$(call begin,FUZZ)
	$$(Q)clang -O1 -g -std=gnu11 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(4) -o $$@ $$^ $(5)
endef

-include kernel/kernel.mk
-include harness/harness.mk
-include fixtures/fixtures.mk

# QUICK=1: tests of single functions, the corpora, the rules of the sources, and short gates.
QUICK_TESTS = $(filter $(B)/tests/% $(B)/corpus/% $(B)/kernel/% tools/tests/%,$(TESTS)) harness/tests/test_gates.pl
QUICK_GATES := boot0 boot1 dialog drivers

.PHONY: tests benches fuzzers
build: $(BUILD)
tests: build $(TESTS)
benches: build
fuzzers: $(addprefix build/fuzz/,$(FUZZERS))
