"""Reviewing a pile of documents: the file that keeps every decision, and everything derived from it."""
