"""The fraud scan: whether a device, address, phone or contacts are known from earlier frauds.

``POST /fraud/scans`` with ``{deviceId, ip, phone, contacts}`` (``contacts`` are phone numbers) answers 200
with ``{scanId, level, score, hits, deviceMatch, ipMatch, phoneMatch, contactOverlapPercent,
sameDeviceApplications}``. The level follows from the score: ``high-risk`` from 80, ``review`` from 40, else
``clear``. The score adds up: device on the blacklist 90, at least half of the contacts on it 80, any contact
30, phone on it 60, address in a blocked network 50; at most 99.

``sameDeviceApplications`` counts the different phones seen with a device in this run; it is a fact for the
lender's own rules and does not change the level.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
from collections import defaultdict
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify

from simulators.behaviour import Behaviour
from simulators.problems import RequestRefusedError, json_body, text_field

BLACKLISTED_DEVICES = frozenset({"device-stolen-001", "device-emulator-002", "device-farm-003"})
BLACKLISTED_PHONES = frozenset({"17000000001", "17000000002", "17000000003", "16500000001"})
BLOCKED_NETWORK = ipaddress.ip_network("203.0.113.0/24")

_HIGH_RISK_FROM = 80
_REVIEW_FROM = 40
_HIGHEST_SCORE = 99


@dataclass(frozen=True, slots=True)
class Application:
    """What a lender knows about the device and contacts of an applicant."""

    device_id: str
    ip: str
    phone: str
    contacts: tuple[str, ...]

    @property
    def contact_overlap_percent(self) -> int:
        """The share of the contacts that are blacklisted."""
        known = sum(contact in BLACKLISTED_PHONES for contact in self.contacts)
        return 100 * known // len(self.contacts) if self.contacts else 0


def fraud_blueprint(behaviour: Behaviour) -> Blueprint:
    """The resource ``/fraud/scans``."""
    blueprint = Blueprint("fraud", __name__)
    lock = threading.Lock()
    phones_by_device: dict[str, set[str]] = defaultdict(set)

    @blueprint.post("/fraud/scans")
    def scan() -> Response:
        application = _application(json_body())
        behaviour.meet("fraud", application.device_id)
        with lock:
            phones_by_device[application.device_id].add(application.phone)
            same_device = len(phones_by_device[application.device_id])
        return jsonify({**_scan(application), "sameDeviceApplications": same_device})

    return blueprint


def _application(body: dict[str, object]) -> Application:
    contacts = body.get("contacts", [])
    if not isinstance(contacts, list) or not all(isinstance(contact, str) for contact in contacts):
        raise RequestRefusedError(400, "INVALID_BODY", "contacts is a list of phone numbers.", field="contacts")
    ip = text_field(body, "ip")
    try:
        ipaddress.ip_address(ip)
    except ValueError:
        raise RequestRefusedError(400, "INVALID_BODY", f"{ip!r} is no IP address.", field="ip") from None
    return Application(text_field(body, "deviceId"), ip, text_field(body, "phone"), tuple(contacts))


def _scan(application: Application) -> dict[str, object]:
    overlap = application.contact_overlap_percent
    device = application.device_id in BLACKLISTED_DEVICES
    phone = application.phone in BLACKLISTED_PHONES
    address = ipaddress.ip_address(application.ip) in BLOCKED_NETWORK
    weights = {
        "DEVICE_BLACKLISTED": 90 if device else 0,
        "CONTACTS_BLACKLISTED": 80 if overlap >= 50 else 30 if overlap else 0,
        "PHONE_BLACKLISTED": 60 if phone else 0,
        "ADDRESS_BLOCKED": 50 if address else 0,
    }
    score = min(sum(weights.values()), _HIGHEST_SCORE)
    level = "high-risk" if score >= _HIGH_RISK_FROM else "review" if score >= _REVIEW_FROM else "clear"
    facts = f"{application.device_id}|{application.ip}|{application.phone}"
    return {
        "scanId": "FS-" + hashlib.sha256(facts.encode()).hexdigest()[:16],
        "level": level,
        "score": score,
        "hits": [rule for rule, weight in weights.items() if weight],
        "deviceMatch": device,
        "ipMatch": address,
        "phoneMatch": phone,
        "contactOverlapPercent": overlap,
    }
