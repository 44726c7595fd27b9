"""Thin adapters for engines that run on one machine or on many. Each needs its engine installed.

All of them tag in a separate process, so a text that hangs or kills its process does not affect the engine: the text
gets an error, and the run continues.
"""
