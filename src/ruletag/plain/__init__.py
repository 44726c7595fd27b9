"""The engine in plain Python: the definition of what is right, as short as possible. The compiled one gives the same
bytes."""
