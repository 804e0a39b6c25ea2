"""Settings: one frozen object, read from the environment and `.env`; unsafe values refuse the start.

`bot settings` prints this table; a test keeps the README's copy equal to it.
"""

import base64
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import BadSettings

HOME = Path(__file__).resolve().parent.parent
DEMO_FILE = "demo.env"
"""In DATA_DIR: the demo's own keys and addresses, so that every command finds the demo that runs there."""
SHORTEST_SECRET = 32  # characters
MASTER_KEY_BYTES = 32  # AES-256


class Settings(BaseSettings):
    """What can be configured. Each field's description is its documentation."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    database_url: str = Field(
        "",
        description="PostgreSQL: postgresql://user:password@host/careline. Unset: embedded, under DATA_DIR.",
    )
    redis_url: str = Field(
        "", description="Redis or Valkey, e.g. redis://host:6379/0. Unset: an embedded server under DATA_DIR."
    )
    public_url: str = Field(
        "http://localhost:8000",
        description="What Twilio and patients reach; webhook signatures are checked against it.",
    )
    link_url: str = Field("", description="Host of the secure pages. Unset: PUBLIC_URL.")
    secret_keys: str = Field(
        "",
        description="Signing keys, each at least 32 characters, comma-separated, oldest first; the last one signs.",
    )
    master_keys: str = Field(
        "", description="Key-encryption keys, each 32 bytes in base64, comma-separated, newest first."
    )
    port: int = Field(8000, ge=1, le=65535, description="Port of `bot web`.")
    data_dir: Path = Field(Path("var"), description="Where embedded servers and the demo's keys live.")
    flows_dir: Path = Field(HOME / "flows", description="The clinic's flows, policies and wording.")
    twilio_account_sid: str = Field("", description="Twilio account, AC…")
    twilio_auth_token: str = Field(
        "", description="Twilio's auth token; to rotate, the new and the old one, comma-separated."
    )
    twilio_messaging_service_sid: str = Field(
        "", description="Messaging Service to send through, MG…. Unset: each clinic's own number."
    )
    twilio_api_base: str = Field(
        "https://api.twilio.com", description="Twilio's REST API; set it to reach a stand-in."
    )
    smtp_url: str = Field(
        "",
        description="Mail server for pages and for the operator: smtp://user:password@host:587, or smtps://…:465. "
        "Unset: no e-mail is sent.",
    )
    mail_from: str = Field("", description="Sender of that e-mail, an address. Needed with SMTP_URL.")
    vapid_key: str = Field(
        "",
        description="Key that signs web push: a P-256 private key, 32 bytes in base64url. Unset: no web push.",
    )
    operator_email: str = Field(
        "", description="Who is told by e-mail when clock, workers or carrier stop. Needs SMTP_URL."
    )
    operator_webhook: str = Field(
        "", description="Where the same is posted as JSON: an https:// address of a pager or a chat."
    )
    heartbeat_url: str = Field(
        "",
        description="Called every minute while all is well; a dead-man's switch elsewhere alarms when calls stop.",
    )
    oidc_issuer: str = Field(
        "",
        description="Sign-in provider of the clinic (OpenID Connect): its issuer, https://…. Unset: there is none.",
    )
    oidc_client_id: str = Field("", description="Who careline is to that provider. Needed with OIDC_ISSUER.")
    oidc_client_secret: str = Field(
        "", description="The secret that the provider gave for it. Needed with OIDC_ISSUER."
    )
    oidc_mfa: bool = Field(
        default=False,
        description="It asks everybody for a second factor. False: careline does, unless `amr` or `acr` says it did.",
    )
    web_processes: int = Field(2, ge=1, le=64, description="gunicorn processes of `bot web`.")
    proxies: int = Field(
        0,
        ge=0,
        le=5,
        description="Reverse proxies in front of `bot web`: callers are told apart by X-Forwarded-For, so far back.",
    )
    metrics_token: str = Field(
        "", description="Bearer token that opens /metrics. Unset: /metrics answers this machine only."
    )
    demo: bool = Field(
        default=False,
        description="Serve the demo's phone simulator. Only `bot demo` sets it; never where real patients are.",
    )

    @field_validator("database_url")
    @classmethod
    def _one_dialect(cls, url: str) -> str:
        if url and not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, url: str) -> str:
        if url and (urlsplit(url).scheme not in ("smtp", "smtps") or not urlsplit(url).hostname):
            raise ValueError("must be smtp://host:587 or smtps://host:465")
        return url

    @field_validator("operator_webhook", "heartbeat_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise ValueError("must be https://host/…")
        return url

    @field_validator("oidc_issuer")
    @classmethod
    def _safe_issuer(cls, url: str) -> str:
        parts = urlsplit(url)
        here = parts.hostname in ("localhost", "127.0.0.1")
        if url and (not parts.hostname or parts.scheme not in ("https", *(("http",) if here else ()))):
            raise ValueError("must be https://host/…")
        return url

    @field_validator("public_url", "link_url")
    @classmethod
    def _plain_origin(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username):
            raise ValueError("must be http(s)://host without user name")
        return url.rstrip("/")

    @field_validator("link_url")
    @classmethod
    def _no_path(cls, url: str) -> str:
        if urlsplit(url).path:
            raise ValueError("must be a host without a path: pages stand at /s of it")
        return url

    @field_validator("secret_keys")
    @classmethod
    def _long_secrets(cls, keys: str) -> str:
        if any(len(key) < SHORTEST_SECRET for key in _split(keys)):
            raise ValueError(f"each key must have at least {SHORTEST_SECRET} characters")
        return keys

    @field_validator("master_keys")
    @classmethod
    def _whole_keys(cls, keys: str) -> str:
        for key in _split(keys):
            try:
                raw = base64.b64decode(key, validate=True)
            except ValueError as error:  # binascii.Error is one
                raise ValueError("each key must be base64") from error
            if len(raw) != MASTER_KEY_BYTES:
                raise ValueError(f"each key must be {MASTER_KEY_BYTES} bytes in base64")
        return keys

    @cached_property
    def masters(self) -> tuple[bytes, ...]:
        """Key-encryption keys, newest first."""
        return tuple(base64.b64decode(key) for key in _split(self.master_keys))

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Signing keys, oldest first."""
        return _split(self.secret_keys)

    @cached_property
    def auth_tokens(self) -> tuple[str, ...]:
        """Twilio's auth tokens, newest first: any of them verifies, the first one calls."""
        return _split(self.twilio_auth_token)

    @property
    def pages_url(self) -> str:
        """Origin of the secure pages, without a trailing slash."""
        return self.link_url or self.public_url

    @cached_property
    def pages_origin(self) -> str:
        """What a browser sends as Origin from the secure pages."""
        return _origin(self.pages_url)

    @cached_property
    def console_origin(self) -> str:
        """What a browser sends as Origin from the console."""
        return _origin(self.public_url)

    def require(self, *names: str) -> None:
        """Refuse to start without these; raises BadSettings naming every one that is missing."""
        missing = [name.upper() for name in names if not getattr(self, name)]
        if missing:
            raise BadSettings(
                f"{', '.join(missing)}: not set. `bot settings` explains each; `bot demo` makes its own."
            )


def load(**overrides: object) -> Settings:
    """Read the settings; raises BadSettings with one line that names each bad one and never its value.

    Later sources win: the demo's file in DATA_DIR, `.env`, the environment, `overrides`.
    """
    try:
        directory = Settings(**overrides).data_dir  # type: ignore[arg-type]
        return Settings(_env_file=(directory / DEMO_FILE, ".env"), **overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        faults = (
            f"{str(e['loc'][0]).upper()}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()
        )
        raise BadSettings("; ".join(faults)) from None


def _origin(url: str) -> str:
    """Scheme, host in lower case, and the port unless it is the usual one."""
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
