"""Filling in forms as a browser would, without one."""

import re
from html import unescape

from flask.testing import FlaskClient

from tests.factories import PASSWORD
from webapp.domain.organizations import name_key
from webapp.models.staff import Staff


def hidden(client: FlaskClient, path: str) -> dict[str, str]:
    """The hidden fields of the page at `path`, the forgery token among them."""
    page = client.get(path).get_data(as_text=True)
    tags = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    found = {}
    for tag in tags:
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        found[name[1]] = unescape(value[1]) if value else ""
    return found


def company_form(people: int = 1, **values) -> dict[str, str]:
    """The visible fields of the application form, filled in well."""
    form = {
        "organization_name": "Blue Wave Sensors",
        "organization_kind": "company",
        "country": "US",
        "website": "www.blue-wave.example.com",
        "coordinator_name": "Ana Coordinator",
        "coordinator_email": "ana@blue-wave.example.com",
        "coordinator_phone": "",
        "language": "en",
        "objectives": "",
        "authority": "y",
        "says_to_be": "none",  # as a browser with scripts sends it, where no known name is like it
    }
    for number in range(people):
        form |= {
            f"delegates-{number}-given_name": f"Given{number}",
            f"delegates-{number}-family_name": "Núñez",
            f"delegates-{number}-email": f"d{number}@blue-wave.example.com",
            f"delegates-{number}-phone": "",
            f"delegates-{number}-job_title": "",
            f"delegates-{number}-language": "fr",
        }
    form |= values
    return {"names_seen": name_key(form["organization_name"])} | form


def field_errors(page: str) -> dict[str, str]:
    """What the page says next to each field: the field's id, and the words."""
    found = re.findall(
        r'<p class="field__error" id="([^"]*)-error">.*?<span>(.*?)</span>', page, re.S
    )
    return {name: unescape(words) for name, words in found}


def sign_in(client: FlaskClient, staff: Staff) -> None:
    """Sign in by the form."""
    path = "/organizer/sign-in"
    sent = {"email": staff.email, "password": PASSWORD, **hidden(client, path)}
    answer = client.post(path, data=sent)
    assert answer.status_code == 302, answer.get_data(as_text=True)
