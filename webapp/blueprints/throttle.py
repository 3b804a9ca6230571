"""How often one address may try."""

from ipaddress import ip_address, ip_network

from flask import Flask, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from webapp import tokens
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


def _link() -> str:
    return "link:" + tokens.digest((request.view_args or {})["token"])


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
        app.before_request(_count_changes)


limiter = _Limiter(_reader, headers_enabled=False)


@limiter.shared_limit("240 per hour", scope="links", key_func=_link, methods=["POST"])
def _count_change() -> None:
    """Two hundred and forty changes an hour by one link of a company or a delegate: a link that
    went astray, or a program that runs wild, does not keep the tour locked."""


def _count_changes() -> None:
    rule = request.url_rule
    if rule is not None and rule.rule.startswith(
        ("/r/<token>", "/d/<token>", "/mail/stop/<token>")
    ):
        _count_change()


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


def letter_limits(view):  # type: ignore[no-untyped-def]
    """Twenty times an hour one reader may have a company's link mailed to its coordinator."""
    return limiter.limit(
        "20 per hour",
        methods=["POST"],
        deduct_when=lambda _response: bool(g.get("asked_for_letter")),
    )(view)


def link_limits(view):  # type: ignore[no-untyped-def]
    """Who lost a link may ask for it six times an hour, and one reader thirty times for all."""
    view = limiter.limit("6 per hour", key_func=_account, methods=["POST"])(view)
    return limiter.limit("30 per hour", methods=["POST"])(view)


def name_limits(view):  # type: ignore[no-untyped-def]
    """Names that are looked up while somebody types: as many as a house full of people needs, and
    too few to walk through all of them."""
    return limiter.limit("600 per hour")(view)


def upload_limits(view):  # type: ignore[no-untyped-def]
    """A hundred and twenty files an hour from one reader: a company of many people in one house
    sends theirs, and nobody fills the disk."""
    return limiter.limit("120 per hour", methods=["POST"])(view)


def export_limits(view):  # type: ignore[no-untyped-def]
    """Everything held about somebody, ten times an hour for one reader: it is work to put together,
    and nobody needs it more often."""
    return limiter.limit("10 per hour", methods=["POST"])(view)
