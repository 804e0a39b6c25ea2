"""Every error that careline raises on purpose. The docstring is the message.

`retryable` says whether doing the same again later can help; `public` whether the message may be shown
to somebody outside (it then holds no PHI and no secret, by construction: messages name places, not values).
"""

from typing import Literal


class CarelineError(Exception):
    """Something went wrong."""

    retryable = False
    public = False

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class BadSettings(CarelineError):
    """A setting is missing or unsafe."""

    public = True


class BadFlow(CarelineError):
    """A file under flows/ has a fault."""

    public = True


class BadImport(CarelineError):
    """The file can't be imported."""

    public = True


class BadPhoto(CarelineError):
    """The photo can't be taken.

    `fault` names the sentence for the person who sent it.
    """

    public = True

    def __init__(self, fault: Literal["fault_photo_kind", "fault_photo_size", "fault_photo_broken"]) -> None:
        super().__init__("The photo can't be taken.")
        self.fault = fault


class UnknownClinic(CarelineError):
    """No clinic has this number or id."""

    public = True


class NotFound(CarelineError):
    """There is no such record."""

    public = True


class NotAllowed(CarelineError):
    """Your role does not include this."""

    public = True


class DatabaseAway(CarelineError):
    """The database does not answer; nothing was kept."""

    retryable = True


class DealtWith(CarelineError):
    """Another worker has dealt with this happening."""


class VaultError(CarelineError):
    """A sealed value can't be opened: wrong key, wrong place, or altered bytes."""


class UnsealedValue(CarelineError):
    """A plain value was about to be written to a sealed column."""


class BadSignature(CarelineError):
    """The request does not carry a valid X-Twilio-Signature."""

    public = True


class AuditBroken(CarelineError):
    """The audit chain does not hold."""

    public = True


class CarrierRefused(CarelineError):
    """The carrier took the request and refused the message."""

    def __init__(self, code: int) -> None:
        super().__init__(f"The carrier refused the message with code {code}.")
        self.code = code


class CarrierBusy(CarelineError):
    """The carrier asked to slow down; nothing was sent."""

    retryable = True


class CarrierUnreachable(CarelineError):
    """The carrier could not be reached; nothing was sent."""

    retryable = True


class CarrierSilent(CarelineError):
    """The carrier's answer did not arrive: the message may or may not have been sent."""


class MailRefused(CarelineError):
    """The mail server refused the address or the message, and would again.

    `code` is its reply, 500 to 599; 553 also where the address can't be one.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"The mail server refused the address or the message with code {code}.")
        self.code = code


class MailUnreachable(CarelineError):
    """The mail server could not be reached or did not take the message; it may the next time.

    `code` is its reply, where there was one: 535 is a wrong password.
    """

    retryable = True

    def __init__(self, code: int | None = None) -> None:
        said = "" if code is None else f" (code {code})"
        super().__init__(f"The mail server could not be reached or did not take the message{said}.")
        self.code = code


class PushGone(CarelineError):
    """The browser's subscription is no longer good, or never was: forget it."""


class PushUnreachable(CarelineError):
    """The push service could not be reached or did not take the message; it may the next time.

    `code` is its HTTP status, where there was one: 403 is a VAPID_KEY other than the one subscribed with.
    """

    retryable = True

    def __init__(self, code: int | None = None) -> None:
        said = "" if code is None else f" (code {code})"
        super().__init__(f"The push service could not be reached or did not take the message{said}.")
        self.code = code


class EmptyText(CarelineError):
    """There is nothing to send yet."""

    public = True


class TextTooLong(CarelineError):
    """This is too long to send."""

    public = True


class HoldsPhi(CarelineError):
    """The text holds what must not stand in a text; write it as a secure message.

    `found` is what it was, by a name without PHI (`core/privacy`).
    """

    public = True

    def __init__(self, found: str) -> None:
        super().__init__("The text holds what must not stand in a text; write it as a secure message.")
        self.found = found


class PhoneOptedOut(CarelineError):
    """This phone has opted out and can't be texted; call instead."""

    public = True


class BadPin(CarelineError):
    """The PIN can't be taken."""

    public = True

    def __init__(self, fault: str) -> None:
        super().__init__()
        self.fault = fault


class BadPassword(CarelineError):
    """The password can't be taken.

    `fault`: 'short', 'long' or 'common'.
    """

    public = True

    def __init__(self, fault: str) -> None:
        super().__init__("The password can't be taken.")
        self.fault = fault


class SignInRefused(CarelineError):
    """The sign-in provider's answer is not as it must be."""


class SignInAway(CarelineError):
    """The sign-in provider could not be reached."""

    retryable = True


class NeedsASecondPerson(CarelineError):
    """Who wrote it can't approve it: somebody else has to look."""

    public = True


class ChangedMeanwhile(CarelineError):
    """Somebody has changed this meanwhile; nothing was done."""

    public = True


class TimeTaken(CarelineError):
    """The time was given to somebody else meanwhile; nothing was done."""

    public = True
