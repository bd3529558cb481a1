"""Checks of 07_tumor_evaluation: each prints one line and never raises."""

from __future__ import annotations

from collections.abc import Callable

from helpers.teaching.exercises.verdict import answer, attempt, close


def check_positive_predictive_value(function: Callable) -> None:
    """Exercise 1: ``function(sensitivity, specificity, prevalence)`` by Bayes' theorem."""
    # 1,000 people, 10 ill: 9 found; of 990 healthy 5 % = 49.5 alarms. 9 / 58.5
    screening = attempt(function, 0.9, 0.95, 0.01)
    # half of them ill: .45 / (.45 + .025)
    clinic = attempt(function, 0.9, 0.95, 0.5)
    hint = "count among 1,000 people: ill and found, healthy and alarmed; the share of the first among both"
    if close(screening, 0.9):
        hint = "sensitivity is the share of the ill that is found; asked is the share of the found that is ill"
    solved = close(screening, 9 / 58.5, 1e-4) and close(clinic, 0.45 / 0.475, 1e-4)
    answer(solved, "the same test: 15 % of the alarms are true in screening, 95 % in a clinic", hint, screening, clinic)


def check_threshold_from_costs(function: Callable) -> None:
    """Exercise 2: ``function(cost_missed, cost_alarm)`` is the probability at which acting and waiting cost the same."""
    nine_to_one = attempt(function, 9.0, 1.0)
    even = attempt(function, 2.0, 2.0)
    hint = "acting costs (1 - p) * cost_alarm on average, waiting p * cost_missed: solve for the p where they are equal"
    if close(nine_to_one, 0.9):
        hint = "the wrong way round: a costly miss must lower the threshold; " + hint
    solved = close(nine_to_one, 0.1) and close(even, 0.5)
    answer(
        solved,
        "a miss nine times as costly as a false alarm moves the threshold from 0.5 to 0.1",
        hint,
        nine_to_one,
        even,
    )
