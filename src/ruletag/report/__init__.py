"""Counts and explanations to text, JSON, Markdown and HTML. Formats, never counts, never prints."""
