"""Outcomes as JUnit XML, as build servers show them."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from server.cli.testing import FileResult

_CONTROL = dict.fromkeys((n for n in range(32) if n not in (9, 10, 13)), " ")


def document(results: Iterable[FileResult]) -> str:
    """One ``testsuite`` a file, one ``testcase`` a scenario or row."""
    root = etree.Element("testsuites")
    for result in results:
        suite = etree.SubElement(
            root,
            "testsuite",
            name=str(result.file),
            tests=str(result.tally.cases),
            failures=str(result.tally.failed),
            time=f"{sum(case.seconds for case in result.cases):.3f}",
        )
        for case in result.cases:
            shown = etree.SubElement(
                suite, "testcase", classname=str(result.file), name=_text(case.name), time=f"{case.seconds:.3f}"
            )
            if case.problem is not None:
                failure = etree.SubElement(
                    shown, "failure", type=case.problem.code, message=_text(f"{case.place} {case.problem.en}")
                )
                failure.text = _text(f"{case.problem.zh}\n{case.detail}")
    text: str = etree.tostring(root, pretty_print=True, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'


def _text(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return text.translate(_CONTROL)
