"""Lendloom: an orchestration server for lenders. Each package is a floor of the house; see docs/architecture.md."""
