"""From corrections to knowledge: proposals, their effect on gold, and the changes in other texts."""
