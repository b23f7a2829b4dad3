"""The lender's library, held to published figures and to what must hold for every loan."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from server.feel import STANDARD, compile_expression
from server.feel.extensions import EXTENSIONS
from server.feel.lender.library import LENDER
from server.forms.chinese_kinds import ResidentId
from server.forms.errors import ValueRefusedError
from server.forms.wording import FieldName

METHODS = ["equal-instalments", "equal-principal", "flat", "interest-first", "single-payment"]


def test_no_function_of_the_library_hides_one_of_the_standard_or_a_plain_variable():
    assert not set(LENDER) & (set(STANDARD) | set(EXTENSIONS.functions))
    assert all(" " in name for name in LENDER)


def test_a_variable_of_the_same_name_comes_first(feel):
    assert feel("repayment schedule + 1", {"repayment schedule": 2}) == 3


def test_a_name_with_a_keyword_in_it_is_read_after_that_keyword(feel):
    assert feel("for f in [[-100, 110]] return internal rate of return(f)") == [Decimal("0.1")]


@pytest.mark.parametrize("case_id", ["XL-PMT", "XL-200K", "CN-600K", "CN-1M-49-ANN"])
def test_published_instalments(feel, reference_case, case_id):
    case = reference_case(case_id)
    terms = case["inputs"]
    found = feel(
        "loan instalment(P, R, N, M)",
        P=Decimal(terms["principal"]),
        R=Decimal(terms["annual_rate_pct"]) / 100,
        N=terms["periods"],
        M="等额本息",
    )
    assert found == Decimal(case["expected"]["instalment"])


def test_a_published_schedule_to_the_cent(feel, reference_case):
    expected = reference_case("CN-CENT")["expected"]
    found = feel(
        '{rows: repayment schedule(1000000, 0.049, 360, method, @"2024-01-15"),'
        " interest: sum(rows.interest), last: rows[-1].due, principal: sum(rows.principal)}",
        method="等额本息",
    )
    assert found["interest"] == Decimal(expected["total_interest"])
    assert found["last"] == Decimal(expected["last_instalment"])
    assert found["principal"] == Decimal(expected["sum_principal"])


def test_a_published_schedule_of_equal_principal(feel, reference_case):
    expected = reference_case("CN-1M-49-EQP")["expected"]
    assert feel('loan instalment(1000000, 0.049, 360, "等额本金")') == Decimal(expected["first_instalment"])


def test_interest_by_the_day(feel, reference_case):
    case = reference_case("FIN-U-ACT365")
    rows = feel('repayment schedule(100, 0.15678, 6, "equal-instalments", @"2024-01-01", "actual/365")')
    assert [row["dueDate"] for row in rows] == case["inputs"]["due_dates"]
    assert [row["interest"] for row in rows] == [Decimal(row["interest"]) for row in case["expected"]["schedule"]]


def test_a_due_day_a_first_due_date_and_a_fee(feel):
    rows = feel(
        'repayment schedule(principal: 12000, annual rate: 0.12, periods: 3, method: m, disbursed on: @"2024-01-31",'
        ' due day: 31, first due on: @"2024-02-29", instalment fee: 10)',
        m="equal-principal",
    )
    assert [row["dueDate"] for row in rows] == ["2024-02-29", "2024-03-31", "2024-04-30"]
    assert [row["due"] - row["principal"] - row["interest"] for row in rows] == [10, 10, 10]


def test_instalments_of_a_purchase_cost_nearly_twice_what_is_quoted(feel, reference_case):
    expected = reference_case("CN-CARD")["expected"]
    rate = feel('loan annual rate(12000, 0.072, 12, "等本等息")')
    assert round(rate["simple"] * 100, 2) == Decimal(expected["irr_nominal_annual_pct"])
    assert round(rate["compound"] * 100, 2) == Decimal(expected["irr_effective_annual_pct"])


def test_a_fee_raises_the_annual_rate(feel):
    rate = feel('loan annual rate(principal: 10000, annual rate: 0.12, periods: 1, method: "flat", instalment fee: 50)')
    assert rate["simple"] == Decimal("0.18")


@settings(max_examples=60, deadline=None)
@given(
    principal=st.decimals("100", "5000000", places=2),
    rate=st.decimals("0", "0.36", places=4),
    periods=st.integers(1, 60),
    method=st.sampled_from(METHODS),
    payout=st.dates(date(2000, 1, 1), date(2060, 12, 31)),
    day_count=st.sampled_from([None, "30/360", "actual/360", "actual/365", "actual/actual"]),
)
def test_every_schedule_repays_its_principal(principal, rate, periods, method, payout, day_count):
    facts = {"p": principal, "r": rate, "n": periods, "m": method, "d": payout, "c": day_count}
    text = "{rows: repayment schedule(p, r, n, m, d, c), repaid: sum(rows.principal), rest: rows[-1].balance}"
    found = compile_expression(text, names=facts).value(facts)
    assert found["repaid"] == principal
    assert found["rest"] == 0
    assert all(row["due"] == row["principal"] + row["interest"] for row in found["rows"])


@pytest.mark.parametrize(
    ("case_id", "flows"),
    [
        ("EC-1", "concatenate([-196000], for k in 1..240 return 1432.86)"),
        ("EC-42", "concatenate([-196000], for k in 1..11 return 1250, [201250])"),
        ("EC-40", "[-196000, 0, 0, 0, 0, 0, 207618.17]"),
    ],
)
def test_rates_of_return_published_by_the_european_commission(feel, reference_case, case_id, flows):
    found = feel(f"((1 + internal rate of return({flows})) ** 12 - 1) * 100")
    expected = reference_case(case_id)["expected"]
    assert abs(found - Decimal(expected["apr_pct"])) <= Decimal(expected["tolerance_pct"])
    assert abs(found / 100 - feel(f"effective annual rate(internal rate of return({flows}) * 12, 12)")) < Decimal(
        "1e-10"
    )


@pytest.mark.parametrize(
    ("case_id", "payout", "first", "instalment"),
    [("EC-2a", "2012-01-12", "2012-02-15", "1433.57"), ("EC-2b", "2013-01-12", "2013-02-15", "1433.56")],
)
def test_a_broken_first_month_counts_in_days(feel, reference_case, case_id, payout, first, instalment):
    expected = reference_case(case_id)["expected"]
    found = feel(
        f'annual percentage rate(concatenate([{{date: @"{payout}", amount: -196000}}], for k in 0..239 return'
        f' {{date: @"{first}" + duration("P1M") * k, amount: {instalment}}}), "months") * 100'
    )
    assert abs(found - Decimal(expected["apr_pct"])) <= Decimal(expected["tolerance_pct"])


def test_a_spreadsheets_dated_rate_of_return(feel, reference_case):
    case = reference_case("XL-XIRR")
    flows = [{"date": date.fromisoformat(day), "amount": Decimal(amount)} for day, amount in case["inputs"]["flows"]]
    found = feel('annual percentage rate(flows, "actual/365")', flows=flows)
    assert abs(found - Decimal(case["expected"]["exact_root"])) < Decimal("1e-10")


def test_the_time_convention_decides_the_rate(feel):
    flows = (
        '[{date: @"2012-10-10", amount: -500}, {date: @"2012-11-10", amount: 270}, {date: @"2012-12-10", amount: 270}]'
    )
    rates = {name: feel(f'annual percentage rate({flows}, "{name}")') for name in ("actual/365", "months", "30/360")}
    # 61 days of 365, or two twelfths of a year.
    assert rates["actual/365"] == pytest.approx(Decimal("0.84630846"), abs=Decimal("1e-8"))
    assert rates["months"] == rates["30/360"] == pytest.approx(Decimal("0.85585078"), abs=Decimal("1e-8"))


def test_the_order_of_dated_flows_does_not_matter(feel):
    text = 'annual percentage rate(cash flows: f, convention: "actual/365", compounding: "monthly")'
    flows = [{"date": date(2024, 1, 1), "amount": -100}, {"date": date(2025, 1, 1), "amount": 112}]
    assert feel(text, f=flows) == feel(text, f=flows[::-1])
    assert feel(text, f=flows) < feel(text.replace("monthly", "annual"), f=flows)


@settings(max_examples=80, deadline=None)
@given(
    lent=st.integers(100, 10**7),
    paid=st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any),
)
def test_at_its_rate_of_return_a_loan_is_worth_what_was_lent(lent, paid):
    evaluation = compile_expression("internal rate of return(flows)", names=["flows"]).evaluate(
        {"flows": [-lent, *paid]}
    )
    rate = evaluation.value
    if rate is None:
        assert evaluation.diagnostics
        assert sum(paid) * 1000 < lent
        return
    # Compared as compounded to the end, which stays exact for rates near -100%.
    factor = 1 + rate
    grown = sum(amount * factor ** (len(paid) - at) for at, amount in enumerate(paid, 1))
    owed = lent * factor ** len(paid)
    # The rate is told to twelve digits; that much may be between the two sides.
    assert abs(grown - owed) <= Decimal("1e-11") * len(paid) * (owed + grown) / factor + Decimal("1e-9")


@pytest.mark.parametrize(
    "text",
    [
        "internal rate of return([])",
        "internal rate of return([100, 110])",
        "internal rate of return([-100, 230, -132])",
        'internal rate of return([-100, "110"])',
        "internal rate of return([-100, true])",
        "internal rate of return(for i in 1..3000 return i)",
        'annual percentage rate([{date: @"2024-01-01", amount: -1}], "actual/365")',
        'annual percentage rate([{date: @"2024-01-01", amount: -1}, {date: @"2024-01-02", amount: 2}], "365")',
        'annual percentage rate([{on: @"2024-01-01", amount: -1}], "actual/365")',
        'annual percentage rate([{date: "2024-01-01", amount: -1}], "actual/365")',
        "effective annual rate(0.12, 0)",
        "effective annual rate(1000000, 366)",
        "nominal annual rate(-1, 12)",
        "loan instalment(0, 0.12, 12)",
        "loan instalment(1000.001, 0.12, 12)",
        "loan instalment(1000, -0.12, 12)",
        "loan instalment(1000, 0.12, 0)",
        "loan instalment(1000, 0.12, 2.5)",
        "loan instalment(1000, 0.12, 1e30)",
        "loan instalment(1e6000, 0.12, 12)",
        "loan instalment(1000, 1e-6000, 12)",
        'loan instalment(1000, 0.12, 12, "bullet")',
        'repayment schedule(1000, 0.12, 12, "flat", "2024-01-01")',
        'repayment schedule(1000, 0.12, 12, "flat", null)',
        'repayment schedule(1000, 0.12, 12, "flat", @"9999-01-01")',
        'repayment schedule(1000, 0.12, 12, "flat", @"-2024-01-01")',
        'repayment schedule(1000, 0.12, 1190, "flat", @"2024-01-01")',
        'repayment schedule(1000, 0.12, 12, "flat", @"2024-01-01", "30/365")',
        'repayment schedule(1000, 0.12, 12, "flat", @"2024-01-01", null, @"2023-01-01")',
        'repayment schedule(1000, 0.12, 12, "flat", @"2024-01-01", null, @"8000-01-01")',
        'loan annual rate(1000, 0.12, 12, "flat", 0.001)',
        'day count days(@"2024-01-01", null, "30/360")',
        'day count fraction(@"2024-01-01", @"2025-01-01", "weeks")',
        "round money(1, 13)",
        'round money(1, 2, "nearest")',
        "round money(1e40)",
        'is working day(@"2024-02-09", ["2024-02-09"])',
        'is working day(@"2024-02-04", [@"2024-02-04"], [@"2024-02-04"])',
        'add working days(@"2024-02-09", 1.5)',
        'add working days(@"2024-02-09", 100000)',
        'working days between(@"1024-02-09", @"2024-02-09")',
        'adjust to working day(@"2024-02-10", "next")',
        "mask phone(13812345678)",
        "mask card(null)",
        'resident id birth date("110105194912310021")',
    ],
)
def test_what_makes_no_sense_is_null_with_a_reason(feel, diagnose, text):
    assert feel(text) is None
    assert len(diagnose(text)) == 1


def test_a_wrong_identity_number_is_not_repeated_in_its_diagnostic():
    found = compile_expression('resident id birth date("110105194912310021")').evaluate({}).diagnostics
    assert "110105194912310021" not in found[0].message.zh + found[0].message.en


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('day count days(@"2024-01-31", @"2024-03-31", "30/360")', 60),
        ('day count days(@"2024-01-31", @"2024-03-31", "actual/365")', 60),
        ('day count days(@"2024-02-28", @"2024-03-01", "30/360")', 3),
        ('day count days(@"2024-03-01", @"2024-02-28", "actual/365")', -2),
        ('day count fraction(from: @"2023-07-01", to: @"2024-07-01", convention: "actual/360") = 366 / 360', True),
        ('day count fraction(@"2024-03-31", @"2024-01-31", "actual/365") = -60 / 365', True),
        ('day count fraction(@"2023-12-31", @"2024-01-02", "actual/actual") = 1 / 365 + 1 / 366', True),
        ('day count fraction(@"2024-01-01T18:00:00", @"2025-01-01", "30/360")', 1),
        ("round money(2.345)", Decimal("2.35")),
        ("round money(-2.345)", Decimal("-2.35")),
        ('round money(2.345, 2, "half-even")', Decimal("2.34")),
        ('round money(1001, -2, "up")', 1100),
        ('round money(amount: 1999.99, places: 0, mode: "down")', 1999),
        ('round money(amount: 2.675, mode: "half-up")', Decimal("2.68")),
        ("round money(2.345, null, null)", Decimal("2.35")),
    ],
)
def test_day_counts_and_rounding(feel, text, expected):
    assert feel(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Spring Festival 2024: closed from Saturday the 10th to Saturday the 17th, worked on Sundays the 4th and 18th.
        ('is working day(@"2024-02-12")', True),
        ('is working day(@"2024-02-12", closed)', False),
        ('is working day(@"2024-02-18")', False),
        ('is working day(date: @"2024-02-18", make up days: worked)', True),
        ('add working days(@"2024-02-09", 1)', "2024-02-12"),
        ('add working days(@"2024-02-09", 1, closed)', "2024-02-19"),
        ('add working days(@"2024-02-09", 1, closed, worked)', "2024-02-18"),
        ('add working days(@"2024-02-18", -1, closed, worked)', "2024-02-09"),
        ('add working days(@"2024-02-10", 0, closed)', "2024-02-10"),
        ('working days between(@"2024-02-09", @"2024-02-19", closed, worked)', 2),
        ('working days between(@"2024-02-19", @"2024-02-09", closed, worked)', -2),
        ('working days between(@"2024-02-09", @"2024-02-09")', 0),
        ('adjust to working day(@"2024-02-10", "following", closed)', "2024-02-19"),
        ('adjust to working day(@"2024-02-10", "preceding", closed)', "2024-02-09"),
        ('adjust to working day(@"2024-03-31", "following")', "2024-04-01"),
        ('adjust to working day(@"2024-03-31", "modified following")', "2024-03-29"),
        ('adjust to working day(date: @"2024-03-29", convention: "preceding")', "2024-03-29"),
    ],
)
def test_working_days(feel, text, expected):
    closed = [date(2024, 2, day) for day in range(10, 18)]
    assert feel(text, closed=closed, worked=[date(2024, 2, 4), date(2024, 2, 18)]) == expected


DATES = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@settings(max_examples=80, deadline=None)
@given(day=DATES, count=st.integers(-60, 60), closed=st.lists(DATES, max_size=20))
def test_as_many_working_days_lie_between_as_were_added(day, count, closed):
    facts = {"day": day, "n": count, "closed": closed}
    text = """{there: add working days(day, n, closed), counted: working days between(day, there, closed),
        worked: is working day(there, closed)}"""
    found = compile_expression(text, names=facts).value(facts)
    assert found["worked"] or count == 0
    assert found["counted"] == count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('mask id number("11010519491231002X")', "110***********002X"),
        ('mask id number("1234567")', "*******"),
        ('mask phone("13812345678")', "138****5678"),
        ('mask phone(" 13812345678 ")', "138****5678"),
        ('mask phone("5678")', "****"),
        ('mask phone("")', ""),
        ('mask card("6222 0212 3456 7890")', "************7890"),
        ('mask card("12345")', "*****"),
    ],
)
def test_masking(feel, text, expected):
    assert feel(text) == expected


@given(st.text(max_size=30))
def test_masking_hides_at_least_four_characters_or_everything(text):
    for name in ("mask id number", "mask phone", "mask card"):
        masked = compile_expression(f"{name}(t)", names=["t"]).value({"t": text})
        assert len(masked) <= len(text)
        assert set(masked) <= {"*"} or masked.count("*") >= 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('is resident id("11010519491231002X")', True),
        ('is resident id("11010519491231002x")', True),
        ('is resident id("110105194912310021")', False),
        ('is resident id("110105194913310025")', False),
        ('is resident id("110105 19491231 002X")', False),
        ('is resident id("")', False),
        ("is resident id(null)", False),
        ("is resident id(110105)", False),
        ('resident id birth date("11010519491231002X")', "1949-12-31"),
        ('is social credit code("91110000600037341L")', True),
        ('is social credit code("91110000600037341l")', True),
        ('is social credit code("91110000600037341M")', False),
        ('is social credit code("911100006000373411")', False),
        ('is social credit code("9111000060003734IL")', False),
        ("is social credit code(null)", False),
    ],
)
def test_identity(feel, text, expected):
    assert feel(text) == expected


@given(st.from_regex(r"\A(11|44|81|83|91)(0105|0000)(19|20)[0-9]{2}(0[1-9]|1[0-3])[0-3][0-9]{4}[0-9X]\Z"))
def test_a_condition_and_a_form_agree_on_identity_numbers(number):
    try:
        ResidentId().read(number, FieldName("身份证号", "ID"))
        accepted = True
    except ValueRefusedError:
        accepted = False
    assert compile_expression("is resident id(n)", names=["n"]).value({"n": number}) is accepted


@given(st.from_regex(r"\A9[1-9ANY][0-9]{6}[0-9A-HJ-NP-RTUWXY]{9}\Z"))
def test_social_credit_codes_are_those_of_a_second_opinion(number):
    whole = number + uscc.calc_check_digit(number)
    assert uscc.is_valid(whole) or not number[1].isdigit()
    assert compile_expression("is social credit code(n)", names=["n"]).value({"n": whole}) is True


@pytest.mark.parametrize("days", [0, 1, 400])
def test_dates_of_python_are_taken_as_they_are(feel, days):
    start = date(2024, 1, 1)
    text = 'day count days(a, b, "actual/365")'
    assert feel(text, a=start, b=start + timedelta(days=days)) == days
