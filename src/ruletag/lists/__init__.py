"""Everyday lists of names, turned into gazetteers."""
