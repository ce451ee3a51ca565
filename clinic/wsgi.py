import os

from django.core.wsgi import get_wsgi_application

from clinic.truncated_requests import refuse_truncated_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
application = refuse_truncated_bodies(get_wsgi_application())

from clinic.audit import seal_timer  # noqa: E402 -- reads models, which are there only now

seal_timer.start()
