"""From corrections to knowledge: what to add, what it brings on gold, and what it changes elsewhere."""
