"""What gunicorn, Celery and the flask command load."""

from webapp import create_app

app = create_app()
celery = app.extensions["celery"]
