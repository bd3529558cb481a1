"""Proof that a page fetches nothing: no script, no style sheet, no picture from elsewhere, whatever a cell put out."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from helpers.runtime import InputError

FORBIDDEN = {"script", "link", "iframe", "frame", "object", "embed", "base", "form", "applet", "portal"}
FETCHING = {"src", "srcset", "poster", "data", "background", "action", "formaction", "xlink:href", "ping", "manifest"}
ANCHORS = {"a", "area"}
STYLE_FETCH = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)", re.IGNORECASE)


class OutsideError(InputError):
    """A page holds something that a browser would fetch or run."""


class _Scanner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        if tag in FORBIDDEN:
            self.found.append(f"<{tag}>")
        for name, value in attributes:
            text = (value or "").strip()
            if name.startswith("on"):
                self.found.append(f"{name}= of <{tag}>")
            elif name in FETCHING and not text.startswith("data:"):
                self.found.append(f"{name}={text[:60]!r} of <{tag}>")
            elif name == "href" and (tag not in ANCHORS and not text.startswith("#") or _runs_code(text)):
                self.found.append(f"href={text[:60]!r} of <{tag}>")
            elif name == "style" and STYLE_FETCH.search(text):
                self.found.append(f"style={text[:60]!r} of <{tag}>")
            elif name == "http-equiv" and text.lower() == "refresh":
                self.found.append("a page that forwards elsewhere")

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style and STYLE_FETCH.search(data):
            self.found.append("a style sheet that fetches something")


def _runs_code(address: str) -> bool:
    return re.sub(r"\s", "", address).lower().startswith(("javascript:", "vbscript:", "data:"))


def require_self_contained(page: str, where: str) -> None:
    """Refuse a page that would fetch or run something.

    Args:
        page: HTML.
        where: what to call it in the message.

    Raises:
        OutsideError: names the first element at fault.
    """
    scanner = _Scanner()
    scanner.feed(page)
    scanner.close()
    if scanner.found:
        raise OutsideError(f"{where} would not work offline: it holds {scanner.found[0]}")
