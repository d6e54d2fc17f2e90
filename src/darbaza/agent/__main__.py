"""`python -m darbaza.agent`."""

import sys

from darbaza.agent.daemon import main

if __name__ == "__main__":
    sys.exit(main())
