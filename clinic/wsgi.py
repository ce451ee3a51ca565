import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from clinic.truncated_requests import refuse_truncated_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
application = refuse_truncated_bodies(get_wsgi_application())

# The code of all pages now, a second of work, and not when /health/live has said that people may come: on a busy
# machine whoever came first waited 16 s for it.
get_resolver().url_patterns  # noqa: B018 -- a property that reads them

from clinic.audit import seal_timer  # noqa: E402 -- reads models, which are there only now

seal_timer.start()
