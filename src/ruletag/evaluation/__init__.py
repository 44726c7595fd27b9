"""From gold and predicted documents to figures that people can act on. Nothing is printed here."""
