"""Signing in and out."""

import re

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import Length

from webapp.blueprints.fields import NotBlank, line
from webapp.blueprints.throttle import sign_in_limits
from webapp.db import transaction
from webapp.domain import staffs

bp = Blueprint("staff_public", __name__, url_prefix="/organizer")


class SignInForm(FlaskForm):
    """Address and password."""

    email = line(_l("Email"), most=254, render_kw={"type": "email", "autocomplete": "username"})
    password = PasswordField(
        _l("Password"),
        [NotBlank(), Length(max=1000)],
        render_kw={"autocomplete": "current-password"},
    )


@bp.route("/sign-in", methods=["GET", "POST"])
@sign_in_limits
def sign_in() -> str | Response | tuple[str, int]:
    """Sign in with a password, then go on to the page that was asked for."""
    form = SignInForm()
    if not form.is_submitted():
        if current_user.is_authenticated:
            return redirect(url_for("trips_organizer.home"))
        return render_template("staff/sign_in.html", form=form)
    if form.validate():
        staff = staffs.sign_in(form.email.data, form.password.data)
        if staff:
            session.clear()  # what was there before belongs to nobody who signed in
            login_user(staff)
            session.permanent = True
            return redirect(_next())
        # The same words for an unknown address and a wrong password.
        form.password.errors = [_("This address and password do not belong together.")]
    return render_template("staff/sign_in.html", form=form), 422


@bp.post("/sign-out")
def sign_out() -> Response:
    """Sign out, everywhere: nothing of the session is left, here or in a copy of the cookie."""
    if current_user.is_authenticated:
        with transaction():
            staffs.end_sessions(current_user)
    logout_user()
    session.clear()
    return redirect(url_for(".sign_in"))


def _next() -> str:
    """The page that was asked for, if it is one of ours for staff."""
    wanted = request.args.get("next", "")
    ours = re.fullmatch(r"/organizer/[\w/?=&-]*", wanted)
    return wanted if ours else url_for("trips_organizer.home")
