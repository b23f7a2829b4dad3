"""The fraud scan's client: what is known of an applicant's device, address, phone and contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from server.lending.service_call import JsonObject, ServiceClient, ServiceName, unavailable

_SERVICE = ServiceName("fraud", "反欺诈服务", "fraud scan")


class FraudLevel(StrEnum):
    """How the scan weighs an application."""

    CLEAR = "clear"
    REVIEW = "review"
    HIGH_RISK = "high-risk"


@dataclass(frozen=True, slots=True)
class FraudScan:
    """The result of a scan, with the rules that hit; the score runs from 0 (nothing known) to 99."""

    scan_id: str
    level: FraudLevel
    score: int
    hits: tuple[str, ...]
    device_match: bool
    ip_match: bool
    phone_match: bool
    contact_overlap_percent: int
    same_device_applications: int


class FraudClient(ServiceClient):
    """Talks to one fraud scan.

    Raises the same two errors as the bureau's client.
    """

    name = _SERVICE

    def scan(self, *, device_id: str, ip: str, phone: str, contacts: Sequence[str] = ()) -> FraudScan:
        """Scans an application; ``contacts`` are the phone numbers of the applicant's contacts."""
        body = {"deviceId": device_id, "ip": ip, "phone": phone, "contacts": list(contacts)}
        answer = self.post("/fraud/scans", body)
        try:
            return _scan(answer)
        except (KeyError, TypeError, ValueError) as error:
            raise unavailable(_SERVICE, f"the scan is incomplete: {error!r}") from error


def _scan(answer: JsonObject) -> FraudScan:
    return FraudScan(
        scan_id=str(answer["scanId"]),
        level=FraudLevel(answer["level"]),
        score=int(answer["score"]),
        hits=tuple(str(hit) for hit in answer["hits"]),
        device_match=bool(answer["deviceMatch"]),
        ip_match=bool(answer["ipMatch"]),
        phone_match=bool(answer["phoneMatch"]),
        contact_overlap_percent=int(answer["contactOverlapPercent"]),
        same_device_applications=int(answer["sameDeviceApplications"]),
    )
