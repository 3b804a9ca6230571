import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Config, ConfigError
from webapp.embedded import places

RANDOM = "f3a9c1d47be2085613"
GOOD = {
    "DATABASE_URL": "postgresql://u:pw-database@db.example/escale",
    "REDIS_URL": "redis://:pw-broker@broker.example:6379/1",
    "MAIL_URL": "smtp://u:pw-mail@mail.example:587?starttls=1",
    "MAIL_FROM": "Tours <tours@chamber.example>",
    "PUBLIC_URL": "https://tours.chamber.example",
    "SECRET_KEY": RANDOM * 2,
}


def faults(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        Config.from_env(environ)
    return caught.value.faults


def fault_of(tmp_path: Path, **changes: str) -> str:
    """The one fault of settings that are good but for these."""
    (only,) = faults({**GOOD, "DATA_DIR": str(tmp_path), **changes})
    return only


def test_without_settings_everything_is_embedded_and_local(tmp_path: Path):
    config = Config.from_env({"DATA_DIR": str(tmp_path)})
    assert config.embedded == {"database", "broker", "mail"}
    assert config.public_url == "http://127.0.0.1:8000"
    assert config.trusted_hosts == ("127.0.0.1", "localhost")
    assert (config.is_local, config.is_https) == (True, False)
    assert config.redis_url == f"unix://{tmp_path}/run/valkey.sock"
    assert config.celery_broker_url == f"redis+socket://{tmp_path}/run/valkey.sock?virtual_host=0"


def test_outside_services_are_taken_as_given(tmp_path: Path):
    config = Config.from_env({**GOOD, "DATA_DIR": str(tmp_path)})
    assert config.embedded == frozenset()
    assert config.database_url == "postgresql+psycopg://u:pw-database@db.example/escale"
    assert config.celery_broker_url == config.redis_url == GOOD["REDIS_URL"]
    assert config.trusted_hosts == ("tours.chamber.example",)
    assert (config.is_local, config.is_https) == (False, True)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_name_of_postgresql_means_psycopg(tmp_path: Path, scheme: str):
    config = Config.from_env({"DATA_DIR": str(tmp_path), "DATABASE_URL": f"{scheme}://h/name"})
    assert config.database_url == "postgresql+psycopg://h/name"


def test_an_empty_setting_is_a_missing_one(tmp_path: Path):
    environ = dict.fromkeys(["DATABASE_URL", "MAIL_URL", "PORT", "SECRET_KEY", "PUBLIC_URL"], " ")
    assert Config.from_env({**environ, "DATA_DIR": str(tmp_path)}).port == 8000


def test_all_faults_are_told_at_once(tmp_path: Path):
    (tmp_path / "file").touch()
    told = faults(
        {
            "DATABASE_URL": "mysql://u:hunter2@h/name",
            "REDIS_URL": "amqp://u:hunter2@h",
            "MAIL_URL": "smtp://u:hunter2@h:99999",
            "MAIL_FROM": "nobody",
            "PUBLIC_URL": "http://u:hunter2@tours.example/path",
            "SECRET_KEY": "hunter2",
            "DATA_DIR": str(tmp_path / "file" / "below"),
            "TRUSTED_HOSTS": "tours.example:80",
            "PORT": "99999",
        }
    )
    assert [line.partition(":")[0] for line in told] == [
        "DATA_DIR",
        "PORT",
        "PUBLIC_URL",
        "PUBLIC_URL",
        "SECRET_KEY",
        "DATABASE_URL",
        "REDIS_URL",
        "MAIL_URL",
        "MAIL_FROM",
        "TRUSTED_HOSTS",
    ]
    assert not [line for line in told if "hunter2" in line or "\n" in line]


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("DATABASE_URL", "sqlite:///x.db", "only PostgreSQL"),
        ("DATABASE_URL", "postgresql+psycopg2://h/x", "only PostgreSQL"),
        ("DATABASE_URL", "postgresql://h:70000/x", "only PostgreSQL"),
        ("DATABASE_URL", "postgresql://host", "names no database"),
        ("REDIS_URL", "http://h", "redis://"),
        ("REDIS_URL", "unix://", "redis://"),
        ("MAIL_URL", "mail.example:25", "mail server"),
        ("MAIL_URL", "smtp://h:0", "mail server"),
        ("MAIL_URL", "smtp://", "names no mail server"),
        ("MAIL_URL", "smtp://h?tls=1", "starttls"),
        ("MAIL_FROM", "Tours <tours>", "mail address"),
        ("MAIL_FROM", "Tours <a@b.example>\nBcc: c@d.example", "mail address"),
        ("MAIL_BOUNCES", "Bounces <b@c.example>", "plain mail address"),
        ("MAIL_BOUNCES", "b+c@d.example", "plain mail address"),
        ("MAIL_REPLIES", "b+c@chamber.example", "plain mail address"),
        ("MAIL_REPLIES", "replies@other.example", "domain of MAIL_FROM"),
        ("MAIL_INTAKE_URL", "imaps://mail.example/INBOX", "mailbox"),
        ("MAIL_INTAKE_URL", "imap://u:pw-box@mail.example/INBOX", "starttls=1"),
        ("MAIL_INTAKE_URL", "pop3://u:pw-box@mail.example", "mailbox"),
        ("PUBLIC_URL", "tours.chamber.example", "not a web address"),
        ("PUBLIC_URL", "https://tours.chamber.example/app", "no path"),
        ("PUBLIC_URL", "https://tours.chamber.example?x", "no path"),
        ("PUBLIC_URL", "http://tours.chamber.example", "https"),  # icalendar.md N9, H20
        ("SECRET_KEY", "", "must be set"),
        ("SECRET_KEY", RANDOM[:16], "32 random characters"),
        ("SECRET_KEY", "a" * 64, "32 random characters"),
        ("SECRET_KEY", "change-me-" + RANDOM * 2, "placeholder"),
        ("TRUSTED_HOSTS", "a b", "host names"),
        ("TRUSTED_HOSTS", ",", "host names"),
        ("PORT", "0", "1 to 32767"),
        ("PORT", "32768", "1 to 32767"),
        ("PORT", "eighty", "1 to 32767"),
    ],
)
def test_one_wrong_setting_is_one_fault(tmp_path: Path, setting: str, value: str, words: str):
    told = fault_of(tmp_path, **{setting: value})
    assert told.startswith(f"{setting}: ")
    assert words in told


