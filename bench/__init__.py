"""Our speeds, measured beside their references in one run: `make bench`."""
