"""The settings of Escale: read once from the environment, checked together, then frozen.

`Config.from_env()` is the only place in the product that reads the environment. A setting that is
missing is served by the embedded default (a PostgreSQL, a Valkey and an inbox of our own under
DATA_DIR); one that is wrong or unsafe is a fault, and all faults are told at once, one line each,
never with a secret in it.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

import click

DEFAULT_PORT = 8000
HIGHEST_PORT = 32767  # Linux hands the ports above out to outgoing connections
SECRET_LENGTH = 32
DEFAULT_MAIL_FROM = "Escale <tours@escale.example>"
CHECKOUT = Path(__file__).resolve().parent
PLACEHOLDER = re.compile(
    r"(?i)change.?me|replace.?me|your.?secret|secret.?key|insert|example|password|xxxx|0123456789"
)
HOST = re.compile(r"(?i)\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[?[0-9a-f:.]*:[0-9a-f:.]*\]?")
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,30}@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")
DOMAIN = re.compile(r"\*|[a-z0-9-]+(\.[a-z0-9-]+)+")
RATE = re.compile(r"[1-9][0-9]{0,5}")
DATABASE_FORM = "write it as postgresql://user:password@host:5432/name"
MAIL_FORM = "write it as smtp://user:password@host:587?starttls=1 or smtps://user:password@host:465"
INTAKE_FORM = "write it as imaps://user:password@host:993/INBOX or imap://...?starttls=1"
RANDOM_FORM = "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"


class ConfigError(click.ClickException):
    """Faults in the settings, one line each. A command ends with exit code 2 and no traceback."""

    exit_code = 2

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the product wants to know about where it runs. Secrets stay out of its repr."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    mail_url: str = field(repr=False)
    mail_from: str
    mail_bounces: str
    mail_replies: str
    mail_intake_url: str = field(repr=False)
    mail_rate: int | None
    mail_domain_rate: dict[str, int]
    public_url: str
    secret_key: str = field(repr=False)
    data_dir: Path
    trusted_hosts: tuple[str, ...]
    port: int
    embedded: frozenset[str]
    testing: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Config":
        """Read and check all settings; make DATA_DIR and its secret where they are missing.

        Raises ConfigError with ALL faults.
        """
        # Imported late: it lies inside webapp, which imports this module.
        from webapp.embedded import places

        faults: list[str] = []
        given = {name: value.strip() for name, value in environ.items() if value.strip()}
        names = {"database": "DATABASE_URL", "broker": "REDIS_URL", "mail": "MAIL_URL"}
        embedded = frozenset(part for part, setting in names.items() if setting not in given)
        data_dir = places.data_dir(CHECKOUT / given.get("DATA_DIR", "var"), faults)
        if embedded:
            places.check_sockets(data_dir, faults)
        running = places.running_instance(data_dir)
        port = _port(given.get("PORT") or running.get("port"), faults)
        served = running.get("url") or f"http://127.0.0.1:{port}"
        public_url = _public_url(given.get("PUBLIC_URL") or served, faults)
        sockets = places.database_socket_dir(data_dir)
        defaults = {
            "DATABASE_URL": f"postgresql://escale@/escale?port=5432&host={sockets}",
            "REDIS_URL": f"unix://{places.broker_socket(data_dir)}",
            "MAIL_URL": f"smtp+unix://{places.inbox_socket(data_dir)}",
        }
        urls = {**defaults, **given}
        _secret_fits(given.get("SECRET_KEY"), public_url, faults)
        config = cls(
            database_url=_database_url(urls["DATABASE_URL"], faults),
            redis_url=_redis_url(urls["REDIS_URL"], faults),
            mail_url=_mail_url(urls["MAIL_URL"], faults),
            mail_from=_mail_from(given.get("MAIL_FROM"), "mail" in embedded, faults),
            mail_bounces=_mail_bounces(given.get("MAIL_BOUNCES", ""), faults),
            mail_replies=_mail_replies(given, faults),
            mail_intake_url=_mail_intake_url(given.get("MAIL_INTAKE_URL", ""), faults),
            mail_rate=_mail_rate(given.get("MAIL_RATE"), faults),
            mail_domain_rate=_mail_domain_rate(given.get("MAIL_DOMAIN_RATE", ""), faults),
            public_url=public_url,
            secret_key=given.get("SECRET_KEY")
            or ("" if faults else places.own_secret(data_dir, faults)),
            data_dir=data_dir,
            trusted_hosts=_trusted_hosts(given.get("TRUSTED_HOSTS"), public_url, faults),
            port=port,
            embedded=embedded,
        )
        if faults:
            raise ConfigError(faults)
        return config

    @property
    def celery_broker_url(self) -> str:
        """`redis_url` as Celery writes it: a Unix socket is redis+socket:///path?virtual_host=0."""
        url = urlsplit(self.redis_url)
        if url.scheme != "unix":
            return self.redis_url
        number = parse_qs(url.query).get("db", ["0"])[0]
        return f"redis+socket://{url.path}?virtual_host={number}"

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the pages (PUBLIC_URL names a loopback host)."""
        return _is_loopback(urlsplit(self.public_url).hostname or "")

    @property
    def is_https(self) -> bool:
        """Whether readers come over TLS, so that cookies may be marked Secure."""
        return self.public_url.startswith("https://")


# One function a setting: the value, or a fault and something harmless to go on with.


def _split(text: str) -> SplitResult | None:
    """The parts of an address whose host and port can be read, else None."""
    try:
        url = urlsplit(text)
        _ = url.port, url.hostname
    except ValueError:
        return None
    return None if url.port == 0 or any(ord(sign) <= 32 for sign in text) else url


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _port(text: str | None, faults: list[str]) -> int:
    if text is None:
        return DEFAULT_PORT
    if re.fullmatch(r"[0-9]{1,5}", text) and 1 <= int(text) <= HIGHEST_PORT:
        return int(text)
    faults.append(f"PORT: not a whole number from 1 to {HIGHEST_PORT}; {DEFAULT_PORT} is usual.")
    return DEFAULT_PORT


def _public_url(text: str, faults: list[str]) -> str:
    url = _split(text)
    if url is None or url.scheme not in {"http", "https"} or not url.hostname:
        faults.append("PUBLIC_URL: not a web address; write it as https://tours.example.org")
        return f"http://127.0.0.1:{DEFAULT_PORT}"
    if url.path not in {"", "/"} or "?" in text or "#" in text or "@" in url.netloc:
        faults.append(
            "PUBLIC_URL: write only scheme, host and port; no path, query or credentials."
        )
    if url.scheme == "http" and not _is_loopback(url.hostname):
        faults.append("PUBLIC_URL: a public address must be https; calendars and sign-in need it.")
    return f"{url.scheme}://{url.netloc.rpartition('@')[2].lower()}"


def _database_url(text: str, faults: list[str]) -> str:
    url = _split(text)
    if url is None or url.scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        faults.append(f"DATABASE_URL: only PostgreSQL is supported; {DATABASE_FORM}")
    elif not url.path.strip("/"):
        faults.append(f"DATABASE_URL: it names no database; {DATABASE_FORM}")
    return f"postgresql+psycopg://{text.partition('://')[2]}"


def _redis_url(text: str, faults: list[str]) -> str:
    url = _split(text)
    target = url and {"redis": url.hostname, "rediss": url.hostname, "unix": url.path}.get(
        url.scheme
    )
    if not target:
        faults.append(
            "REDIS_URL: write it as redis://host:6379/0, rediss://... or unix:///path/socket"
        )
    return text


def _mail_url(text: str, faults: list[str]) -> str:
    url = _split(text)
    if url is None or url.scheme not in {"smtp", "smtps", "smtp+unix"}:
        faults.append(f"MAIL_URL: not the address of a mail server; {MAIL_FORM}")
    elif not (url.path if url.scheme == "smtp+unix" else url.hostname):
        faults.append(f"MAIL_URL: it names no mail server; {MAIL_FORM}")
    elif url.query not in {"", "starttls=0", "starttls=1"}:
        faults.append("MAIL_URL: the only option is ?starttls=1 (or 0).")
    return text


def _mail_from(text: str | None, embedded_inbox: bool, faults: list[str]) -> str:
    if text is None:
        if not embedded_inbox:
            faults.append("MAIL_FROM: must be set with MAIL_URL; write Tours <tours@example.org>")
        return DEFAULT_MAIL_FROM
    _, address = parseaddr(text)
    named = re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+", address)
    if not named or not text.isprintable() or not address.isascii():
        faults.append("MAIL_FROM: not a mail address; write it as Tours <tours@example.org>")
    return text


def _mail_bounces(text: str, faults: list[str]) -> str:
    """Where reports of letters that came back go: a plain address, so that a plus sign fits in."""
    if text and not PLAIN_ADDRESS.fullmatch(text):
        faults.append("MAIL_BOUNCES: not a plain mail address; write it as bounces@example.org")
    return text


def _mail_replies(given: Mapping[str, str], faults: list[str]) -> str:
    """Where invitations come from and are answered: a plain address of MAIL_FROM's domain."""
    text, known = given.get("MAIL_REPLIES", ""), given.get("MAIL_FROM", DEFAULT_MAIL_FROM)
    signed = parseaddr(known)[1].rpartition("@")[2].lower()
    if text and not PLAIN_ADDRESS.fullmatch(text):
        faults.append("MAIL_REPLIES: not a plain mail address; write it as replies@example.org")
    elif text and not re.search(rf"[@.]{re.escape(signed)}$", text.lower()):
        faults.append("MAIL_REPLIES: not of the domain of MAIL_FROM, for which letters are signed.")
    return text


