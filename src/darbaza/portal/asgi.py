"""The portal as an ASGI application, for granian."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "darbaza.portal.settings")

application = get_asgi_application()

from darbaza import clock  # noqa: E402 - apps must be ready
from darbaza.portal.lessons import outages, timekeeping  # noqa: E402

timekeeping.begin()
outages.begin(clock.utc_now())
