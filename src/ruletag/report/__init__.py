"""Turns counts and explanations into text, JSON, Markdown and HTML. Formats, never counts, never prints."""
