# SPDX-License-Identifier: Apache-2.0
# A thin face on meson: `make` leaves build/openalb.
MESON ?= meson
BUILD ?= build/release

.PHONY: all check test check-house fuzz bench install format clean analyze

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)
	@[ ! -e $(BUILD)/src/main/openalb ] || ln -sf $(notdir $(BUILD))/src/main/openalb build/openalb

$(BUILD)/build.ninja:
	$(MESON) setup $(BUILD)

test: all
	$(MESON) test -C $(BUILD) --print-errorlogs

check:
	./check --fast

check-house:
	tools/check-house

# Real fuzzing, a target after the other: make fuzz FUZZ_SECONDS=900
fuzz:
	tools/fuzz $(FUZZ_SECONDS)

bench:
	bench/run

install: all
	$(MESON) install -C $(BUILD)

# The path-sensitive checks of .clang-tidy: minutes, so not a part of ./check.
analyze: $(BUILD)/build.ninja
	find src -name '*.c' | sort | xargs -P $$(nproc) -n 4 clang-tidy -p $(BUILD) --quiet '--checks=-*,clang-analyzer-*'

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf build
