"""Gold and predicted documents to figures a person can act on. Nothing is printed here."""
