"""The engine in plain Python: what is right, said as shortly as it can be. The compiled one gives the same bytes."""
