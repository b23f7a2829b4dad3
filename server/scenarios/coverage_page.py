"""The coverage as one page of HTML that needs nothing else: no network, no script, diagrams in colour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from html import escape

from .coverage import Coverage, Part, ProcessCoverage, TableCoverage
from .diagram import draw

_STYLE = """
:root{color-scheme:light}
body,.diagram text{font-family:system-ui,"PingFang SC","Microsoft YaHei","Noto Sans SC",sans-serif;color:#1f2328}
body{font-size:14px;line-height:1.5;margin:2rem;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.5rem;border-bottom:1px solid #d0d7de}
table{border-collapse:collapse;margin:.5rem 0}th,td{text-align:left;padding:.25rem .9rem .25rem 0;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums}
.bar{display:inline-block;width:8rem;height:.6rem;background:#f4c7c3;border-radius:3px;overflow:hidden}
.bar i{display:block;height:100%;background:#2da44e}
.canvas{overflow:auto;border:1px solid #d0d7de;border-radius:6px;margin:.5rem 0}
.diagram{display:block;background:#fff}
.diagram .shape,.diagram .frame{stroke:#57606a;stroke-width:1.5;fill:#fff}
.diagram .frame{fill-opacity:.35}
.diagram .ring{stroke:#57606a;fill:none}
.diagram .edge{fill:none;stroke:#57606a;stroke-width:1.5}
.diagram text{font-size:12px;text-anchor:middle;fill:#1f2328}
.diagram .kind{font-size:8px;text-anchor:start;fill:#57606a}
.diagram .count{font-size:10px;text-anchor:end;font-weight:600}
.diagram .mark{font-size:22px}.diagram .mark.small{font-size:15px}
.diagram .covered .shape,.diagram .covered .frame{stroke:#1a7f37;fill:#dafbe1}
.diagram .covered .edge,.diagram .covered .ring{stroke:#1a7f37}.diagram .covered .count{fill:#1a7f37}
.diagram .uncovered .shape,.diagram .uncovered .frame{stroke:#cf222e;fill:#ffebe9}
.diagram .uncovered .edge{stroke:#cf222e;stroke-dasharray:6 3}.diagram .uncovered .ring{stroke:#cf222e}
.diagram .uncovered .count{fill:#cf222e}
.missing{color:#cf222e}.all{color:#1a7f37}code{font-size:.92em}
"""


def coverage_page(coverage: Coverage, sources: Mapping[str, bytes], at: dt.datetime) -> str:
    """The page. ``sources`` are the BPMN files by the names that the coverage knows, ``at`` is when it was made."""
    processes = [coverage.processes[key] for key in sorted(coverage.processes)]
    tables = [coverage.tables[key] for key in sorted(coverage.tables)]
    total = coverage.totals
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>测试覆盖率 · Test coverage</title><style>{_STYLE}</style></head><body>"
        "<h1>测试覆盖率 · Test coverage</h1>"
        f"<p>{escape(at.isoformat(timespec='seconds'))}</p>"
        "<table>"
        f"{_row('元素 · elements', total['elements'])}{_row('流向 · sequence flows', total['flows'])}"
        f"{_row('规则 · rules', total['rules'])}</table>"
        f"{''.join(_process(process, sources.get(process.resource)) for process in processes)}"
        f"{''.join(_table(table) for table in tables)}"
        "</body></html>\n"
    )


def _row(name: str, part: Part) -> str:
    return (
        f'<tr><td>{name}</td><td class="n">{part.covered} / {part.total}</td><td class="n">{part.percent:.1f} %</td>'
        f'<td><span class="bar"><i style="width:{part.percent:.1f}%"></i></span></td></tr>'
    )


def _process(process: ProcessCoverage, source: bytes | None) -> str:
    model = process.model
    counted = frozenset(model.elements) | frozenset(model.flows)
    counts = {**process.elements, **process.flows}
    drawn = None if source is None else draw(source, counts, counted)
    picture = (
        "<p>此文件没有图形信息（BPMN DI），无法画图。· "
        "This file has no diagram interchange, so there is no picture.</p>"
        if drawn is None
        else f'<div class="canvas">{drawn}</div>'
    )
    return (
        f"<h2>{escape(model.name or model.process_id)} <code>{escape(process.resource)}</code></h2><table>"
        f"{_row('元素 · elements', process.element_part)}{_row('流向 · sequence flows', process.flow_part)}</table>"
        f"{picture}{_missing(process.uncovered_elements + process.uncovered_flows)}"
    )


def _table(table: TableCoverage) -> str:
    rules = [f"{decision} #{number} {note}".strip() for decision, number, note in table.uncovered]
    return (
        f"<h2>{escape(table.model.name)} <code>{escape(table.resource)}</code></h2>"
        f"<table>{_row('规则 · rules', table.part)}</table>{_missing(rules)}"
    )


def _missing(names: list[str]) -> str:
    if not names:
        return '<p class="all">全部覆盖 · all reached</p>'
    listed = "".join(f"<li><code>{escape(name)}</code></li>" for name in names)
    return f'<p class="missing">未覆盖 · not reached:</p><ul class="missing">{listed}</ul>'
