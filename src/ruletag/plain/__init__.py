"""The engine in plain Python: the specification, as short as possible. The compiled engine returns the same bytes."""
