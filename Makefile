# Two commands: `make demo` opens the demonstration, `make test` runs every check that CI runs.
# Both install what the system lacks (Debian and Ubuntu; elsewhere they say what is missing).

CARGO ?= cargo
FOVEA = $${CARGO_TARGET_DIR:-target}/release/fovea

.PHONY: demo test build lint checks bench bench-load bench-render setup clean

demo: setup
	$(CARGO) build --release --locked --bin fovea
	@scripts/demo

test: setup lint
	scripts/test

build:
	$(CARGO) build --release --locked

lint:
	scripts/lint

# Acceptance checks against known truth; they need the shared data beside the project.
checks: build
	scripts/checks

bench:
	$(CARGO) bench --locked

# Listing, showing, reading and converting a thousand slices, beside others; generates its series.
bench-load: setup
	scripts/bench-load

# Planes, slabs and projections, beside VTK; generates its volumes.
bench-render: setup
	scripts/bench-render

setup:
	@scripts/setup

clean:
	$(CARGO) clean
