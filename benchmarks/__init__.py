"""Benchmarks over real HTTP against a real server and the embedded PostgreSQL; ``make bench`` runs them.

Absolute times depend on the machine; quote ratios taken in one run, and CPU per instance.
"""
