# opsmail needs no configure: make, make test, make install. Knobs: CC=clang,
# V=1 (show the commands), WERROR=1, PREFIX=, DESTDIR=, BUILD=FOLDER,
# SAN=address,undefined, FUZZ_SECONDS=. README.md says what the targets do.
BUILD ?= build
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
CFLAGS ?= -O2 -g
VERSION := 0.1.0
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s%s\n' '$(1)' '$(2)')
export LC_ALL = C
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.PHONY: all deps deps-lint test lab lab-full providers-table crash demo lint \
	fmt asan tsan fuzz fuzzers cov bench install uninstall dist clean FORCE
.DEFAULT_GOAL := all

# What building, running and testing need; then what only reads code.
DEBS := gcc libc6-dev make pkg-config libcurl4-openssl-dev libjansson-dev \
	libssl-dev libyaml-dev libexpat1-dev libunbound-dev libldns-dev \
	libidn2-dev libunistring-dev libsmartcols-dev libacl1-dev libcmocka-dev \
	ca-certificates
LINT_DEBS := clang clang-format clang-tidy cppcheck mandoc shellcheck \
	libclang-rt-dev
PKGS := libcurl jansson openssl yaml-0.1 expat libidn2 smartcols libacl
APT := $(if $(filter 0,$(shell id -u)),,sudo )apt-get
apt = $(APT) install -y --no-install-recommends $(1) || { $(APT) update && \
	$(APT) install -y --no-install-recommends $(1); }
deps:
	$(call apt,$(DEBS))
deps-lint:
	$(call apt,$(LINT_DEBS))

# The goals of a newcomer install what is missing first; where all is there,
# or packages are not Debian's, nothing is fetched.
GOALS := $(or $(MAKECMDGOALS),all)
QUIET_GOALS := deps deps-lint clean dist fmt
ifneq ($(filter-out $(QUIET_GOALS),$(GOALS)),)
MISSING := $(shell command -v dpkg-query >/dev/null && dpkg-query -W \
	-f '$${Package} $${Status}\n' $(DEBS) 2>/dev/null | awk \
	'/ok installed/ { have[$$1] = 1 } END { n = split("$(DEBS)", want); \
	for (i = 1; i <= n; i++) if (!(want[i] in have)) print want[i] }')
endif
ifneq ($(MISSING),)
ifneq ($(DEPS_DONE)$(filter-out test demo lab lab-full crash,$(GOALS)),)
$(error not installed: $(MISSING). `make deps` installs them)
endif
.NOTPARALLEL:
$(GOALS): deps
	$(Q)$(MAKE) DEPS_DONE=1 $@
else

# Compilers differ: each flag of MAYBE is tried once and the answers are kept.
FORTIFY := -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=2 \
	-Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3
MAYBE := -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	-fno-strict-overflow -ftrivial-auto-var-init=zero \
	$(if $(SAN),,$(FORTIFY))
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wwrite-strings -Wpointer-arith -Wcast-qual \
	-Wcast-align -Wundef -Wvla -Wformat=2 -Wimplicit-fallthrough \
	-Wconversion -Wdate-time $(if $(WERROR),-Werror)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer)
PROBED := $(BUILD)/probed-$(subst /,-,$(firstword $(CC))).mk
ifneq ($(filter-out $(QUIET_GOALS),$(GOALS)),)
-include $(PROBED)
endif
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS))
ALL_CFLAGS := -std=gnu17 -D_GNU_SOURCE -I. -Ilib -include lib/base/banned.h \
	-DOPSMAIL_VERSION='"$(VERSION)"' $(PKG_CFLAGS) \
	$(CPPFLAGS) $(WARN) -fPIE -fno-common -pthread $(PROBES) \
	-ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(BUILD)=build \
	$(CFLAGS) $(SANFLAGS) $(COV)
ALL_LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed $(LDFLAGS)
LIBS := $(shell pkg-config --libs $(PKGS)) -lunbound -lldns -lunistring

