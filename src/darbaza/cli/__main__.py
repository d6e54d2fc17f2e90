"""`python -m darbaza.cli`."""

import sys

from darbaza.cli import main

if __name__ == "__main__":
    sys.exit(main())
