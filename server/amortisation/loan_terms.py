"""Loan terms: everything from which a repayment schedule follows, and the checks that they make sense."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from server.amortisation.day_count import DayCount
from server.amortisation.due_dates import MONTHLY, Frequency, PeriodUnit
from server.amortisation.errors import TermsError
from server.amortisation.rounding import TO_THE_CENT, Rounding

_LONGEST_TERM_DAYS = 100 * 366
_UNIT_DAYS = {PeriodUnit.MONTH: 31, PeriodUnit.WEEK: 7, PeriodUnit.DAY: 1}


class RepaymentMethod(StrEnum):
    """How principal and interest spread over the instalments."""

    EQUAL_INSTALMENTS = "equal-instalments"  # 等额本息
    EQUAL_PRINCIPAL = "equal-principal"  # 等额本金
    FLAT = "flat"  # 等本等息
    INTEREST_FIRST = "interest-first"  # 先息后本
    SINGLE_PAYMENT = "single-payment"  # 到期一次还本付息


class InterestPeriod(StrEnum):
    """Whether interest runs by the day, or each whole period costs the same share of the annual rate."""

    DAILY = "daily"
    SAME_AS_PERIOD = "same-as-period"


@dataclass(frozen=True, slots=True)
class AgreedInstalment:
    """From instalment ``from_number`` on, ``amount`` is due instead of the computed annuity."""

    from_number: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """The terms of one loan.

    Parameters
    ----------
    principal:
        The amount lent, a whole number of rounding units.
    annual_rate:
        The nominal rate as a factor: ``Decimal("0.12")`` is 12% a year.
    periods:
        The number of periods; the last instalment settles whatever rounding left over. Where the instalment
        is agreed or rounded up, the loan may be repaid in fewer.
    disbursed_on:
        The day from which interest runs.
    first_due, due_day:
        The first due date (default: one period after payout) and the day of the month to which a month grid
        is anchored (default: the day of the first due date).
    day_count:
        Used by daily interest, and by periods counted in days.
    interest_period:
        ``same-as-period``: a month is 1/12 of the rate and a week 1/52, a broken first period in proportion.
    rounding:
        Applied to every amount of money.
    instalment_rounding:
        Applied to the level instalment of 等额本息 on top: whole yuan, multiples of ten, always up.
    smoothing:
        One try to share out a last instalment that rounding has pushed away from the others.
    principal_grace:
        Periods at the start in which only interest is due.
    interest_deferral:
        Periods at the start whose interest is collected with the first instalment after them.
    instalment_fee:
        A service fee due with every instalment.
    agreed_instalments, agreed_principal:
        Amounts fixed by contract instead of computed: the instalments of 等额本息 from given numbers on; the
        principal share of 等额本金, whose rest falls due at the end (气球贷).
    """

    principal: Decimal
    annual_rate: Decimal
    periods: int
    disbursed_on: date
    method: RepaymentMethod = RepaymentMethod.EQUAL_INSTALMENTS
    frequency: Frequency = MONTHLY
    first_due: date | None = None
    due_day: int | None = None
    day_count: DayCount = DayCount.THIRTY_360
    interest_period: InterestPeriod = InterestPeriod.SAME_AS_PERIOD
    rounding: Rounding = TO_THE_CENT
    instalment_rounding: Rounding | None = None
    smoothing: bool = False
    principal_grace: int = 0
    interest_deferral: int = 0
    instalment_fee: Decimal = Decimal(0)
    agreed_instalments: tuple[AgreedInstalment, ...] = ()
    agreed_principal: Decimal | None = None

    @property
    def share_count(self) -> int:
        """The number of instalments that repay principal."""
        return self.periods - self.principal_grace


def check_terms(terms: LoanTerms) -> None:
    """Raises :class:`TermsError` for terms that no correct schedule can follow from."""
    _check_amounts(terms)
    _check_calendar(terms)
    _check_grace(terms)
    _check_agreed(terms)


def _is_amount(amount: Decimal, rounding: Rounding) -> bool:
    return amount.is_finite() and amount > 0 and rounding.is_whole(amount)


def _check_amounts(terms: LoanTerms) -> None:
    for field, unit in (("rounding", terms.rounding), ("instalment_rounding", terms.instalment_rounding)):
        if unit is not None and not (unit.unit.is_finite() and unit.unit > 0):
            raise TermsError(field, "舍入单位必须大于 0。", "The rounding unit must be greater than zero.")
    if not terms.principal.is_finite() or terms.principal <= 0:
        raise TermsError(
            "principal",
            f"贷款本金必须大于 0，现为 {terms.principal}。",
            f"The principal must be greater than zero; it is {terms.principal}.",
        )
    if not terms.rounding.is_whole(terms.principal):
        raise TermsError(
            "principal",
            f"贷款本金 {terms.principal} 不是舍入单位 {terms.rounding.unit} 的整数倍，请修改本金或舍入单位。",
            f"The principal {terms.principal} is no multiple of the rounding unit {terms.rounding.unit}; "
            "change one of the two.",
        )
    if not terms.annual_rate.is_finite() or terms.annual_rate < 0:
        raise TermsError(
            "annual_rate",
            f"年利率不能为负，现为 {terms.annual_rate}（12% 写作 0.12）。",
            f"The annual rate cannot be negative; it is {terms.annual_rate} (write 12% as 0.12).",
        )
    if terms.instalment_fee != 0 and not _is_amount(terms.instalment_fee, terms.rounding):
        raise TermsError(
            "instalment_fee",
            f"每期费用必须是不小于 0 的 {terms.rounding.unit} 的整数倍，现为 {terms.instalment_fee}。",
            f"The fee of an instalment must be a multiple of {terms.rounding.unit}, zero or more; "
            f"it is {terms.instalment_fee}.",
        )


def _check_calendar(terms: LoanTerms) -> None:
    if terms.periods < 1:
        raise TermsError(
            "periods",
            f"期数至少为 1，现为 {terms.periods}。",
            f"A loan has at least one period; {terms.periods} were given.",
        )
    if terms.frequency.every < 1:
        raise TermsError(
            "frequency",
            f"还款间隔至少为 1，现为 {terms.frequency.every}。",
            f"Instalments recur every 1 or more units; {terms.frequency.every} was given.",
        )
    if terms.periods * terms.frequency.every * _UNIT_DAYS[terms.frequency.unit] > _LONGEST_TERM_DAYS:
        raise TermsError(
            "periods",
            f"{terms.periods} 期超过一百年，请检查期数和还款频率。",
            f"{terms.periods} periods are more than a hundred years; check the periods and the frequency.",
        )
    if terms.due_day is not None and not 1 <= terms.due_day <= 31:
        raise TermsError(
            "due_day",
            f"还款日必须在 1 至 31 之间，现为 {terms.due_day}。",
            f"The due day must lie between 1 and 31; it is {terms.due_day}.",
        )
    if terms.due_day is not None and terms.frequency.unit is not PeriodUnit.MONTH:
        raise TermsError(
            "due_day",
            "只有按月还款才能约定每月还款日，请改用首期还款日。",
            "A due day of the month needs a monthly frequency; set the first due date instead.",
        )
    if terms.first_due is not None and terms.first_due <= terms.disbursed_on:
        raise TermsError(
            "first_due",
            f"首期还款日 {terms.first_due} 必须晚于放款日 {terms.disbursed_on}。",
            f"The first due date {terms.first_due} must be later than the payout on {terms.disbursed_on}.",
        )


def _check_grace(terms: LoanTerms) -> None:
    at_end = terms.method in (RepaymentMethod.INTEREST_FIRST, RepaymentMethod.SINGLE_PAYMENT)
    if not 0 <= terms.principal_grace < terms.periods or (at_end and terms.principal_grace):
        raise TermsError(
            "principal_grace",
            f"本金宽限期 {terms.principal_grace} 期不适用：须少于总期数 {terms.periods}，到期还本不设宽限。",
            f"A principal grace of {terms.principal_grace} periods does not fit: it must be less than the "
            f"{terms.periods} periods, and methods that repay at the end have none.",
        )
    longest = terms.periods - 1 if terms.method is RepaymentMethod.INTEREST_FIRST else terms.principal_grace
    if not 0 <= terms.interest_deferral <= longest:
        raise TermsError(
            "interest_deferral",
            f"利息宽限期 {terms.interest_deferral} 期不适用，最多 {longest} 期。",
            f"An interest deferral of {terms.interest_deferral} periods does not fit; at most {longest}.",
        )


def _check_agreed(terms: LoanTerms) -> None:
    if terms.agreed_instalments:
        numbers = [agreed.from_number for agreed in terms.agreed_instalments]
        sound = all(1 <= number <= terms.periods for number in numbers) and numbers == sorted(set(numbers))
        whole = all(_is_amount(each.amount, terms.rounding) for each in terms.agreed_instalments)
        if terms.method is not RepaymentMethod.EQUAL_INSTALMENTS or not sound or not whole:
            raise TermsError(
                "agreed_instalments",
                f"约定每期还款额仅用于等额本息，期号递增且在 1 至 {terms.periods} 之间，"
                f"金额为 {terms.rounding.unit} 的正整数倍。",
                "Agreed instalments belong to equal instalments; their numbers rise between 1 and "
                f"{terms.periods}, and their amounts are positive multiples of {terms.rounding.unit}.",
            )
    agreed = terms.agreed_principal
    if agreed is not None and (
        terms.method is not RepaymentMethod.EQUAL_PRINCIPAL or not _is_amount(agreed, terms.rounding)
    ):
        raise TermsError(
            "agreed_principal",
            f"约定每期本金仅用于等额本金，且为 {terms.rounding.unit} 的正整数倍，现为 {agreed}。",
            f"An agreed principal belongs to equal principal and is a positive multiple of "
            f"{terms.rounding.unit}; it is {agreed}.",
        )
    shares = terms.method in (RepaymentMethod.EQUAL_PRINCIPAL, RepaymentMethod.FLAT) and agreed is None
    if shares and terms.principal < terms.rounding.unit * terms.share_count:
        raise TermsError(
            "principal",
            f"本金 {terms.principal} 太小，无法按 {terms.rounding.unit} 分为 {terms.share_count} 期。",
            f"The principal {terms.principal} is too small to be split into {terms.share_count} instalments "
            f"of at least {terms.rounding.unit}.",
        )