# Sources are found by name. What EMBED lists travels inside the binary.
LIB := $(BUILD)/libopsmail.a
LIB_SRC := $(filter-out cmd/main.c,$(sort $(wildcard lib/*/*.c providers/*.c \
	cmd/*.c)))
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o) $(BUILD)/embed.o
BIN := $(if $(wildcard cmd/main.c),$(BUILD)/opsmail)
MANUALS := $(sort $(wildcard cmd/*.[1-9]))
EMBED := $(sort $(shell find templates conf.example providers/*.yaml \
	$(MANUALS) -type f 2>/dev/null))
UNIT := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/unit/*.c)))
FUZZERS := $(patsubst %.c,$(BUILD)/%,$(filter-out tests/fuzz/driver.c,$(sort \
	$(wildcard tests/fuzz/*.c))))

all: $(LIB) $(BIN)

$(PROBED): Makefile
	$(Q)mkdir -p $(BUILD)
	$(Q)printf '#include <stdio.h>\nint main(void) { return 0; }\n' \
		>$(BUILD)/probe.c
	$(Q)for f in $(MAYBE); do $(CC) -O2 -Werror $$f -o $(BUILD)/probe.out \
		$(BUILD)/probe.c 2>/dev/null && echo "PROBES += $$f"; done \
		>$@; rm -f $(BUILD)/probe.*

# A file whose date changes only with its text: other flags, another compiler
# or another list of embedded files make anew what hangs on them.
stamp = $(Q)mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' >$@.new; \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(BUILD)/flags: FORCE
	$(call stamp,$(CC) $(ALL_CFLAGS))
$(BUILD)/embed.list: FORCE
	$(call stamp,$(EMBED))

compile = $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/%.o: %.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(compile)
$(BUILD)/embed.c: lib/base/embed.awk $(BUILD)/embed.list $(EMBED)
	$(call say,EMBED,$(words $(EMBED)) files)
	$(Q)wc -c $(or $(EMBED),/dev/null) | awk -f $< >$@
$(BUILD)/embed.o: $(BUILD)/embed.c $(BUILD)/flags
	$(Q)$(compile)
$(LIB): $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsD $@ $(LIB_OBJ)

link = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/opsmail: $(BUILD)/cmd/main.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(link)
$(UNIT): $(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(link) -lcmocka
$(FUZZERS): $(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o \
		$(if $(FUZZ),,$(BUILD)/tests/fuzz/driver.o) $(LIB)
	$(call say,LD,$@)
	$(Q)$(link) $(if $(FUZZ),-fsanitize=fuzzer)
fuzzers: $(FUZZERS)
# The engine against mocks of the providers: its clock and its way out are ours.
DRIVE := $(BUILD)/tests/providers/drive
WRAPPED := clock_sleep_ms clock_now clock_ms http_open
$(DRIVE): $(DRIVE).o $(LIB)
	$(call say,LD,$@)
	$(Q)$(link) $(WRAPPED:%=-Wl,--wrap=%)
# The cores of lib/smtp behind sockets, for strangers in the lab.
SOCKETS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/smtp/*.c))
$(SOCKETS): $(BUILD)/tests/smtp/%: $(BUILD)/tests/smtp/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(link)

test: all $(UNIT) $(FUZZERS) $(DRIVE) $(SOCKETS)
	$(Q)tests/run.sh $(BUILD)
demo: all
	$(Q)tests/lab/demo.sh
lab: all
	$(Q)tests/lab/run.sh
lab-full: all
	$(Q)tests/lab/run.sh --full
providers-table: all $(DRIVE)
	$(Q)tests/providers/evidence.py --write
crash: all
	$(Q)tests/crash/acme.sh
bench: all
	$(Q)tests/bench/run.sh

lint: all
	$(Q)tests/lint/run.sh $(BUILD)
fmt:
	clang-format -i $$(git ls-files '*.[ch]')
asan:
	$(Q)$(MAKE) BUILD=build/asan SAN=address,undefined test
tsan:
	$(Q)$(MAKE) BUILD=build/tsan SAN=thread test
fuzz:
	$(Q)$(MAKE) BUILD=build/fuzz CC=clang FUZZ=1 \
		SAN=address,undefined,fuzzer-no-link fuzzers
	$(Q)tests/fuzz/run.sh build/fuzz $(FUZZ_SECONDS)
cov:
	$(Q)$(MAKE) BUILD=build/cov COV=--coverage CFLAGS='-Og -g' test
	$(Q)tests/cov.sh build/cov

INST := $(DESTDIR)$(PREFIX)
SHARE := $(INST)/share
install: all
	install -D -m 755 $(BIN) $(INST)/bin/opsmail
	for m in $(MANUALS); do install -D -m 644 $$m \
		$(SHARE)/man/man$${m##*.}/$${m##*/}; done
	mkdir -p $(SHARE)/bash-completion/completions \
		$(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	$(BIN) completion bash >$(SHARE)/bash-completion/completions/opsmail
	$(BIN) completion zsh >$(SHARE)/zsh/site-functions/_opsmail
	$(BIN) completion fish >$(SHARE)/fish/vendor_completions.d/opsmail.fish
uninstall:
	rm -f $(INST)/bin/opsmail $(foreach m,$(MANUALS), \
		$(SHARE)/man/man$(subst .,,$(suffix $m))/$(notdir $m)) \
		$(SHARE)/bash-completion/completions/opsmail \
		$(SHARE)/zsh/site-functions/_opsmail \
		$(SHARE)/fish/vendor_completions.d/opsmail.fish

endif

dist:
	mkdir -p build
	git archive --prefix=opsmail-$(VERSION)/ HEAD | gzip -9n \
		>build/opsmail-$(VERSION).tar.gz
clean:
	rm -rf build
-include $(LIB_OBJ:.o=.d) $(UNIT:=.d) $(FUZZERS:=.d) $(BUILD)/cmd/main.d \
	$(BUILD)/tests/fuzz/driver.d $(DRIVE).d $(SOCKETS:=.d)
