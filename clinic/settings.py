"""Settings, all from the environment; docs/operations.md lists every variable.

ANAGEN_MODE is production unless it says development or test, so that a forgotten variable is the safe one.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from clinic import environment
from clinic.database.url import django_settings

BASE_DIR = Path(__file__).resolve().parent.parent
# Templates and static files lie beside this package in a checkout, and inside it where it was installed.
PACKAGED = Path(__file__).resolve().parent / "share"
SHARE_DIR = PACKAGED if PACKAGED.is_dir() else BASE_DIR
# Whatever Anagen writes (database, photos, derivatives) is for its own user of the server to read, and for no other.
os.umask(0o077)
MODE = environment.text("ANAGEN_MODE", "production")
if MODE not in {"production", "development", "test"}:
    raise ImproperlyConfigured(f"ANAGEN_MODE must be production, development or test, not {MODE!r}.")
PRODUCTION = MODE == "production"
DEBUG = MODE == "development"

SECRET_KEY = environment.text("SECRET_KEY")
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured(
        "In production set SECRET_KEY to at least 50 random characters, for example from: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(60))'"
    )
SECRET_KEY = SECRET_KEY or "only-for-development-and-tests-on-this-machine"
# The first makes the seals of the audit trail; with the others, and SECRET_KEY, older ones are still understood.
AUDIT_KEYS = environment.names("AUDIT_KEY")
if any(len(key) < 50 for key in AUDIT_KEYS):
    raise ImproperlyConfigured(
        "AUDIT_KEY must have at least 50 random characters, for example from: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(60))'"
    )
# So long after an event a server seals the trail by itself; 0 for never.
AUDIT_SEAL_SECONDS = 60
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1]")
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "In production set ALLOWED_HOSTS to the clinic's host name, for example records.example.org."
    )
CSRF_TRUSTED_ORIGINS = environment.names("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "allauth",
    "allauth.account",  # the two below ask for it; none of its pages has an address
    "allauth.mfa",
    "allauth.usersessions",
    "clinic",
    "treatments",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clinic.monitoring.request_log.LogRequests",
    "clinic.security.security_headers",
    "clinic.operations.views.answer_health",
    "clinic.monitoring.views.answer_metrics",
    "clinic.operations.outages.OutageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinic.sign_in.sessions.end_old_sessions",
    "clinic.sign_in.script_responses.SignInRequired",
    "clinic.audit.middleware.remember_request",
    "clinic.sign_in.own_page.devices.keep_listed",
    "clinic.staff.middleware.ClinicMiddleware",
    "clinic.operations.outages.ClosedClinic",
    "clinic.sign_in.cover.middleware.CoverMiddleware",
    "clinic.staff.middleware.RoleMiddleware",
    "clinic.sign_in.second_factor_required.SecondFactorRequired",
    "clinic.sign_in.cover.middleware.FullSignInMiddleware",
    "clinic.sign_in.script_responses.FormOwnerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "treatments.patients.elsewhere.FollowMovedRecords",
    "clinic.audit.middleware.WriteLooks",
]
ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SHARE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.sign_in.context.clinic_and_rights",
            ],
        },
    },
]
FORM_RENDERER = "clinic.form_renderer.FormRenderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

VAR_DIR = Path(environment.text("VAR_DIR", str(BASE_DIR / "var")))
# Where a file lies while it arrives; `manage.py sweep` looks here for what a killed server left.
ARRIVING_DIR = VAR_DIR / "arriving"
DATABASES = {
    "default": django_settings(
        environment.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'anagen.sqlite3'}"), base=BASE_DIR
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Photos: private, never below a web server's document root; served only by a view that has checked access.
# Uploads while they arrive and pictures of pages lie in MEDIA_ROOT, originals too unless PHOTO_STORE names a bucket.
MEDIA_ROOT = Path(environment.text("MEDIA_ROOT", str(VAR_DIR / "photos")))
PHOTO_STORE_KEY_ID = environment.text("PHOTO_STORE_KEY_ID")
PHOTO_STORE_SECRET = environment.text("PHOTO_STORE_SECRET")
PHOTO_STORE = environment.photo_store(
    environment.text("PHOTO_STORE"), MEDIA_ROOT, key_id=PHOTO_STORE_KEY_ID, secret=PHOTO_STORE_SECRET
)
# Where `backup` brings its copies, and for whom it encrypts them: a public key of age, whose private half is not here.
BACKUP_TO = environment.text("BACKUP_TO")
BACKUP_KEY_ID = environment.text("BACKUP_KEY_ID")
BACKUP_SECRET = environment.text("BACKUP_SECRET")
BACKUP_RECIPIENT = environment.text("BACKUP_RECIPIENT")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 40
FILE_UPLOAD_HANDLERS = ["clinic.uploads.BoundedUploadHandler"]

AUTH_USER_MODEL = "clinic.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "clinic.staff.passwords.GuessableValidator"},
]
# Of django-allauth tables and insides of second factors and devices are used, and none of its pages (docs/adr/0026).
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Anagen"
MFA_RECOVERY_CODE_COUNT = 10
MFA_TOTP_TOLERANCE = 1  # half minutes: the clock of a telephone is not quite the server's
MFA_ADAPTER = "clinic.sign_in.factors.adapters.MFAAdapter"
ACCOUNT_ADAPTER = "clinic.sign_in.factors.adapters.AccountAdapter"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "sign-in"
# Not in a cookie, which outlives the sign-in of whom it was meant for: a sentence may name a patient.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "clinic.errors.csrf_failure"
# Ended by clinic/sign_in/sessions.py at the latest; meanwhile its pages are covered after the minutes of the clinic.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_ENGINE = "clinic.session_store"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True  # our scripts have the token from the page
SESSION_COOKIE_SAMESITE = "Lax"
KNOWN_DEVICE_COOKIE_NAME = "known-device"
# Whether to trust the proxy's headers about the protocol and the address of a request.
TRUSTED_PROXY = environment.switch("TRUSTED_PROXY", default=False)

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/(live|ready)?$", r"^metrics$"]  # a check on the server itself speaks plain http
    SECURE_HSTS_SECONDS = environment.whole_number("HSTS_SECONDS", 31_536_000)
    # For this host name alone: other sites below it may still speak http.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = environment.switch("HSTS_SUBDOMAINS", default=False)
    # Those that ask for HSTS on every name below this one, and for the browsers' own list of such names.
    SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    KNOWN_DEVICE_COOKIE_NAME = "__Host-known-device"
    if TRUSTED_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [SHARE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}

LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = environment.text("TIME_ZONE", "Asia/Singapore")
USE_I18N = True

# Whoever has it may read /metrics; without it there is no such page.
METRICS_TOKEN = environment.text("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 30:
    raise ImproperlyConfigured(
        "METRICS_TOKEN must have at least 30 random characters, for example from: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(40))'"
    )
LOG_FORMAT = environment.text("LOG_FORMAT", "json" if PRODUCTION else "text")
if LOG_FORMAT not in {"json", "text"}:
    raise ImproperlyConfigured(f"LOG_FORMAT must be json or text, not {LOG_FORMAT!r}.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "without_link_secrets": {"()": "clinic.security.WithoutLinkSecrets"},
        "without_addresses": {"()": "clinic.monitoring.log_format.WithoutAddresses"},
    },
    "formatters": {
        "json": {"()": "clinic.monitoring.log_format.JsonFormatter"},
        "text": {"()": "clinic.monitoring.log_format.TextFormatter" if PRODUCTION else "logging.Formatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["without_addresses", "without_link_secrets"],
            "formatter": LOG_FORMAT,
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A line for each request; `runserver` writes its own.
    "loggers": {
        "anagen.requests": {"level": "INFO" if PRODUCTION or LOG_FORMAT == "json" else "WARNING"},
        # The server's own lines would quote addresses and the texts of errors.
        "gunicorn.error": {"handlers": ["console"], "propagate": False},
    },
}
