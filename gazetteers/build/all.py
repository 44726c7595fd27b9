"""Rebuilds every generated word list and gazetteer, in the order in which one needs another.

    python gazetteers/build/all.py

Options that all the scripts share, such as --downloads, are handed to each of them.
"""

import common_words
import company_names
import family_names
import given_names
import place_names

# Names are compared with the common words; companies give way to places.
SCRIPTS = (common_words, given_names, family_names, place_names, company_names)


def main() -> None:
    """Run the command line of every script."""
    for script in SCRIPTS:
        script.main()


if __name__ == "__main__":
    main()
