"""The command `ruletag`, which is also `python -m ruletag`."""

import atexit
import gc

_THRESHOLDS = (200_000, 20, 50)  # collect rarely: most objects of a run stay, or are freed without the collector


def main() -> None:
    """Run the command line and exit. Garbage is collected rarely, from before the other imports to the very end."""
    gc.set_threshold(*_THRESHOLDS)
    atexit.register(gc.freeze)  # or Python scans all objects once more, which takes longer than tagging a text
    from ruletag.cli import main as run

    run()


if __name__ == "__main__":
    main()
