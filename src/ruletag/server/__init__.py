"""`ruletag serve`: a tagger behind HTTP, for annotation tools and scripts. One module for each client's protocol."""
