"""Shared code of medlab's notebooks, on floors: imports go down only.

cli > report, teaching > evaluation > training > models > data > runtime, budgets
"""

__version__ = "0.1.0"
