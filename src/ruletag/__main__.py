"""`python -m ruletag` is `ruletag`."""

from ruletag.cli import main

if __name__ == "__main__":
    main()
