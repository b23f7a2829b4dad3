"""The arithmetic of loans: terms, due dates, day counts, rounding, schedules and the rates that they cost."""
