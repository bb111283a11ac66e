"""The readers' nouns."""

from .check_mail import CheckMail
from .digest import Delivery, Digest, DigestEvent
from .digest_link import DigestLink
from .doctor_run import DoctorRun
from .mail_event import MailEvent, Release, Stray
from .reader_import import ImportedFile, ReaderExport, ReaderImport, RefusedLine
from .subscriber import (
    Confirmation,
    Consent,
    Erasure,
    Subscriber,
    SubscriberQuerySet,
    Suppression,
    address_hash,
    canonical_address,
)
from .trial import Trial, TrialGroup

__all__ = [
    "CheckMail",
    "Confirmation",
    "Consent",
    "Delivery",
    "Digest",
    "DigestEvent",
    "DigestLink",
    "DoctorRun",
    "Erasure",
    "ImportedFile",
    "MailEvent",
    "ReaderExport",
    "ReaderImport",
    "RefusedLine",
    "Release",
    "Stray",
    "Subscriber",
    "SubscriberQuerySet",
    "Suppression",
    "Trial",
    "TrialGroup",
    "address_hash",
    "canonical_address",
]
