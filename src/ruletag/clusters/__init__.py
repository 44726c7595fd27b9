"""Thin adapters for engines that run on one machine or on many. Each needs its engine installed.

All of them tag in a separate process, so a text that hangs or ends its process does not affect the engine: it gets an
error, and the run continues.
"""
