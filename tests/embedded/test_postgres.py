import os
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from config import Config
from webapp.embedded import places
from webapp.embedded.postgres import start_database
from webapp.embedded.processes import ServiceError
from webapp.embedded.services import prepare_sockets, remove_outside


def ask(data_dir: Path, question: str) -> tuple[object, ...] | None:
    url = Config.from_env({"DATA_DIR": str(data_dir)}).database_url
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        return cursor.fetchone() if cursor.description else None


def test_data_survives_a_stop_and_a_kill(data_dir: Path):
    prepare_sockets(data_dir)
    child = start_database(data_dir)
    ask(data_dir, "CREATE TABLE kept AS SELECT 1 AS number")
    assert child.stop() == 0

    child = start_database(data_dir)
    ask(data_dir, "INSERT INTO kept VALUES (2)")
    child.process.kill()
    child.stop()
    # As after a restart of the machine: the id of the killed server is another process's by now.
    mark = places.database_home(data_dir) / "cluster" / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"], user=mark.stat().st_uid) as other:
        mark.write_text(mark.read_text().replace(str(child.process.pid), str(other.pid), 1))
        child = start_database(data_dir)
        other.kill()
    assert ask(data_dir, "SELECT sum(number) FROM kept") == (3,)
    assert child.stop() == 0


def test_the_database_is_private_utf8_utc_and_ours_without_more_rights(data_dir: Path):
    prepare_sockets(data_dir)
    half_made = places.database_home(data_dir) / "cluster.new"
    half_made.mkdir(parents=True)  # by a first start that was interrupted
    (half_made / "PG_VERSION").touch()
    child = start_database(data_dir)
    try:
        assert ask(
            data_dir,
            "SELECT current_user, rolsuper, rolcreatedb, current_setting('server_encoding'),"
            " current_setting('TimeZone'), current_setting('listen_addresses'),"
            " current_setting('fsync') FROM pg_roles WHERE rolname = current_user",
        ) == ("escale", False, False, "UTF8", "UTC", "", "on")
        sockets = places.database_socket_dir(data_dir)
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert not half_made.exists()
    finally:
        child.stop()


def test_a_database_of_another_major_version_is_said_so_in_one_line(data_dir: Path):
    cluster = places.database_home(data_dir) / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServiceError, match=r"was made by PostgreSQL 9, this is 1\d: ") as caught:
        start_database(data_dir)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's database may have to live elsewhere")
def test_root_with_a_closed_folder_gets_a_database_and_no_folder_is_opened(tmp_path: Path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    parents = [(folder, folder.stat()) for folder in (closed, *closed.parents)]
    data_dir = closed / "var"
    data_dir.mkdir()
    prepare_sockets(data_dir)
    child = start_database(data_dir, durable=False)
    try:
        assert ask(data_dir, "SELECT 1") == (1,)
        home = places.database_home(data_dir)
        assert (data_dir / "database.path").read_text() == f"{home}\n"
        for folder, before in parents:
            now = folder.stat()
            assert (now.st_mode, now.st_uid) == (before.st_mode, before.st_uid)
    finally:
        child.stop()
        remove_outside(data_dir)
    assert not home.exists()
