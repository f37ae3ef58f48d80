.PHONY: help demo test check fmt parity bench docs

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile

demo: ## run the demo app on http://localhost:8000
	@scripts/demo

test: ## check and test everything
	@scripts/test

check: ## lint, format, types, direction of imports
	@scripts/check

fmt: ## format the code
	@scripts/fmt

parity: ## compare with the recorded answers of Auth.js
	@scripts/parity

bench: ## measure
	@scripts/bench

docs: ## check that the documentation's links lead somewhere
	@scripts/docs
