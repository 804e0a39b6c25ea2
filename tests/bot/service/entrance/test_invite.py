"""Links to staff: whom they are for, how long, how often; and what setting up and resetting by them changes."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from bot.errors import BadPassword, NotAllowed, NotFound
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service import enrol
from bot.service.desk import Desk
from bot.service.entrance import invite, second_factor, session, set_up, sign_in
from bot.service.entrance.set_up import Done
from bot.service.entrance.sign_in import Refused
from bot.service.entrance.tries import ASKED
from bot.signing import alert_token, link_token, read_staff, staff_token
from bot.store import logins
from bot.store.doorsteps import Stage
from bot.store.staff_links import Kind
from tests.bot.service.desks import desk
from tests.bot.service.entrants import (
    PASSWORD,
    VISITOR,
    Entrant,
    entrant,
    keys,
    opened,
    shown,
    trail,
    with_key,
)
from tests.bot.service.receivers import MailServer, Post

OTHER = "seven quiet blue doors"


@pytest.fixture
def maria(rt: Runtime, clinic: UUID) -> Entrant:
    """A nurse who can sign in."""
    return entrant(rt, clinic)


@pytest.fixture
def admin(rt: Runtime, clinic: UUID) -> Desk:
    """Who may manage staff."""
    return desk(rt, clinic, "admin", "alex")


def token(link: str) -> str:
    return link.partition("#")[2]


def test_an_invite_is_used_once_and_before_all_of_it_is_there_nobody_can_sign_in(
    rt: Runtime, clinic: UUID, admin: Desk
) -> None:
    new = enrol.add(rt, clinic, "joe@clinic.example", role="nurse")
    link = invite.invite(rt, admin, new.id)
    secret = opened(rt, link)
    assert set_up.confirm_app(rt, secret, "123456", VISITOR) is Refused.GONE  # no step can be left out
    with pytest.raises(BadPassword):
        set_up.choose_password(rt, secret, "joe@clinic.example")
    assert set_up.choose_password(rt, secret, PASSWORD) is Stage.FACTOR
    assert sign_in.with_password(rt, new.email, PASSWORD, VISITOR) is Refused.WRONG
    again = opened(rt, link)  # the browser was closed in between
    assert set_up.choose_password(rt, again, OTHER) is Stage.FACTOR
    at = set_up.standing(rt, again)
    assert at
    assert at.secret
    assert set_up.confirm_app(rt, again, "000 000", VISITOR) is Refused.WRONG
    done = set_up.confirm_app(rt, again, shown(rt, at.secret), VISITOR)
    assert isinstance(done, Done)
    assert len(done.codes) == 10
    assert session.seat(rt, done.session, by_hand=True)
    assert set_up.open_link(rt, token(link), VISITOR) is None
    assert set_up.standing(rt, secret) is None
    assert isinstance(sign_in.with_password(rt, new.email, OTHER, VISITOR), str)


@pytest.mark.parametrize(
    ("kind", "life"), [(Kind.INVITE, timedelta(days=3)), (Kind.RESET, timedelta(hours=1))]
)
def test_links_end(rt: Runtime, clinic: UUID, maria: Entrant, kind: Kind, life: timedelta) -> None:
    older = invite.by_operator(rt, clinic, maria.member.email, kind)
    link = invite.by_operator(rt, clinic, maria.member.email, kind)
    assert set_up.open_link(rt, token(older), VISITOR) is None  # the newer one takes its place
    rt.move_clock(life - timedelta(seconds=5))
    secret = opened(rt, link)
    rt.move_clock(timedelta(seconds=5))
    assert set_up.open_link(rt, token(link), VISITOR) is None
    assert set_up.choose_password(rt, secret, OTHER) is None  # nor is the one that was begun with any more


def test_a_token_of_another_kind_key_or_spelling_is_none(rt: Runtime, clinic: UUID, maria: Entrant) -> None:
    whole = token(invite.by_operator(rt, clinic, maria.member.email, Kind.INVITE))
    secrets = rt.settings.secrets
    claim = read_staff(secrets, "invite", whole)
    assert claim
    assert read_staff(secrets, "reset", whole) is None
    made = (claim.handle, claim.expires)
    others = (
        staff_token(secrets, "reset", *made),  # signed by us for the other purpose, for a row of this one
        staff_token(["x" * 32], "invite", *made),
        link_token(secrets, *made),
        alert_token(secrets, *made),
        whole[:-1],
        f"{whole}A",
        f"{whole}=",
        whole.swapcase(),
        "",
        "\udcff",
    )
    for other in others:
        assert set_up.open_link(rt, other, VISITOR) is None, other
    assert set_up.open_link(rt, whole, VISITOR)


def test_a_reset_changes_the_password_ends_what_was_open_and_keeps_the_second_factor(
    rt: Runtime, clinic: UUID, maria: Entrant, admin: Desk
) -> None:
    with_key(rt, maria.member)
    waiting = maria.first()
    secret = opened(rt, invite.reset(rt, admin, maria.member.id))
    assert set_up.choose_password(rt, secret, OTHER) is Stage.CODE
    assert session.seat(rt, maria.session, by_hand=True) is None
    assert session.seat(rt, secret, by_hand=True) is None  # the password is new, and still not enough
    with rt.begin() as db:
        login = logins.get(db, maria.member.id)
        assert login
        assert (login.totp, logins.codes_left(db, maria.member.id)) == (maria.app, 10)
    assert keys(rt, maria.member) == 1
    assert set_up.choose_password(rt, secret, PASSWORD) is None
    rt.move_clock(timedelta(seconds=30))
    assert isinstance(second_factor.with_code(rt, secret, maria.code(), VISITOR), str)
    assert sign_in.with_password(rt, maria.member.email, PASSWORD, VISITOR) is Refused.WRONG
    assert waiting


def test_another_invite_sets_up_everything_anew(
    rt: Runtime, clinic: UUID, maria: Entrant, admin: Desk
) -> None:
    with_key(rt, maria.member)
    secret = opened(rt, invite.invite(rt, admin, maria.member.id))
    assert maria.first()  # until it is done, the old one counts
    set_up.choose_password(rt, secret, OTHER)
    at = set_up.standing(rt, secret)
    assert at
    assert at.secret
    done = set_up.confirm_app(rt, secret, shown(rt, at.secret), VISITOR)
    assert isinstance(done, Done)
    assert keys(rt, maria.member) == 0
    assert session.seat(rt, maria.session, by_hand=True) is None
    assert not {*done.codes} & {*maria.codes}
    first = sign_in.with_password(rt, maria.member.email, OTHER, VISITOR)
    assert isinstance(first, str)
    assert second_factor.with_recovery(rt, first, maria.codes[0], VISITOR) is Refused.WRONG


def test_only_who_manages_staff_may_and_only_in_their_own_clinic(
    rt: Runtime, clinic: UUID, maria: Entrant, admin: Desk
) -> None:
    elsewhere = clinics.add(rt, name="Hillside Clinic", phone="+12025550200", zone="America/Chicago")
    stranger, nurse = desk(rt, elsewhere, "admin", "pat"), desk(rt, clinic, "nurse", "joe")
    for act in (invite.invite, invite.reset, invite.end_sessions):
        with pytest.raises(NotFound):
            act(rt, stranger, maria.member.id)
        with pytest.raises(NotAllowed):
            act(rt, nurse, maria.member.id)
    with pytest.raises(NotFound):
        invite.reset(rt, admin, nurse.member)  # has no login yet
    waiting = maria.first()
    assert invite.end_sessions(rt, admin, maria.member.id) == 1
    assert session.seat(rt, maria.session, by_hand=True) is None
    assert sign_in.ways(rt, waiting) is None
    assert ("session.ended_by_admin", f"staff:{maria.member.id}", "1 sessions") in trail(rt)


@pytest.fixture
def post(rt: Runtime) -> Iterator[Post]:
    """A mail server that this house has."""
    server = MailServer(made := Post())
    server.start()
    url = f"smtp://127.0.0.1:{server.port}"
    rt.__dict__["settings"] = rt.settings.model_copy(
        update={"smtp_url": url, "mail_from": "careline@clinic.example"}
    )
    yield made
    server.stop()


def test_who_forgot_their_password_gets_a_link_by_mail_and_nobody_else_does(
    rt: Runtime, clinic: UUID, maria: Entrant, post: Post
) -> None:
    enrol.add(rt, clinic, "new@clinic.example", role="nurse")
    for email in ("nobody@clinic.example", "new@clinic.example", maria.member.email.upper(), "", "\0"):
        invite.forgotten(rt, email, VISITOR)
    assert not post.taken  # not within the request, whose time would tell
    post.answers["DATA"] = "451 later"
    invite.mail_links(rt)
    del post.answers["DATA"]
    invite.mail_links(rt)
    invite.mail_links(rt)
    (mail,) = post.taken
    assert mail["To"] == maria.member.email
    link = next(line for line in mail.get_content().splitlines() if line.startswith("http"))
    assert set_up.choose_password(rt, opened(rt, link), OTHER) is Stage.CODE
    for _ in range(ASKED.most + 3):  # nor can anybody fill her mailbox
        invite.forgotten(rt, maria.member.email, VISITOR)
        invite.mail_links(rt)
    assert len(post.taken) == ASKED.most
    assert [line[0] for line in trail(rt)].count("login.reset_asked") == 5 + ASKED.most + 3
