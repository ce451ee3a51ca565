import os

from django.core.wsgi import get_wsgi_application

from clinic.truncated_requests import whole_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
application = whole_bodies(get_wsgi_application())
