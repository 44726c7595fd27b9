"""The compiled engine: the chain of `ruletag.plain` in a library without dependencies, called through ctypes."""
