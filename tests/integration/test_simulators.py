"""The simulators as a program of their own, and the lender's clients against them, over real HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.lending.bureau_client import BureauClient
from server.lending.errors import ServiceRefusedError, ServiceUnavailableError
from server.lending.fraud_client import FraudClient, FraudLevel
from server.lending.notice_client import NoticeClient
from server.lending.payment_client import PaymentClient, PaymentOrder, PaymentOutcome, PaymentResult
from simulators.bureau import SAMPLE_ID_NUMBERS
from simulators.fraud import BLACKLISTED_DEVICES, BLACKLISTED_PHONES

REPOSITORY = Path(__file__).resolve().parents[2]
USUAL_ACCOUNT = "6222020200112230"


@dataclass(slots=True)
class Program:
    """A running simulators program."""

    process: subprocess.Popen[str]
    url: str

    def behave(self, **rules: dict[str, object]) -> None:
        httpx.put(f"{self.url}/behaviour", json=rules).raise_for_status()

    def ledger(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.url}/payments/ledger").raise_for_status().json())


def start(*arguments: str) -> Program:
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators", "--port", "0", *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "http://" in line, f"the simulators did not start: {line!r}"
    return Program(process, "http://" + line.strip().rpartition("http://")[2])


def stop(program: Program, signal_number: int = signal.SIGTERM) -> int:
    program.process.send_signal(signal_number)
    try:
        return program.process.wait(timeout=10)
    finally:
        program.process.kill()
        if program.process.stdout is not None:
            program.process.stdout.close()


@pytest.fixture(scope="module")
def shared_program() -> Iterator[Program]:
    program = start()
    yield program
    stop(program)


@pytest.fixture
def program(shared_program: Program) -> Iterator[Program]:
    yield shared_program
    httpx.delete(f"{shared_program.url}/behaviour").raise_for_status()


@pytest.fixture
def payments(program: Program) -> Iterator[PaymentClient]:
    with PaymentClient(program.url, timeout_seconds=0.5) as client:
        yield client


@pytest.fixture
def key() -> str:
    return f"payout-{uuid.uuid4()}"


def order(account: str = USUAL_ACCOUNT, amount: str = "30000.00") -> PaymentOrder:
    return PaymentOrder(Decimal(amount), "CNY", account, "张三", "放款 L-2024-0001")


def until_decided(ask: Callable[[], PaymentOutcome], seconds: float = 6) -> PaymentOutcome:
    deadline = time.monotonic() + seconds
    outcome = ask()
    while outcome.result is PaymentResult.UNKNOWN and time.monotonic() < deadline:
        time.sleep(0.1)
        outcome = ask()
    return outcome


class TestPayments:
    def test_a_payment_is_settled_and_a_repeated_one_is_the_same(
        self, program: Program, payments: PaymentClient, key: str
    ) -> None:
        first = payments.pay(order(), key=key)
        assert first.result is PaymentResult.SETTLED
        assert first.payment_id
        assert payments.pay(order(), key=key) == first
        assert payments.query(key) == first
        assert program.ledger()["countByKey"][key] == 1

    def test_amounts_travel_as_exact_decimal_text(self, program: Program, payments: PaymentClient, key: str) -> None:
        payments.pay(order(amount="90071992547409.93"), key=key)
        (entry,) = [item for item in program.ledger()["items"] if item["key"] == key]
        assert (entry["amount"], entry["accountName"]) == ("90071992547409.93", "张三")

    def test_a_repeated_request_answers_200_the_first_201(self, program: Program, key: str) -> None:
        body = {
            "amount": "1.00",
            "currency": "CNY",
            "account": USUAL_ACCOUNT,
            "accountName": "李四",
            "reference": "R1",
        }
        answers = [httpx.post(f"{program.url}/payments", json=body, headers={"Idempotency-Key": key}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 200]
        assert answers[0].json() == answers[1].json()

    def test_the_key_of_another_payment_is_refused_and_nothing_is_paid(
        self, program: Program, payments: PaymentClient, key: str
    ) -> None:
        payments.pay(order(amount="100.00"), key=key)
        with pytest.raises(ServiceRefusedError) as refusal:
            payments.pay(order(amount="100.01"), key=key)
        assert refusal.value.code == "IDEMPOTENCY_KEY_REUSED"
        assert [item["amount"] for item in program.ledger()["items"] if item["key"] == key] == ["100.00"]

    @pytest.mark.parametrize(
        ("suffix", "code"),
        [
            ("990001", "ACCOUNT_CLOSED"),
            ("990002", "NAME_MISMATCH"),
            ("990003", "ACCOUNT_LIMIT_EXCEEDED"),
        ],
    )
    def test_declined_accounts(
        self, program: Program, payments: PaymentClient, key: str, suffix: str, code: str
    ) -> None:
        outcomes = [payments.pay(order("6222020" + suffix), key=key) for _ in range(2)]
        outcomes.append(payments.query(key))
        assert {(outcome.result, outcome.code) for outcome in outcomes} == {(PaymentResult.DECLINED, code)}
        assert key not in program.ledger()["countByKey"]

    def test_a_lost_answer_is_unknown_and_the_query_finds_it_paid_once(
        self, program: Program, payments: PaymentClient, key: str
    ) -> None:
        lost = payments.pay(order("6222020990004"), key=key)
        assert (lost.result, lost.code) == (PaymentResult.UNKNOWN, "CONNECTION_LOST")
        assert payments.query(key).result is PaymentResult.SETTLED
        assert payments.pay(order("6222020990004"), key=key).result is PaymentResult.SETTLED
        assert program.ledger()["countByKey"][key] == 1

    def test_a_lost_request_is_unknown_and_the_query_finds_nothing(
        self, program: Program, payments: PaymentClient, key: str
    ) -> None:
        assert payments.pay(order("6222020990005"), key=key).result is PaymentResult.UNKNOWN
        assert payments.query(key).result is PaymentResult.ABSENT
        assert payments.pay(order("6222020990005"), key=key).result is PaymentResult.SETTLED
        assert program.ledger()["countByKey"][key] == 1

    def test_a_hanging_answer_is_unknown_though_the_payment_was_made(
        self, program: Program, payments: PaymentClient, key: str
    ) -> None:
        program.behave(payments={"mode": "timeout-after-accept", "times": 1, "latencyMs": 1500})
        hanging = payments.pay(order(), key=key)
        assert (hanging.result, hanging.code) == (PaymentResult.UNKNOWN, "TIMEOUT")
        assert payments.query(key).result is PaymentResult.SETTLED

    def test_a_request_that_times_out_before_acceptance_was_never_made(
        self, program: Program, payments: PaymentClient, key: str
    ) -> None:
        program.behave(payments={"mode": "timeout-before-accept", "times": 1, "latencyMs": 1500})
        assert payments.pay(order(), key=key).code == "TIMEOUT"
        assert payments.query(key).result is PaymentResult.ABSENT

    def test_a_service_that_is_down_leaves_the_result_unknown(
        self, program: Program, payments: PaymentClient, key: str
    ) -> None:
        program.behave(payments={"mode": "unavailable", "times": 1}, paymentQueries={"mode": "unavailable", "times": 1})
        down = payments.pay(order(), key=key)
        assert (down.result, down.code) == (PaymentResult.UNKNOWN, "HTTP_503")
        assert payments.query(key).result is PaymentResult.UNKNOWN
        assert payments.query(key).result is PaymentResult.ABSENT

    def test_no_service_at_all_leaves_the_result_unknown(self, key: str) -> None:
        with PaymentClient("http://127.0.0.1:9", timeout_seconds=0.5) as nobody:
            assert nobody.pay(order(), key=key).result is PaymentResult.UNKNOWN
            assert nobody.query(key).code == "CONNECTION_LOST"

    def test_a_payment_that_settles_later(self, payments: PaymentClient, key: str) -> None:
        accepted = payments.pay(order("6222020990007"), key=key)
        assert (accepted.result, accepted.code) == (PaymentResult.UNKNOWN, "NOT_SETTLED_YET")
        settled = until_decided(lambda: payments.query(key))
        assert (settled.result, settled.payment_id) == (PaymentResult.SETTLED, accepted.payment_id)

    def test_a_payment_that_comes_back_is_declined_and_stands_in_the_ledger_twice(
        self, program: Program, payments: PaymentClient, key: str
    ) -> None:
        payments.pay(order("6222020990008"), key=key)
        returned = until_decided(lambda: payments.query(key))
        assert (returned.result, returned.code) == (PaymentResult.DECLINED, "RETURNED_BY_BANK")
        entries = [item["entry"] for item in program.ledger()["items"] if item["key"] == key]
        assert entries == ["payment", "return"]

    def test_rules_decline_with_a_code_meet_only_their_accounts_and_run_out(
        self, program: Program, payments: PaymentClient
    ) -> None:
        program.behave(payments={"mode": "decline", "code": "SANCTIONED", "times": 1, "match": "777"})
        spared, met, after = [
            payments.pay(order(account), key=f"rule-{uuid.uuid4()}")
            for account in (USUAL_ACCOUNT, "6222777", "6222777")
        ]
        assert [spared.result, met.code, after.result] == [
            PaymentResult.SETTLED,
            "SANCTIONED",
            PaymentResult.SETTLED,
        ]

    def test_many_at_once_with_one_key_pay_once(self, program: Program, payments: PaymentClient, key: str) -> None:
        ready = threading.Barrier(8)

        def pay(_: int) -> PaymentOutcome:
            ready.wait()
            return payments.pay(order(), key=key)

        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(pay, range(8)))
        known = {outcome.payment_id for outcome in outcomes if outcome.result is PaymentResult.SETTLED}
        assert len(known) == 1
        assert program.ledger()["countByKey"][key] == 1

    @pytest.mark.parametrize("amount", ["0", "-5", "NaN", "0.001", "zehn"])
    def test_an_amount_that_is_none_is_refused_for_good(self, program: Program, key: str, amount: str) -> None:
        body = {
            "amount": amount,
            "currency": "CNY",
            "account": USUAL_ACCOUNT,
            "accountName": "李四",
            "reference": "R1",
        }
        answer = httpx.post(f"{program.url}/payments", json=body, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_PAYMENT")

    def test_a_payment_without_a_key_is_refused(self, program: Program) -> None:
        answer = httpx.post(f"{program.url}/payments", json={})
        assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")

    def test_a_malformed_order_is_a_mistake_and_no_outcome(self, payments: PaymentClient, key: str) -> None:
        with pytest.raises(ServiceRefusedError) as refusal:
            payments.pay(order(amount="-1.00"), key=key)
        assert refusal.value.code == "INVALID_PAYMENT"
        assert refusal.value.message.zh != refusal.value.message.en

    def test_an_address_that_is_none_is_refused(self) -> None:
        with pytest.raises(ServiceRefusedError):
            PaymentClient("127.0.0.1:8090")


class TestJournal:
    def test_a_killed_program_remembers_what_it_paid(self, tmp_path: Path, key: str) -> None:
        journal = tmp_path / "payments.jsonl"
        before = start("--journal", str(journal))
        with PaymentClient(before.url) as client:
            paid = client.pay(order(), key=key)
            declined = client.pay(order("6222020990001"), key=f"{key}-declined")
        stop(before, signal.SIGKILL)
        # A kill in the middle of a write leaves half a line behind.
        with journal.open("a", encoding="utf-8") as torn:
            torn.write('{"paymentId": "half')
        after = start("--journal", str(journal))
        try:
            with PaymentClient(after.url) as client:
                assert client.query(key) == paid
                assert client.pay(order(), key=key) == paid
                assert client.query(f"{key}-declined").code == declined.code
                client.pay(order(), key=f"{key}-next")
            assert after.ledger()["countByKey"] == {key: 1, f"{key}-next": 1}
        finally:
            assert stop(after) == 0
        assert journal.read_text(encoding="utf-8").count("\n") == 3

    def test_a_damaged_journal_is_not_silently_forgotten(self, tmp_path: Path) -> None:
        journal = tmp_path / "payments.jsonl"
        journal.write_text('{"paymentId": "1"}\n', encoding="utf-8")
        refused = subprocess.run(
            [sys.executable, "-m", "simulators", "--port", "0", "--journal", str(journal)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert refused.returncode == 1
        assert "line 1" in refused.stderr
        assert "--journal" in refused.stderr


class TestBureau:
    @pytest.fixture
    def bureau(self, program: Program) -> Iterator[BureauClient]:
        with BureauClient(program.url, timeout_seconds=0.5) as client:
            yield client

    @pytest.mark.parametrize(
        ("grade", "scores"),
        [("good", (700, 850)), ("fair", (550, 699)), ("weak", (420, 549)), ("bad", (300, 399))],
    )
    def test_the_sample_customers_are_what_they_are_called(
        self, bureau: BureauClient, grade: str, scores: tuple[int, int]
    ) -> None:
        for id_number in SAMPLE_ID_NUMBERS[grade]:
            report = bureau.report(id_number=id_number, name="张三", consent_id="C-1")
            assert scores[0] <= report.score <= scores[1]
            assert report.total_debt == sum(debt.balance for debt in report.debts)
            assert report.monthly_debt_payment == sum(debt.monthly_payment for debt in report.debts)
            assert (report.overdue_count > 0) == (report.longest_overdue_days > 0)
            assert (report.serious_overdue_count > 0) == (report.longest_overdue_days > 90)

    def test_the_same_person_gets_the_same_report(self, bureau: BureauClient) -> None:
        id_number = SAMPLE_ID_NUMBERS["bad"][0]
        first, second = (
            bureau.report(id_number=id_number, name="张三", consent_id=consent) for consent in ("C-1", "C-2")
        )
        assert first == second
        assert first.serious_overdue_count >= 1

    def test_grades_are_spread_as_documented(self, program: Program) -> None:
        with httpx.Client(base_url=program.url) as client:
            scores = [
                client.post(
                    "/bureau/reports",
                    json={"idNumber": f"{110101199003070000 + n}", "name": "张三", "consentId": "C"},
                ).json()["score"]
                for n in range(200)
            ]
        grades = Counter("bad" if score < 400 else "weak" if score < 550 else "better" for score in scores)
        assert 5 <= grades["bad"] <= 40
        assert 20 <= grades["weak"] <= 65

    @pytest.mark.parametrize(
        ("id_number", "consent", "code"),
        [("110101199003070011", "", "CONSENT_REQUIRED"), ("123", "C-1", "ID_NUMBER_INVALID")],
    )
    def test_requests_that_the_bureau_refuses(
        self, bureau: BureauClient, id_number: str, consent: str, code: str
    ) -> None:
        with pytest.raises(ServiceRefusedError) as refusal:
            bureau.report(id_number=id_number, name="张三", consent_id=consent)
        assert refusal.value.code == code

    @pytest.mark.parametrize(("mode", "latency"), [("unavailable", 0), ("slow", 1000), ("timeout-before-accept", 1000)])
    def test_a_bureau_in_trouble_is_worth_asking_again(
        self, program: Program, bureau: BureauClient, mode: str, latency: int
    ) -> None:
        program.behave(bureau={"mode": mode, "times": 1, "latencyMs": latency})
        person = {"id_number": "110101199003070011", "name": "张三", "consent_id": "C-1"}
        with pytest.raises(ServiceUnavailableError):
            bureau.report(**person)
        assert bureau.report(**person).score >= 700


class TestFraud:
    @pytest.mark.parametrize(
        ("device", "ip", "contacts", "level"),
        [
            ("device-1", "198.51.100.7", ["13800000001", "13800000002"], FraudLevel.CLEAR),
            ("device-1", "203.0.113.9", [], FraudLevel.REVIEW),
            ("device-1", "198.51.100.7", ["17000000001", "13800000002"], FraudLevel.HIGH_RISK),
            (sorted(BLACKLISTED_DEVICES)[0], "198.51.100.7", [], FraudLevel.HIGH_RISK),
            ("device-1", "198.51.100.7", ["17000000001", "13800000002", "13800000003"], FraudLevel.CLEAR),
        ],
    )
    def test_levels(self, program: Program, device: str, ip: str, contacts: list[str], level: FraudLevel) -> None:
        with FraudClient(program.url) as client:
            scan = client.scan(device_id=device, ip=ip, phone="13900000001", contacts=contacts)
        assert scan.level is level
        blacklisted = sum(contact in BLACKLISTED_PHONES for contact in contacts)
        assert scan.contact_overlap_percent == (100 * blacklisted // len(contacts) if contacts else 0)
        assert scan.device_match == (device in BLACKLISTED_DEVICES)

    def test_phones_that_share_a_device_are_counted(self, program: Program) -> None:
        device = f"device-{uuid.uuid4()}"
        with FraudClient(program.url) as client:
            counts = [
                client.scan(device_id=device, ip="198.51.100.7", phone=phone).same_device_applications
                for phone in ("13900000001", "13900000002", "13900000001")
            ]
        assert counts == [1, 2, 2]

    def test_an_address_that_is_none_is_refused(self, program: Program) -> None:
        with FraudClient(program.url) as client, pytest.raises(ServiceRefusedError) as refusal:
            client.scan(device_id="device-1", ip="somewhere", phone="13900000001")
        assert refusal.value.code == "INVALID_BODY"


class TestMessages:
    def test_a_notice_is_sent_once_for_a_key(self, program: Program, key: str) -> None:
        to = f"139{uuid.uuid4().int % 10**8:08d}"
        with NoticeClient(program.url) as client:
            ids = {
                client.send(
                    to=to,
                    template="repayment-due-tomorrow",
                    parameters={"name": "张三", "amount": Decimal("1066.19")},
                    key=key,
                )
                for _ in range(2)
            }
        sent = httpx.get(f"{program.url}/messages", params={"to": to}).json()["items"]
        assert [message["messageId"] for message in sent] == list(ids)
        assert sent[0]["parameters"] == {"name": "张三", "amount": "1066.19"}

    def test_a_lost_answer_does_not_send_twice(self, program: Program, key: str) -> None:
        to = f"137{uuid.uuid4().int % 10**8:08d}"
        program.behave(messages={"mode": "drop-after-accept", "times": 1, "match": to})
        with NoticeClient(program.url) as client:
            with pytest.raises(ServiceUnavailableError):
                client.send(to=to, template="overdue", parameters={}, key=key)
            client.send(to=to, template="overdue", parameters={}, key=key)
        found = httpx.get(f"{program.url}/messages", params={"to": to, "template": "overdue"})
        assert len(found.json()["items"]) == 1

    def test_an_unreachable_recipient_is_refused(self, program: Program, key: str) -> None:
        with NoticeClient(program.url) as client, pytest.raises(ServiceRefusedError) as refusal:
            client.send(to="13800990001", template="overdue", parameters={}, key=key)
        assert refusal.value.code == "RECIPIENT_UNREACHABLE"


class TestBehaviour:
    @pytest.mark.parametrize(
        "rules",
        [
            [],
            {"postman": {"mode": "normal"}},
            {"bureau": {"mode": "decline"}},
            {"payments": {"mode": "slow", "latencyMs": -1}},
            {"payments": {"mode": "slow", "speed": 3}},
            {"payments": {"mode": "decline", "code": 5}},
        ],
    )
    def test_a_rule_that_makes_no_sense_is_refused_and_changes_nothing(self, program: Program, rules: object) -> None:
        before = httpx.get(f"{program.url}/behaviour").json()
        answer = httpx.put(f"{program.url}/behaviour", json=rules)
        assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BEHAVIOUR")
        assert httpx.get(f"{program.url}/behaviour").json() == before

    def test_a_port_in_use_is_explained(self, program: Program) -> None:
        port = program.url.rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-m", "simulators", "--port", port],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert second.returncode == 1
        assert "--port" in second.stderr

    def test_what_is_not_there_is_a_problem_document(self, program: Program) -> None:
        answer = httpx.get(f"{program.url}/nowhere")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"


def test_signals_in_a_burst_stop_it() -> None:
    program = start()
    # Each may interrupt the handler of the one before; the last may find a process that has almost ended.
    for _ in range(100):
        program.process.send_signal(signal.SIGTERM)
    assert stop(program) in (0, -signal.SIGTERM)
