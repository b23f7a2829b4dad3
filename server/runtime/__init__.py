"""Commands on process instances and definitions: each is one transaction, and speaks in errors a person can read.

Begin with :mod:`server.runtime.stimulus`, the frame of every command on a running case.
"""