def test_answers_to_invitations_come_to_an_address_of_the_senders_domain(tmp_path: Path):
    for address in ("replies@chamber.example", "replies@tours.Chamber.example"):
        config = Config.from_env({**GOOD, "MAIL_REPLIES": address, "DATA_DIR": str(tmp_path)})
        assert config.mail_replies == address


def test_reports_of_letters_come_to_an_address_and_are_read_from_a_mailbox(tmp_path: Path):
    given = {
        "MAIL_BOUNCES": "bounces@chamber.example",
        "MAIL_INTAKE_URL": "imaps://bounces:pw-box@mail.chamber.example:993/INBOX",
    }
    config = Config.from_env({**GOOD, **given, "DATA_DIR": str(tmp_path)})

    assert config.mail_bounces == given["MAIL_BOUNCES"]
    assert config.mail_intake_url == given["MAIL_INTAKE_URL"]
    assert "pw-box" not in repr(config)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "fast", "1000000"])
def test_a_rate_is_a_whole_number_of_letters(tmp_path: Path, value: str):
    assert fault_of(tmp_path, MAIL_RATE=value).startswith("MAIL_RATE: not a number of letters")


@pytest.mark.parametrize(
    "value",
    ["gmail.com", "gmail.com=0", "gmail=60", "=60", "a.fr=1;b.fr=2", "a.fr=1,A.fr=2", "**=1"],
)
def test_rates_of_domains_are_numbers_beside_domains(tmp_path: Path, value: str):
    told = fault_of(tmp_path, MAIL_DOMAIN_RATE=value)
    assert told.startswith("MAIL_DOMAIN_RATE: write domains, each once")
    assert "gmail.com=60,orange.fr=30,*=600" in told


