"""Thin adapters for engines that run on one machine or on many. Each needs its engine installed.

All of them tag in a process beside the engine's own, so that a text that hangs or ends its process costs the engine
nothing: it has an error, and the run goes on.
"""
