"""``python -m simulators``: the same as ``lendloom simulators``."""

from simulators.command import simulators

simulators()
