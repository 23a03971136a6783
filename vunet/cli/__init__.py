"""The command line. Every command imports what it needs when it runs, so that `--help` answers at once.

Exit codes: 0 all was done; 1 an error that you can act on, or photos of a folder that were refused; 2 wrong usage; 130
stopped by Ctrl+C.
"""

from vunet.cli.main import app, main

__all__ = ["app", "main"]
