"""The outside world of a lender, as a program: payment service, credit bureau, fraud scan and messages.

Lendloom talks to it over HTTP as to the real companies. It shares no code with the server.
"""
