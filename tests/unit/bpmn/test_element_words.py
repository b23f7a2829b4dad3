"""Elements are called by their BPMN terms, the same on the server and in the web application."""

from __future__ import annotations

import re
from pathlib import Path

from server.bpmn.element_words import ELEMENT_WORDS
from server.bpmn.migration_plan import plan_migration
from server.bpmn.reader import EVENT_SUB_PROCESS, NODES

from .diagrams import END, START, job, model, node, path

GLOSSARY = Path(__file__).resolve().parents[3] / "web" / "src" / "i18n"
ENTRY = re.compile(r"^  (\w+): '([^']+)'", re.MULTILINE)


def test_every_type_that_is_executed_has_its_term() -> None:
    assert set(ELEMENT_WORDS) == {EVENT_SUB_PROCESS[1], *(kind for _, kind in NODES.values())}


def test_the_web_application_uses_the_same_terms() -> None:
    for file, at in (("elements.zh.ts", 0), ("elements.en.ts", 1)):
        shown = dict(ENTRY.findall((GLOSSARY / file).read_text(encoding="utf-8")))
        for kind, words in ELEMENT_WORDS.items():
            assert shown[kind].lower() == words[at], (file, kind)


def test_a_migration_plan_speaks_of_user_tasks_and_not_of_their_codes() -> None:
    old, new = node("userTask", "old", name="Check"), node("userTask", "new", name="Check")
    source = model(START, node("userTask", "a"), old, END, path("start", "a", "old", "end"))
    target = model(START, node("serviceTask", "a", ext=job("x")), new, END, path("start", "a", "new", "end"))
    plan = plan_migration(source, target)
    said = [message for suggestion in plan.suggestions for message in suggestion.reasons]
    said += [finding.message for finding in plan.unmapped]
    zh, en = " ".join(message.zh for message in said), " ".join(message.en for message in said)
    assert "同为用户任务" in zh and "each a user task" in en
    assert "‘a’ 是用户任务，而 ‘a’ 是服务任务" in zh and "‘a’ is a user task, but ‘a’ is a service task" in en
    assert not re.search("[A-Z]{2,}_[A-Z]", zh + en)
