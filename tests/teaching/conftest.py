"""What the tests of all exercises share: how a check answers, and answers that are none."""

import pytest


@pytest.fixture
def line_of(capsys):
    """Hand an answer to a check; the one line that it printed. A check that raises, or prints more, fails the test."""

    def ask(check, answer) -> str:
        check(answer)
        (line,) = capsys.readouterr().out.splitlines()
        return line

    return ask


@pytest.fixture(params=[3, None, lambda *_: None, lambda *_: "seven", lambda *_: 1 / 0])
def nonsense(request):
    """No function, or one that gives nothing, words, or an error."""
    return request.param
