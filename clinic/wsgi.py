import os

from django.core.wsgi import get_wsgi_application

from clinic.truncated_requests import refuse_truncated_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
application = refuse_truncated_bodies(get_wsgi_application())