def _mail_intake_url(text: str, faults: list[str]) -> str:
    """The mailbox that reports are read from."""
    url = _split(text) if text else None
    if text and (
        url is None
        or url.scheme not in {"imaps", "imap"}
        or not (url.hostname and url.username and url.password)
        or url.query not in {"", "starttls=1"}
        or (url.scheme == "imap" and url.query != "starttls=1" and not _is_loopback(url.hostname))
    ):
        faults.append(f"MAIL_INTAKE_URL: not the address of a mailbox; {INTAKE_FORM}")
    return text


def _mail_rate(text: str | None, faults: list[str]) -> int | None:
    """Letters a minute through the mail server, or None for as fast as it takes them."""
    if text is None or RATE.fullmatch(text):
        return int(text) if text else None
    faults.append("MAIL_RATE: not a number of letters a minute, from 1 to 999999.")
    return None


def _mail_domain_rate(text: str, faults: list[str]) -> dict[str, int]:
    """Letters a minute to the readers of each of some domains; "*" stands for every other one."""
    rates = {}
    for part in filter(None, (each.strip().lower() for each in text.split(","))):
        domain, _, rate = part.partition("=")
        if not DOMAIN.fullmatch(domain) or not RATE.fullmatch(rate) or domain in rates:
            faults.append(
                "MAIL_DOMAIN_RATE: write domains, each once, with letters a minute from 1 to"
                " 999999: gmail.com=60,orange.fr=30,*=600"
            )
            break
        rates[domain] = int(rate)
    return rates


def _secret_fits(text: str | None, public_url: str, faults: list[str]) -> None:
    if _is_loopback(urlsplit(public_url).hostname or ""):
        return
    if text is None:
        faults.append(f"SECRET_KEY: must be set when PUBLIC_URL is a public address; {RANDOM_FORM}")
    elif len(text) < SECRET_LENGTH or len(set(text)) < 8:
        faults.append(f"SECRET_KEY: needs {SECRET_LENGTH} random characters or more; {RANDOM_FORM}")
    elif PLACEHOLDER.search(text):
        faults.append(f"SECRET_KEY: this is a placeholder, not a secret; {RANDOM_FORM}")


def _trusted_hosts(text: str | None, public_url: str, faults: list[str]) -> tuple[str, ...]:
    host = urlsplit(public_url).hostname or ""
    if text is None:
        local = ("127.0.0.1", "localhost") if _is_loopback(host) else ()
        return tuple(dict.fromkeys((host, *local)))
    hosts = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    if not hosts or not all(HOST.fullmatch(name) for name in hosts):
        faults.append("TRUSTED_HOSTS: write host names without ports: tours.example.org,localhost")
    return hosts
