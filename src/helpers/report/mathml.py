"""LaTeX in Markdown to MathML, before the Markdown step, so that reports need neither scripts nor a network.

``$...$`` and ``$$...$$`` (and bare ``\\begin{align}...``) are replaced by placeholder words that Markdown leaves alone;
:meth:`Formulas.restore` puts the MathML in their place. Code is never touched, ``\\$`` is a dollar sign, and a dollar
sign followed by a blank, or preceded by one, or with a digit after it (``$5 and $6``) is a price, as in pandoc.
"""

from __future__ import annotations

import html
import re
from functools import cache

import math_core
from nbconvert.filters import strip_ansi

from helpers.runtime import InputError

# Fenced blocks and spans of backticks, as in CommonMark; notebooks do not indent their code blocks.
CODE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^(?P=fence)[ \t]*$|\Z)|(?<![`\\])(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)",
    re.M | re.S,
)
FORMULA = re.compile(
    r"(?<!\\)\$\$(?P<display>.+?)(?<!\\)\$\$"
    r"|(?P<environment>\\begin\{(?P<name>equation|align|gather|multline)(?P<star>\*?)\}.+?\\end\{(?P=name)(?P=star)\})"
    r"|(?<![\\$])\$(?=[^\s$])(?P<inline>(?:\\.|[^$\\])+?)(?<=\S)\$(?![\d$])",
    re.S,
)
NUMBERED = re.compile(r"\\(begin|end)\{(equation|align|gather|multline)\}")
PLACEHOLDER = "formulaxq{}qx"


class MathError(InputError):
    """An expression that cannot be shown as MathML; the message names it."""


@cache
def _converter() -> math_core.LatexToMathML:
    return math_core.LatexToMathML()


def to_mathml(latex: str, display: bool = False) -> str:
    """MathML of one LaTeX expression, with the LaTeX itself as the label that screen readers and searches find.

    Raises:
        MathError: the expression holds something that cannot be converted.
    """
    expression = latex.strip()
    # Each expression is converted by itself, so every numbered equation would be number (1): leave the numbers out.
    unnumbered = NUMBERED.sub(r"\\\1{\2*}", expression)
    try:
        markup = _converter().convert_with_local_state(unnumbered, displaystyle=display)
    except math_core.LatexError as error:
        reason = next((line for line in strip_ansi(str(error)).splitlines() if line.strip()), "unknown reason")
        shown = " ".join(expression.split())
        raise MathError(f"formula ${shown}$ cannot be shown: {reason.removeprefix('Error:').strip()}") from None
    label = html.escape(" ".join(expression.split()), quote=True)
    return markup.replace("<math", f'<math alttext="{label}"', 1)


class Formulas:
    """The formulas of one Markdown text: :meth:`mask` before the Markdown step, :meth:`restore` after it."""

    def __init__(self) -> None:
        self.markup: list[str] = []

    def mask(self, text: str) -> str:
        """Replace every formula outside of code by a placeholder word."""
        pieces, position = [], 0
        for code in CODE.finditer(text):
            pieces += [FORMULA.sub(self._keep, text[position : code.start()]), code.group()]
            position = code.end()
        return "".join([*pieces, FORMULA.sub(self._keep, text[position:])])

    def _keep(self, found: re.Match) -> str:
        latex = found["display"] or found["environment"] or found["inline"]
        self.markup.append(to_mathml(latex, display=found["inline"] is None))
        return PLACEHOLDER.format(len(self.markup) - 1)

    def restore(self, text: str) -> str:
        """Put the MathML where the placeholders stand."""
        return re.sub(PLACEHOLDER.format(r"(\d+)"), lambda found: self.markup[int(found[1])], text)
