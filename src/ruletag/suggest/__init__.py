"""From corrections to knowledge: what to add, its effect on gold, and what it changes elsewhere."""
