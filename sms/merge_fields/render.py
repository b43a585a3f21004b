"""Texts with merge fields, in Liquid: `{{ field | filter }}`, if, unless, case, assign and comment.

python-liquid reads the text; what it read becomes functions here (expressions.py, conditions.py). Nothing else of the
library runs, so that a text can read no file, cannot loop and never grows beyond LONGEST: the time it takes is bounded
by its own length. And it is quick: a campaign renders every text of its people.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from liquid import Environment
from liquid.ast import BlockNode, ConditionalBlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.case_tag import CaseNode, MultiExpressionBlockNode
from liquid.builtin.tags.comment_tag import CommentNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.exceptions import LiquidError

from sms.gateway.texts import LINK_PLACE
from sms.merge_fields import reading
from sms.merge_fields.conditions import Test, same, test_of
from sms.merge_fields.expressions import Names, Reader, Values, printed
from sms.merge_fields.filters import LONGEST
from sms.merge_fields.values import PLACE

# A piece of a text: words, or what becomes words with somebody's values.
Part = str | Callable[[Values, Names], str]


@dataclass(frozen=True)
class Compiled:
    """A text that can be rendered.

    `fields`: keys of all fields that it names. `required`: of those that everybody needs, since they are printed
    whatever else is known. `branches`: whether the text has more fields that somebody may need, inside a condition or
    as the stand-in for another; only rendering tells.
    """

    text: str
    fields: tuple[str, ...]
    required: tuple[str, ...]
    branches: bool
    parts: tuple[Part, ...] = field(repr=False)

    def render(self, values: Mapping[str, Any]) -> str:
        """The text for somebody (`values_of`), at most LONGEST characters. Raises Empty, and nothing else."""
        text = _run(self.parts, values, {})
        # A name may be anything, and so may two of them together: the only places are those of the text itself.
        if LINK_PLACE in text:
            text = text.replace(LINK_PLACE, f"({LINK_PLACE[1:-1]})")
        return text.replace(PLACE, LINK_PLACE)[:LONGEST]


@lru_cache(maxsize=512)
def compile(text: str) -> Compiled:  # noqa: A001 - `merge_fields.compile` says what it does
    """Raises Wrong with a sentence for whoever wrote the text. Whether a custom field is known: `checked`."""
    environment = Environment()
    environment.tags = {name: tag for name, tag in environment.tags.items() if name in reading.KNOWN}
    source = reading.source_of(text)
    try:
        nodes = environment.from_string(source).nodes
    except LiquidError as error:
        raise reading.wrong(error, text) from error
    writer = _Writer()
    parts = writer.block(nodes, always=True)
    reader = writer.reader
    return Compiled(text, tuple(reader.fields), tuple(writer.required), writer.branches, parts)


def _run(parts: tuple[Part, ...], values: Values, names: Names) -> str:
    return "".join([part if isinstance(part, str) else part(values, names) for part in parts])


class _Writer:
    """Makes parts of what was read, and notes what they need."""

    def __init__(self) -> None:
        self.reader = Reader()
        self.required: dict[str, None] = {}
        self.branches = False

    def block(self, nodes: list[Node], *, always: bool = False, blank: bool = False) -> tuple[Part, ...]:
        """`always`: it is printed for everybody. `blank`: its line ends and spaces are not printed."""
        parts: list[Part] = []
        for node in nodes:
            match node:
                case ContentNode():
                    if not blank:
                        parts.append(reading.words(node.text))
                case CommentNode():
                    pass
                case OutputNode():
                    parts.append(self._output(node, always))
                case _:
                    self.branches = True
                    parts.append(self._tag(node))
        return tuple(parts)

    def _output(self, node: OutputNode, always: bool) -> Part:
        made = self.reader.filtered(node.expression)
        if always:
            self.required |= dict.fromkeys(made.needs)
        self.branches = self.branches or not always or not made.sure
        run = made.run
        return lambda values, names: printed(run(values, names), values)

    def _tag(self, node: Node) -> Part:
        match node:
            case AssignNode():
                return self._assign(node)
            case IfNode() | UnlessNode():
                return self._if(node)
            case CaseNode():
                return self._case(node)
        raise reading.unreadable(str(node))

    def _assign(self, node: AssignNode) -> Part:
        run, name = self.reader.filtered(node.expression).run, str(node.name)
        self.reader.assigned.add(name)

        def assign(values: Values, names: Names) -> str:
            names[name] = run(values, names)
            return ""

        return assign

    def _if(self, node: IfNode | UnlessNode) -> Part:
        wanted = isinstance(node, IfNode)
        first = (test_of(self.reader, node.condition), self._inner(node.consequence))
        others = tuple(
            (test_of(self.reader, each.expression), self._inner(each.block)) for each in node.alternatives
        )
        default = self._inner(node.default) if node.default else ()

        def choose(values: Values, names: Names) -> str:
            if first[0](values, names) is wanted:
                return _run(first[1], values, names)
            for test, parts in others:
                if test(values, names):
                    return _run(parts, values, names)
            return _run(default, values, names)

        return choose

    def _case(self, node: CaseNode) -> Part:
        subject = self.reader.simple(node.expression).run
        cases: list[tuple[Test | None, tuple[Part, ...]]] = []
        for block in node.blocks:
            if isinstance(block, MultiExpressionBlockNode):
                wanted = [self.reader.simple(each).run for each in block.expression.expressions]
                cases.append((same(subject, wanted), self._inner(block.block)))
            else:
                cases.append((None, self._inner(block)))

        def choose(values: Values, names: Names) -> str:
            written, met = [], False
            for test, parts in cases:
                if test(values, names) if test else not met:
                    met = met or test is not None
                    written.append(_run(parts, values, names))
            return "".join(written)

        return choose

    def _inner(self, block: BlockNode | ConditionalBlockNode) -> tuple[Part, ...]:
        nodes = block.nodes if isinstance(block, BlockNode) else block.block.nodes
        return self.block(nodes, blank=block.blank)
