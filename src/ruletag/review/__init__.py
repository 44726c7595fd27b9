"""Reviewing a pile of documents: the file that keeps every decision, and what follows from it."""
