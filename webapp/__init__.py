"""Escale: delegation tours. `create_app` makes the application out of its parts."""

import zoneinfo
from pathlib import Path
from typing import TYPE_CHECKING

from config import Config

if TYPE_CHECKING:
    from flask import Flask

# The pinned tzdata package counts, not the machine's own files: the same octets and instants
# everywhere, and new laws come with an update that can be tested.
zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def create_app(config: Config | None = None) -> "Flask":
    """The application for `config`, or for the environment's settings. Raises ConfigError."""
    # First, so that a wrong setting is told before seconds of imports; and those are in here, so
    # that the launcher, which lies inside this package, does not pull in the whole product.
    config = config or Config.from_env()
    from flask import Flask
    from flask_migrate import Migrate
    from werkzeug.middleware.proxy_fix import ProxyFix

    import webapp.models  # noqa: F401  # maps every table
    from tasks import create_celery
    from webapp import blueprints, commands, i18n, logs
    from webapp.db import db

    app = Flask("webapp", template_folder="../templates")
    app.config.from_mapping(_settings(config))
    app.jinja_env.undefined = blueprints.STRICT
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    logs.init_app(app)
    db.init_app(app)
    Migrate(app, db, directory=str(MIGRATIONS), compare_type=True)
    i18n.init_app(app)
    create_celery(app, config)
    blueprints.init_app(app)
    commands.register(app)
    if not config.is_local:
        # A public address is https, and TLS ends at a proxy in front of us: one hop is believed.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    return app


def _settings(config: Config) -> dict[str, object]:
    return {
        "SECRET_KEY": config.secret_key,
        "TESTING": config.testing,
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,  # a failed INSERT must not log people's data
            "pool_pre_ping": True,
            "pool_size": 5,
            "max_overflow": 5,
            "pool_timeout": 5,
            "connect_args": {
                "connect_timeout": 3,
                "options": "-c timezone=UTC -c lock_timeout=5s -c statement_timeout=30s",
            },
        },
        "PUBLIC_URL": config.public_url,
        "REDIS_URL": config.redis_url,
        "MAIL_URL": config.mail_url,
        "MAIL_FROM": config.mail_from,
        "MAIL_BOUNCES": config.mail_bounces,
        "MAIL_REPLIES": config.mail_replies,
        "MAIL_INTAKE_URL": config.mail_intake_url,
        "MAIL_RATE": config.mail_rate,
        "MAIL_DOMAIN_RATE": config.mail_domain_rate,
        "DATA_DIR": config.data_dir,
        "EMBEDDED": config.embedded,
        "TRUSTED_HOSTS": list(config.trusted_hosts),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.is_https,
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a long form must not time out
        "MAX_CONTENT_LENGTH": 4 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "MAX_FORM_PARTS": 100_000,  # far above any form: a form counts its own rows and says so
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }
