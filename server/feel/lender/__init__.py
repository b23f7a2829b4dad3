"""The lender's library: functions for loans, rates, days and identity numbers, beside the standard's.

They belong to Lendloom and not to DMN; a model that uses them runs nowhere else. Names are of several words, so that
none of them hides a variable that a designer has forgotten to set.
"""
