"""Which of the classes of one's own images is the disease."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpers.data.listing import one_line
from helpers.runtime import InputError

NORMAL_WORDS = frozenset({"normal", "benign", "healthy", "negative", "control", "no", "non", "none", "0"})
HEALTHY, DISEASED = "no disease", "disease"  # names of classes that several of the source's were merged into


@dataclass(frozen=True)
class Classes:
    """The classes of a dataset, and how those of the source become them.

    Attributes:
        task: ``binary`` (1 is the disease) or ``multiclass``.
        class_names: in the order of the targets.
        order: the source's classes in the order in which they are numbered, those of target 0 first.
        targets: target of each class in ``order``.
    """

    task: str
    class_names: tuple[str, ...]
    order: tuple[str, ...]
    targets: tuple[int, ...]

    @property
    def subtype_names(self) -> tuple[str, ...]:
        """``order`` where several classes became one target, else nothing: the classes say it all."""
        return self.order if len(self.order) > len(self.class_names) else ()


def arrange_classes(class_names: tuple[str, ...], disease: str = "") -> Classes:
    """Decide what is 0 and what is 1.

    With two classes, see :func:`class_order`. Of more than two, those that ``disease`` lists count as 1; without it, if
    exactly one has a known word for normal in its name, all others do; else the task stays multiclass.

    Args:
        class_names: as the source spells them, two or more.
        disease: names of classes separated by commas; empty to go by the names.

    Raises:
        InputError: ``disease`` names no class or all of them, or it is unclear which of two is the disease.
    """
    names = tuple(sorted(class_names))
    if disease.strip():
        diseased = _listed(disease, names)
    elif len(names) == 2:
        diseased = {class_order(names)[1]}
    else:
        normal = [name for name in names if is_normal(name)]
        if len(normal) != 1:
            return Classes("multiclass", names, names, tuple(range(len(names))))
        diseased = set(names) - set(normal)
    sides = [name for name in names if name not in diseased], [name for name in names if name in diseased]
    merged = tuple(side[0] if len(side) == 1 else word for side, word in zip(sides, (HEALTHY, DISEASED), strict=True))
    return Classes("binary", merged, (*sides[0], *sides[1]), (0,) * len(sides[0]) + (1,) * len(sides[1]))


def class_order(class_names: tuple[str, ...]) -> tuple[str, str]:
    """Two classes in the order of their targets: the disease is the second.

    They are ordered by a leading 0 and 1, else by the one that has a known word for normal in its name.

    Raises:
        InputError: it is unclear which is the disease.
    """
    first, second = sorted(class_names)
    shown = one_line(first), one_line(second)
    known = sorted(NORMAL_WORDS - {"0"})
    if _leading_digit(first) == "0" and _leading_digit(second) == "1":
        if is_normal(second[1:]) and not is_normal(first[1:]):
            raise InputError(
                f"the classes {shown[0]} and {shown[1]} contradict themselves: 1 is the disease; rename them"
            )
        return first, second
    normal = [name for name in (first, second) if is_normal(name)]
    if len(normal) != 1:
        raise InputError(
            f"unclear which of {shown[0]} and {shown[1]} is the disease: name it (parameter disease), rename them to "
            f"0_{shown[0]} and 1_{shown[1]} (1 is the disease), or give the normal one a name with one of the words "
            f"{', '.join(known)}"
        )
    return (first, second) if normal[0] == first else (second, first)


def is_normal(name: str) -> bool:
    """Whether a name holds one of :data:`NORMAL_WORDS` as a word of its own."""
    return not NORMAL_WORDS.isdisjoint(re.split(r"[^0-9a-z]+", name.casefold()))


def _listed(disease: str, names: tuple[str, ...]) -> set[str]:
    """The classes meant by a list; capitals count only where two classes differ in nothing else."""
    found = set()
    for word in filter(None, (part.strip() for part in disease.split(","))):
        meant = [name for name in names if name == word] or [
            name for name in names if name.casefold() == word.casefold()
        ]
        if len(meant) != 1:
            classes = ", ".join(one_line(name) for name in names)
            raise InputError(f"disease names {one_line(word)!r}, which is none of the classes: they are {classes}")
        found.add(meant[0])
    if len(found) == len(names):
        raise InputError("disease names every class: leave out those that are not the disease")
    if not found:
        raise InputError("disease names no class: give names of classes separated by commas, or leave it empty")
    return found


def _leading_digit(name: str) -> str:
    """``0`` or ``1`` where it stands alone at the front (``0``, ``0_x``, ``1-y``, ``0x``), not as part of a number."""
    match = re.match(r"([01])(?![0-9])", name)
    return match.group(1) if match else ""
