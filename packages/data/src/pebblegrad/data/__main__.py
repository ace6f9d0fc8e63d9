"""``python -m pebblegrad.data``: the same as ``pebblegrad-data``."""

from pebblegrad.data.command import main

if __name__ == "__main__":
    raise SystemExit(main())
