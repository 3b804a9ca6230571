"""How often one may try; signing in is in test_staff.py."""

from tests.blueprints.forms import hidden
from webapp import tokens


def test_one_link_makes_so_many_changes_an_hour_and_may_still_look(throttled):
    client = throttled.test_client()
    csrf = hidden(client, "/organizer/sign-in")
    token, other = tokens.new_token(), tokens.new_token()

    codes = {client.post(f"/r/{token}/cancel", data=csrf).status_code for _ in range(240)}
    last = client.post(f"/r/{token}/documents", data=csrf)

    assert codes == {404}
    assert last.status_code == 429
    assert "try again" in last.get_data(as_text=True).lower()
    assert client.post(f"/d/{token}/data", data=csrf).status_code == 429
    assert client.get(f"/r/{token}").status_code == 404
    assert client.post(f"/r/{other}/cancel", data=csrf).status_code == 404
