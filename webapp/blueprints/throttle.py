"""How often one address may try."""

from ipaddress import ip_address, ip_network

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from webapp.blueprints.fields import clean_line


def storage_uri(redis_url: str) -> str:
    """The address of the broker as the limiter writes it."""
    return "redis+" + redis_url if redis_url.startswith("unix:") else redis_url


def _reader() -> str:
    """Who asks, as far as an address tells: of IPv6 the network, since one house has them all."""
    address = ip_address(get_remote_address())
    if address.version == 4:
        return str(address)
    return str(ip_network((address, 64), strict=False))


def _account() -> str:
    return "account:" + str(clean_line(request.form.get("email", ""))).lower()[:254]


def _account_and_reader() -> str:
    return f"{_account()} {_reader()}"


class _Limiter(Limiter):
    def init_app(self, app: Flask) -> None:
        app.config.setdefault("RATELIMIT_STORAGE_URI", storage_uri(app.config["REDIS_URL"]))
        app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", {"socket_connect_timeout": 1})
        # With the broker away each process counts for itself, rather than letting nobody in.
        app.config.setdefault("RATELIMIT_IN_MEMORY_FALLBACK_ENABLED", True)
        app.config.setdefault("RATELIMIT_ENABLED", not app.testing)
        super().init_app(app)


limiter = _Limiter(_reader, headers_enabled=False)


def _failed(response: object) -> bool:
    return getattr(response, "status_code", 0) != 302


def sign_in_limits(view):  # type: ignore[no-untyped-def]
    """Failed tries: ten in a quarter of an hour from one reader for one account, thirty for all
    accounts, and a hundred an hour for one account from everywhere."""
    limits = (
        ("10 per 15 minutes", _account_and_reader),
        ("30 per 15 minutes", _reader),
        ("100 per hour", _account),
    )
    for limit, key in limits:
        view = limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=_failed)(view)
    return view


def registration_limits(view):  # type: ignore[no-untyped-def]
    """Sixty registrations an hour from one reader, since the form makes us write to strangers, and
    six hundred tries."""
    view = limiter.limit("600 per hour", methods=["POST"])(view)
    return limiter.limit(
        "60 per hour",
        methods=["POST"],
        deduct_when=lambda response: response.status_code == 303,
    )(view)
