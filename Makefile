# `make demo` shows a ticket bought by a cold key and voted by a hot one; `make test` runs the tests.
# Both install what they need first (scripts/setup). All builds are the locked ones.
CARGO ?= cargo

.PHONY: demo test test-all bench qr-figures fuzz mutants reproducible speculos ledger-app gates selftest setup

# The development profile: its dependencies are optimised already, and a cold build takes half as long as a release.
# DEVICE=1 has a simulated device hold the keys.
demo:
	@scripts/setup build
	$(CARGO) build --locked --workspace --bins
	@$(CARGO) run --quiet --locked -p dcrcold -- demo $(if $(DEVICE),--device)

# --show-output, because the tests say how many cases of which file they ran. The second signer, the second code for QR
# frames and the second host are in Python, written from docs/protocol.md, docs/qr.md and docs/ledger-protocol.md alone.
test:
	@scripts/setup test
	$(CARGO) test --locked --workspace --no-fail-fast -- --show-output
	python3 tests/protocol/check.py
	python3 tests/qr/model.py
	$(CARGO) build --locked -p dcrcold-simulator --bins
	python3 tests/ledger_host/host.py $${CARGO_TARGET_DIR:-target}/debug/dcrcold-simulator

# All of it: the gates on samples that break them, no real daemon left out, and programs killed at every call.
test-all: selftest
	@scripts/setup test
	DCRCOLD_REQUIRE_REAL=1 DCRCOLD_REQUIRE_CHROMIUM=1 DCRCOLD_WHOLE_SWEEPS=1 $(CARGO) test --locked --workspace --no-fail-fast -- --show-output

bench:
	@scripts/setup build
	$(CARGO) bench --locked -p dcrcold-benches

# How many frames a transfer takes as QR codes when a camera misses some, beside other codes; how many are read in which
# condition; and what both cost: docs/performance.md.
qr-figures:
	@scripts/setup build
	$(CARGO) bench --locked -p dcrcold-benches --bench qr --bench scan

# The offline program as it is released: static, and the same bytes from two directories. Another C library makes other
# system calls, so the box around it has tests of its own.
reproducible:
	@scripts/setup release
	@scripts/reproducible
	DCRCOLD_SIGNER=target/reproducible/dcrcold-signer $(CARGO) test --locked --package dcrcold-signer \
		--test sandbox --test system_calls --test interrupted -- --show-output

# Every fuzz target for FUZZ_SECONDS (60) each. docs/testing.md says what they look for.
fuzz:
	@scripts/setup fuzz
	@scripts/fuzz

# Changes the core in some three hundred places, one at a time; its own tests must notice each.
mutants:
	@scripts/setup mutants
	@scripts/mutants

# The core inside the emulated operating system of a Ledger device: docs/ledger.md. A machine that cannot have Speculos
# skips it and says so.
speculos:
	@scripts/speculos

# The app for Ledger devices, where LEDGER_SDK_PATH names Ledger's C SDK: docs/ledger.md.
ledger-app:
	@scripts/ledger-app build

gates:
	@scripts/setup
	@scripts/gates/run

selftest:
	@scripts/setup
	@scripts/gates/selftest

setup:
	@scripts/setup
