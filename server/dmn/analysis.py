"""Analysis of decision tables: gaps, overlaps, rules that never decide, and values that do not fit their column.

Exact for cells that compare an input with constants; what a cell with other tests hides is stated as a remainder,
and so is what the given time did not suffice for. Inputs are taken to be independent of each other. An input is
expected to be there: that it may be null is considered where a cell speaks of null, and for overlaps everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from server.dmn import analysis_messages as say
from server.dmn.analysis_cells import cell_findings, constant_of, output_findings, unreachable_outputs
from server.dmn.analysis_regions import Dimension, dimensions_of, domain_tests
from server.dmn.analysis_report import ExampleInput, TableAnalysis, TableFinding, Weight
from server.dmn.analysis_search import OutOfTime, OutOfTimeError, Point, Space, decided_otherwise, outside
from server.dmn.compiled_graph import PlacedTable
from server.dmn.decision_model import DecisionModel
from server.dmn.model import Aggregator, HitPolicy
from server.dmn.table_index import bits
from server.feel.comparison import same
from server.messages import Message

DEFAULT_LIMIT: Final = 100
"""How many gaps and how many overlaps of one table are listed; their number is told in any case."""

_NULL: Final = ("null", "null")
_ORDERED: Final = frozenset({HitPolicy.FIRST, HitPolicy.PRIORITY})


def never() -> bool:
    """No deadline."""
    return False


def analyse(
    model: DecisionModel, *, out_of_time: OutOfTime = never, limit: int = DEFAULT_LIMIT
) -> tuple[TableAnalysis, ...]:
    """The analysis of every table of a model. ``out_of_time`` is asked now and then; True ends the search."""
    return tuple(analyse_table(table, out_of_time=out_of_time, limit=limit) for table in model.tables)


def analyse_table(placed: PlacedTable, *, out_of_time: OutOfTime = never, limit: int = DEFAULT_LIMIT) -> TableAnalysis:
    """The analysis of one table."""
    analysis = _Analysis(placed, dimensions_of(placed), out_of_time, limit)
    analysis.run()
    table = placed.table.table
    return TableAnalysis(
        placed.element.id,
        placed.element.name,
        table.place.id,
        table.hit_policy.value,
        len(placed.table.rules),
        tuple(analysis.findings),
        tuple(analysis.remainder),
    )


@dataclass(slots=True)
class _Analysis:
    placed: PlacedTable
    dimensions: Sequence[Dimension]
    out_of_time: OutOfTime
    limit: int
    findings: list[TableFinding] = field(default_factory=list)
    remainder: list[Message] = field(default_factory=list)
    dead: dict[int, object] = field(default_factory=dict)
    space: Space = field(init=False)
    outputs: list[tuple[tuple[bool, Any], ...]] = field(init=False)
    together: list[int] | None = field(init=False, default=None)
    certain: int = field(init=False)

    def __post_init__(self) -> None:
        rules = self.placed.table.rules
        self.space = Space([dimension.masks for dimension in self.dimensions], len(rules), self.out_of_time)
        self.outputs = [tuple(map(constant_of, rule.rule.output_entries)) for rule in rules]
        undetermined = 0
        for dimension in self.dimensions:
            undetermined |= dimension.undetermined
        self.certain = self.space.full & ~undetermined

    @property
    def policy(self) -> HitPolicy:
        return self.placed.table.table.hit_policy

    def run(self) -> None:
        self._state_remainder()
        self.findings += cell_findings(self.placed)
        self._never_matching()
        self.findings += output_findings(self.placed)
        self._timed("overlaps", self._overlaps)
        self._gaps()
        if self.policy in _ORDERED:
            self._timed("masked", self._masked)
        elif self.policy is HitPolicy.ANY:
            self._timed("redundant", self._redundant_of_any)
        self.findings += unreachable_outputs(self.placed, self.dead)

    def _timed(self, stage: str, work: Callable[[], None]) -> None:
        try:
            work()
        except OutOfTimeError:
            self.remainder.append(say.out_of_time(stage))

    # --- what cannot be analysed ---

    def _state_remainder(self) -> None:
        for dimension in self.dimensions:
            rules = [place + 1 for place in bits(dimension.undetermined)]
            column = dimension.columns[0]
            if rules:
                text = self.placed.table.rules[rules[0] - 1].rule.input_entries[column].text
                self.remainder.append(say.not_analysed(column + 1, dimension.label, rules, text))
            for number in dimension.columns:
                _, allowed = domain_tests(self.placed.table.inputs[number], self.placed.types)
                if any(test.borders is None for test in allowed):
                    self.remainder.append(say.allowed_not_analysed(number + 1, dimension.label))

    # --- rules by themselves ---

    def _never_matching(self) -> None:
        known = {rule for finding in self.findings for rule in finding.rules if finding.weight is Weight.ERROR}
        for dimension in self.dimensions:
            alive = 0
            for mask in dimension.masks:
                alive |= mask
            for place in bits(self.space.full & ~alive):
                rule = self.placed.table.rules[place]
                told = rule.index in known or rule.index in self.dead
                self.dead[rule.index] = dimension
                if told:
                    continue
                texts = [rule.rule.input_entries[number].text for number in dimension.columns]
                if len(texts) == 1:
                    message = say.never_matches(rule.index, dimension.label, texts[0])
                else:
                    message = say.never_together(rule.index, dimension.label)
                self.findings.append(TableFinding(Weight.WARNING, message, (rule.index,), place=rule.rule.place))

    # --- overlaps ---

    def _overlaps(self) -> None:
        self.together = self.space.overlapping()
        if self.policy not in (HitPolicy.UNIQUE, HitPolicy.ANY):
            return
        wider = self._where_missing()
        new = [mask & ~known for mask, known in zip(wider.overlapping(), self.together, strict=True)]
        total = self._list_pairs(self.together, self._overlap, 0)
        total = self._list_pairs(new, lambda first, second: self._overlap_where_missing(wider, first, second), total)
        if total > self.limit:
            self.remainder.append(say.more("overlaps", self.limit, total))

    def _list_pairs(self, together: Sequence[int], report: Callable[[int, int], TableFinding], total: int) -> int:
        """Reports pairs of rules that overlap and may not, up to the limit; how many there are with these."""
        for first, second in self._pairs(together):
            self.space.check_time()
            if self.policy is HitPolicy.ANY and self._agree(first, second) is True:
                continue
            total += 1
            if total <= self.limit:
                self.findings.append(report(first, second))
        return total

    def _pairs(self, together: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Pairs of rules that overlap for certain, by their places."""
        for first in bits(self.certain):
            for second in bits(together[first] & self.certain & ~((1 << first) - 1)):
                yield first, second

    def _overlap(self, first: int, second: int) -> TableFinding:
        agree = self._agree(first, second)
        span = self.space.span(1 << first | 1 << second)
        assert span is not None
        region, example = self._region(span), self._example(span)
        rules = (first + 1, second + 1)
        shown = self._labelled(span)
        if self.policy is HitPolicy.UNIQUE:
            weight, message = Weight.ERROR, say.overlap_unique(rules, shown, example, agree)
        else:
            weight = Weight.WARNING if agree is None else Weight.ERROR
            message = say.overlap_any(rules, shown, example, agree is False)
        place = self.placed.table.rules[second].rule.place
        return TableFinding(weight, message, rules, region, example, place)

    def _where_missing(self) -> Space:
        """The space in which every input may also be missing, as one more region."""
        masks = [d.masks if d.missing is None else (*d.masks, d.missing) for d in self.dimensions]
        return Space(masks, len(self.placed.table.rules), self.out_of_time)

    def _overlap_where_missing(self, wider: Space, first: int, second: int) -> TableFinding:
        """An overlap that only a missing input brings about."""
        span = wider.span(1 << first | 1 << second)
        assert span is not None
        missing = [d for d, places in zip(self.dimensions, span, strict=True) if places == 1 << len(d.regions)]
        region = tuple(
            (d.expression, "null" if d in missing else d.tests(places & ~(1 << len(d.regions))))
            for d, places in zip(self.dimensions, span, strict=True)
        )
        rules, example = (first + 1, second + 1), self._example(span)
        message = say.overlap_missing(rules, [d.label for d in missing], example)
        place = self.placed.table.rules[second].rule.place
        return TableFinding(Weight.WARNING, message, rules, region, example, place)

    def _agree(self, first: int, second: int) -> bool | None:
        """Whether two rules conclude the same; None where that depends on the input."""
        agree: bool | None = True
        rules = self.placed.table.rules
        entries = zip(rules[first].rule.output_entries, rules[second].rule.output_entries, strict=True)
        for (a, b), (known_a, value_a), (known_b, value_b) in zip(
            entries, self.outputs[first], self.outputs[second], strict=True
        ):
            if known_a and known_b:
                if not same(value_a, value_b):
                    return False
            elif a.text != b.text:
                agree = None
        return agree

    # --- gaps ---

    def _gaps(self) -> None:
        table = self.placed.table
        if table.has_default or not table.inputs:
            return
        weight, answer = _WITHOUT_MATCH.get(table.table.aggregation, (Weight.WARNING, _NULL))
        if table.table.aggregation is None and self.policy in _LISTING:
            weight, answer = Weight.NOTE, ("空列表", "an empty list")
        found = self.space.uncovered(self.limit)
        for box in found.boxes:
            example = self._example(box)
            message = say.gap(self._labelled(box), example, answer)
            self.findings.append(TableFinding(weight, message, (), self._region(box), example, table.table.place))
        if found.total > len(found.boxes):
            self.remainder.append(say.more("gaps", len(found.boxes), found.total))
        if found.unsearched:
            dimension = self.dimensions[found.dimension]
            rest = f"{dimension.label}: {dimension.tests(found.unsearched)}"
            self.remainder.append(say.out_of_time("gaps", (rest, rest)))

    # --- rules that other rules make idle ---

    def _masked(self) -> None:
        """Rules of FIRST and PRIORITY tables that never decide, or whose decision another rule would repeat."""
        if self.together is None:
            raise OutOfTimeError
        order = self._order()
        if order is None:
            self.remainder.append(say.ranks_unknown())
            return
        for position, place in enumerate(order):
            stronger = _mask(order[:position]) & self.certain & self.together[place]
            span = self.space.span(1 << place)
            if span is None or not stronger:
                continue
            if self.space.find(span, stronger, outside(stronger)) is None:
                self._report_masked(place, stronger, span)
        try:
            self._redundant(order)
        except OutOfTimeError:
            self.remainder.append(say.out_of_time("redundant"))

    def _report_masked(self, place: int, stronger: int, span: Point) -> None:
        rule = self.placed.table.rules[place]
        self.dead[rule.index] = span
        by = [other + 1 for other in bits(stronger)]
        example = self._example(span)
        message = say.masked(rule.index, by, example, self.policy.value)
        self.findings.append(
            TableFinding(Weight.WARNING, message, (rule.index, *by), self._region(span), example, rule.rule.place)
        )

    def _order(self) -> list[int] | None:
        """The rules by their precedence, the strongest first; None where that depends on the input."""
        places = list(range(len(self.placed.table.rules)))
        priority = self.placed.table.priority
        if self.policy is HitPolicy.FIRST or priority is None:
            return places
        if not all(known for outputs in self.outputs for known, _ in outputs):
            return None
        ranks = [priority.rank(tuple(value for _, value in outputs)) for outputs in self.outputs]
        return sorted(places, key=lambda place: (ranks[place], place))

    def _redundant(self, order: Sequence[int]) -> None:
        """Rules that could be removed together, looked for from the weakest to the strongest."""
        assert self.together is not None
        number = {place: position for position, place in enumerate(order)}
        space = Space(
            [_renumbered(dimension.masks, number) for dimension in self.dimensions], len(order), self.out_of_time
        )
        left = space.full & ~_mask([number[rule - 1] for rule in self.dead])
        certain = _mask([number[place] for place in bits(self.certain)])
        for position in range(len(order) - 1, -1, -1):
            place = order[position]
            near = _mask([number[other] for other in bits(self.together[place])]) & left
            alike = [p for p in bits(near & certain) if p > position and self._agree(place, order[p]) is True]
            if not left >> position & 1 or not alike:
                continue
            span = space.span(1 << position)
            assert span is not None
            earlier, weaker = near & certain & ((1 << position) - 1), near & ~((1 << position + 1) - 1)
            others = weaker & ~_mask(alike)
            decide = decided_otherwise(earlier, _mask(alike), others)
            if space.find(span, earlier | weaker, decide) is None:
                left &= ~(1 << position)
                self._report_redundant(place, [order[p] for p in alike])

    def _redundant_of_any(self) -> None:
        if self.together is None:
            raise OutOfTimeError
        left = self.space.full
        for place in range(len(self.outputs) - 1, -1, -1):
            near = bits(self.together[place] & self.certain & left)
            alike = [other for other in near if self._agree(place, other) is True]
            span = self.space.span(1 << place)
            if span is None or not alike:
                continue
            if self.space.find(span, _mask(alike), outside(_mask(alike))) is None:
                left &= ~(1 << place)
                self._report_redundant(place, alike)

    def _report_redundant(self, place: int, alike: Sequence[int]) -> None:
        rule = self.placed.table.rules[place]
        by = [other + 1 for other in alike]
        span = self.space.span(1 << place | 1 << alike[0]) or self.space.span(1 << place)
        assert span is not None
        example = self._example(span)
        message = say.redundant(rule.index, by, example)
        self.findings.append(
            TableFinding(Weight.WARNING, message, (rule.index, *by), self._region(span), example, rule.rule.place)
        )

    # --- regions for people ---

    def _region(self, box: Point) -> tuple[tuple[str, str], ...]:
        return tuple((d.expression, d.tests(places)) for d, places in zip(self.dimensions, box, strict=True))

    def _labelled(self, box: Point) -> tuple[tuple[str, str], ...]:
        return tuple((d.label, d.tests(places)) for d, places in zip(self.dimensions, box, strict=True))

    def _example(self, box: Point) -> tuple[ExampleInput, ...]:
        """A value of every input that has a known kind of values; the region beyond the last stands for null."""
        return tuple(
            ExampleInput(d.label, d.expression, d.sample(places))
            for d, places in zip(self.dimensions, box, strict=True)
            if not d.opaque
        )


_LISTING: Final = frozenset({HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER})
_WITHOUT_MATCH: Final[Mapping[Aggregator | None, tuple[Weight, tuple[str, str]]]] = {
    Aggregator.COUNT: (Weight.NOTE, ("0", "0")),
}


def _mask(places: Sequence[int]) -> int:
    mask = 0
    for place in places:
        mask |= 1 << place
    return mask


def _renumbered(masks: Sequence[int], number: Mapping[int, int]) -> list[int]:
    return [_mask([number[place] for place in bits(mask)]) for mask in masks]
