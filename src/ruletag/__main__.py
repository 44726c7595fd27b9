"""The command `ruletag`, which is also `python -m ruletag`."""

import atexit
import gc

_SELDOM = (200_000, 20, 50)  # objects between collections of garbage: what a run makes mostly stays, or goes by itself


def main() -> None:
    """Run the command line and exit. Garbage is collected seldom, from before the rest is imported to the very end."""
    gc.set_threshold(*_SELDOM)
    atexit.register(gc.freeze)  # or Python looks once more through all that there is, which takes longer than a text
    from ruletag.cli import main as run

    run()


if __name__ == "__main__":
    main()
