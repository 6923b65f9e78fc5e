# SPDX-License-Identifier: Apache-2.0
# A thin face on meson: `make` leaves build/openalb.
MESON ?= meson
BUILD ?= build/release

.PHONY: all test check-house format clean

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)
	@[ ! -e $(BUILD)/src/main/openalb ] || ln -sf $(notdir $(BUILD))/src/main/openalb build/openalb

$(BUILD)/build.ninja:
	$(MESON) setup $(BUILD)

test: all
	$(MESON) test -C $(BUILD) --print-errorlogs

check-house:
	tools/check-house

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf build
