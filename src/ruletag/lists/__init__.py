"""Lists of names as people have them, made into gazetteers."""