def test_rates_are_read_and_there_need_be_none(tmp_path: Path):
    rates = {"MAIL_RATE": "3000", "MAIL_DOMAIN_RATE": "Gmail.com=60, orange.fr=30,*=600,"}
    config = Config.from_env({**GOOD, **rates, "DATA_DIR": str(tmp_path)})
    assert config.mail_rate == 3000
    assert config.mail_domain_rate == {"gmail.com": 60, "orange.fr": 30, "*": 600}

    config = Config.from_env({**GOOD, "DATA_DIR": str(tmp_path)})
    assert (config.mail_rate, config.mail_domain_rate) == (None, {})


def test_outside_mail_needs_a_sender_of_its_own(tmp_path: Path):
    assert fault_of(tmp_path, MAIL_FROM="").startswith("MAIL_FROM: must be set")


def test_secrets_are_in_no_repr(tmp_path: Path):
    shown = repr(Config.from_env({**GOOD, "DATA_DIR": str(tmp_path)}))
    assert not [secret for secret in ("pw-", RANDOM) if secret in shown]


def test_a_local_copy_makes_its_secret_once(tmp_path: Path):
    first = Config.from_env({"DATA_DIR": str(tmp_path)}).secret_key
    assert len(first) == 64
    assert Config.from_env({"DATA_DIR": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_secret_cut_short_is_a_fault_and_is_not_shown(tmp_path: Path):
    (tmp_path / "secret_key").write_text("hunter2")
    (told,) = faults({"DATA_DIR": str(tmp_path)})
    assert "cut short" in told
    assert "hunter2" not in told


def test_a_deep_data_dir_gets_short_sockets_the_same_each_time(tmp_path: Path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    first, second = (Config.from_env({"DATA_DIR": str(deep)}) for _ in range(2))
    assert first.redis_url == second.redis_url
    assert not first.redis_url.startswith(f"unix://{deep}")
    for folder in (places.socket_dir(deep), places.database_socket_dir(deep)):
        assert len(str(folder / places.DATABASE_SOCKET)) <= 107


@pytest.fixture
def short_folder(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A deep DATA_DIR, and the folder its sockets are put into."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    folder = places.socket_dir(deep)
    yield deep, folder
    folder.rmdir()


def test_a_short_socket_folder_open_to_others_is_not_believed(short_folder: tuple[Path, Path]):
    deep, folder = short_folder
    folder.mkdir(mode=0o755)
    (told,) = faults({"DATA_DIR": str(deep)})
    assert "not a private folder" in told


def test_a_command_finds_the_running_copy_and_no_dead_one(tmp_path: Path):
    environ = {"DATA_DIR": str(tmp_path)}
    Config.from_env(environ)
    file = places.instance_file(tmp_path)
    file.parent.mkdir()
    about = {
        "pid": str(os.getpid()),
        "born": places.process_birth(os.getpid()),
        "port": "8042",
        "url": "http://127.0.0.1:8042",
    }
    file.write_text(json.dumps(about))
    found = Config.from_env(environ)
    assert (found.port, found.public_url) == (8042, "http://127.0.0.1:8042")
    file.write_text(json.dumps({**about, "born": "1"}))
    assert Config.from_env(environ).port == 8000


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's database may have to live elsewhere")
def test_roots_database_leaves_a_data_dir_that_is_closed_to_others(tmp_path: Path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "var").mkdir()
    assert places.database_home(closed / "var").parent == places.SYSTEM_HOME
    (closed / "var" / "database").mkdir()
    assert places.database_home(closed / "var") == closed / "var" / "database"
