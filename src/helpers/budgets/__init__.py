"""Sizes of every notebook in the profiles quick and full, one TOML file each."""

from helpers.budgets.budgets import Budget, load_budget, profiles

__all__ = ["Budget", "load_budget", "profiles"]
