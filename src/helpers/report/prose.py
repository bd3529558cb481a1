"""Markdown of notebooks to HTML: headings with anchors, MathML, highlighted code, links and pictures for one file."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable, Iterable

import mistune
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer, get_lexer_by_name
from pygments.util import ClassNotFound

from helpers.report.mathml import Formulas

PLUGINS = ("table", "strikethrough", "footnotes", "def_list", "task_lists")


def highlight_code(source: str, language: str = "python") -> str:
    """HTML of a piece of code; unknown languages stay plain."""
    try:
        lexer = PythonLexer() if language == "python" else get_lexer_by_name(language)
    except ClassNotFound:
        return f"<pre><code>{html.escape(source)}</code></pre>\n"
    return highlight(source, lexer, HtmlFormatter(wrapcode=True))


class Prose(mistune.HTMLRenderer):
    """Renders the Markdown cells of one notebook and remembers title and headings on the way.

    Args:
        resolve_link: address in the notebook -> address in the report, None to show the text without a link.
        embed_picture: address in the notebook -> ``data:`` address.
        taken: anchors that headings must not use.

    Attributes:
        headings: (anchor, HTML) of the second-level headings, for the table of contents.
    """

    def __init__(
        self,
        resolve_link: Callable[[str], str | None],
        embed_picture: Callable[[str], str],
        taken: Iterable[str] = (),
    ) -> None:
        super().__init__(escape=False)
        self.headings: list[tuple[str, str]] = []
        self._anchors = set(taken)
        self._resolve_link = resolve_link
        self._embed_picture = embed_picture
        self._markdown = mistune.create_markdown(renderer=self, plugins=list(PLUGINS))

    def render(self, text: str) -> str:
        """HTML of a piece of Markdown."""
        formulas = Formulas()
        masked = formulas.mask(text)
        known = len(self.headings)
        markup = formulas.restore(self._markdown(masked))
        self.headings[known:] = [(anchor, formulas.restore(title)) for anchor, title in self.headings[known:]]
        return markup

    def heading(self, text: str, level: int, **attributes) -> str:
        """A heading with an anchor; the title of the notebook stands in the page's header already."""
        if level == 1:
            return ""
        words = re.sub(r"<[^>]+>|formulaxq\d+qx|&\w+;", " ", text).lower()
        slug = re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "section"
        numbered = (f"{slug}-{number}" for number in itertools.count(2))
        anchor = next(name for name in itertools.chain([slug], numbered) if name not in self._anchors)
        self._anchors.add(anchor)
        if level == 2:
            self.headings.append((anchor, re.sub(r"</?a\b[^>]*>", "", text)))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link, or only its text where the report has nothing to point to."""
        target = self._resolve_link(url)
        if target is None:
            return text
        outside = ' rel="noreferrer"' if re.match(r"https?:", target) else ""
        return f'<a href="{html.escape(target)}"{outside}>{text}</a>'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture inside the file."""
        return f'<img src="{self._embed_picture(url)}" alt="{html.escape(re.sub(r"<[^>]+>", "", text))}">'

    def block_code(self, code: str, info: str | None = None) -> str:
        """A fenced block of code."""
        return highlight_code(code, (info or "text").split()[0])
