"""Settings of the portal. What a deployment chooses comes from `DARBAZA_*`; what the council decides is data.

Secrets are read from files and have no default: a missing or short one stops the portal with a message that names the
file and the remedy. Tests and the type checker import this module without any environment and get a throw-away state
directory and a key that is good for nothing else.

`DARBAZA_STATE`            directory of database, secret key and logs
`DARBAZA_SECRET_KEY_FILE`  file with the secret key; `DARBAZA_STATE/secret_key` unless set
`DARBAZA_DATABASE_URL`     `postgresql://user:password@host:port/name`; SQLite in the state directory unless set
`DARBAZA_DATABASE_PASSWORD_FILE`  file with the database password, for a URL without one
`DARBAZA_ALLOWED_HOSTS`    comma-separated names under which the portal is reached
`DARBAZA_TRUSTED_ORIGINS`  comma-separated origins (`https://portal.school.test`) that may post forms
`DARBAZA_PLAIN_HTTP`       `1` serves without TLS: for a demo or a closed test only
`DARBAZA_SCHOOL`           the school's name, as it stands on its documents
`DARBAZA_ADDRESS`          where the portal is reached (`https://portal.school.test`), as QR codes on papers
                           have it; the first trusted origin unless set
`DARBAZA_SITE_ADDRESS`     the public site's own name (`https://school.test`): under it only the site and parents'
                           personal links answer, and those bear it; without it the site is a part of the portal
`DARBAZA_WEB_SERVERS`      comma-separated addresses or networks of web servers in front of the portal: what they pass
                           on in `X-Forwarded-For` counts as where a request comes from; nobody's counts unless set
`DARBAZA_CATALOGUE_FILE`   the box's compiled catalogue, where it shares a machine; without it lists say nothing
`DARBAZA_PEER_SECRET_FILE` secret by which this machine's own proxy vouches for the device behind a request
`DARBAZA_GRACE_SECONDS`    how long a supervisor counts as present after the last sign of life; 120 unless set
`DARBAZA_MINUTES_AFTER_BELL`  minutes, 0 to 5, for which a lesson of the schedule goes on after its bell, so that what
                           was begun is saved; 0 unless set
`DARBAZA_LOG_DAYS`         days for which the verdict log is kept; 90 unless set
`DARBAZA_E_MAIL_URL`       `smtp://user@host:port`; without it messages go to the log
"""

import os
import sys
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PACKAGE = Path(__file__).resolve().parent
REPOSITORY = PACKAGE.parents[2]
SMALLEST_KEY = 50

TESTING = "pytest" in sys.modules or "mypy" in sys.modules
"""Whether this process is a test run or a type check, which need no deployment."""


def env_list(name: str, default: str = "") -> list[str]:
    """A comma-separated variable as a list without empty parts."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def env_flag(name: str) -> bool:
    """A variable that is `1`, `0` or unset; anything else stops the portal."""
    value = os.environ.get(name, "0")
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"`{name}` is `{value}`; set it to `0` or `1`")
    return value == "1"


def env_number(name: str, default: int, least: int, most: int) -> int:
    """A variable that is a whole number within bounds; anything else stops the portal."""
    text = os.environ.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise ImproperlyConfigured(f"`{name}` is `{text}`; set it to a whole number from {least} to {most}")
    return int(text)


def state_directory() -> Path:
    """Where the portal keeps its own files."""
    named = os.environ.get("DARBAZA_STATE")
    if named:
        return Path(named)
    if TESTING:
        return REPOSITORY / "var" / "test"
    raise ImproperlyConfigured("`DARBAZA_STATE` is not set; name the directory for the portal's database and key")


def site_address() -> str:
    """Scheme and name under which the public site is reached, empty for none of its own."""
    value = os.environ.get("DARBAZA_SITE_ADDRESS", "").rstrip("/")
    parts = urlsplit(value)
    if value and not (parts.scheme in {"http", "https"} and parts.hostname and value.endswith(f"//{parts.netloc}")):
        raise ImproperlyConfigured(f"`DARBAZA_SITE_ADDRESS` is `{value}`; set it to the form `https://school.test`")
    if value and parts.hostname == urlsplit(ADDRESS).hostname:
        raise ImproperlyConfigured(
            f"`DARBAZA_SITE_ADDRESS` bears the portal's own name `{parts.hostname}`; give the site another, or none"
        )
    return value


def web_servers() -> tuple[IPv4Network | IPv6Network, ...]:
    """The web servers in front of the portal. One that would be everybody, or is no address, stops the portal."""
    found = []
    for text in env_list("DARBAZA_WEB_SERVERS"):
        try:
            network = ip_network(text)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"`DARBAZA_WEB_SERVERS` holds `{text}`; set it to addresses or networks such as `127.0.0.1`"
            ) from error
        if network.prefixlen == 0:
            raise ImproperlyConfigured(
                f"`DARBAZA_WEB_SERVERS` holds `{text}`, which is everybody; name web servers only"
            )
        found.append(network)
    return tuple(found)


def read_secret(path: Path) -> str:
    """The content of a secret file, stripped."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"secret file `{path}` cannot be read ({error.strerror}); create it first"
        ) from error


def secret_key() -> str:
    """The key that signs sessions and forms. No deployment runs on a default."""
    named = os.environ.get("DARBAZA_SECRET_KEY_FILE")
    if TESTING and not named:
        return "tests-only-" * 6
    path = Path(named) if named else STATE / "secret_key"
    key = read_secret(path)
    if len(key) < SMALLEST_KEY:
        raise ImproperlyConfigured(
            f"secret file `{path}` holds {len(key)} characters; at least {SMALLEST_KEY} are needed"
        )
    return key


def database() -> dict[str, object]:
    """SQLite in the state directory, or what `DARBAZA_DATABASE_URL` names."""
    url = os.environ.get("DARBAZA_DATABASE_URL", "")
    return postgresql(url) if url else sqlite()


def sqlite() -> dict[str, object]:
    """SQLite with write-ahead log. Transactions take the write lock when they begin, so acts queue, never deadlock."""
    pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "mmap_size=134217728", "journal_size_limit=27103364")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": STATE / "portal.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "".join(f"PRAGMA {pragma};" for pragma in pragmas),
        },
        "TEST": {"NAME": STATE / "test.sqlite3"},
    }


def postgresql(url: str) -> dict[str, object]:
    """PostgreSQL by URL; the password may stand in a file instead."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(f"`DARBAZA_DATABASE_URL` names `{parts.scheme}`; only postgresql:// is known")
    secret = os.environ.get("DARBAZA_DATABASE_PASSWORD_FILE")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": read_secret(Path(secret)) if secret else unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
    }


def e_mail() -> dict[str, object]:
    """Django's e-mail settings from `DARBAZA_E_MAIL_URL`; without a server, messages are written to the log."""
    url = os.environ.get("DARBAZA_E_MAIL_URL", "")
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    secret = os.environ.get("DARBAZA_E_MAIL_PASSWORD_FILE")
    return {
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or 587,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": read_secret(Path(secret)) if secret else "",
        "EMAIL_USE_TLS": parts.scheme == "smtp",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


STATE = state_directory()
if TESTING:
    (STATE / "static").mkdir(parents=True, exist_ok=True)

SECRET_KEY = secret_key()
DEBUG = False
PLAIN_HTTP = env_flag("DARBAZA_PLAIN_HTTP") or TESTING
SCHOOL = os.environ.get("DARBAZA_SCHOOL", "Мектеп")
SUPERVISOR_GRACE_SECONDS = env_number("DARBAZA_GRACE_SECONDS", 120, 30, 600)
MINUTES_AFTER_BELL = env_number("DARBAZA_MINUTES_AFTER_BELL", 0, 0, 5)
VERDICT_LOG_DAYS = env_number("DARBAZA_LOG_DAYS", 90, 1, 366)
CATALOGUE_FILE = os.environ.get("DARBAZA_CATALOGUE_FILE", "")
WEB_SERVERS = web_servers()
PEER_SECRET_FILE = os.environ.get("DARBAZA_PEER_SECRET_FILE", "")
ALLOWED_HOSTS = env_list("DARBAZA_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],darbaza,why")
CSRF_TRUSTED_ORIGINS = env_list("DARBAZA_TRUSTED_ORIGINS")
ADDRESS = os.environ.get("DARBAZA_ADDRESS", (CSRF_TRUSTED_ORIGINS or ["http://darbaza"])[0]).rstrip("/")
SITE_ADDRESS = site_address()
SITE_HOST = urlsplit(SITE_ADDRESS).hostname or ""
if SITE_HOST:
    ALLOWED_HOSTS.append(SITE_HOST)
    CSRF_TRUSTED_ORIGINS.append(SITE_ADDRESS)

# Applications in the order of the layers, lowest last: a template of a higher app wins.
INSTALLED_APPS = [
    "darbaza.portal.notices",
    "darbaza.portal.publications",
    "darbaza.portal.evidence",
    "darbaza.portal.whatif",
    "darbaza.portal.gateways",
    "darbaza.portal.harm",
    "darbaza.portal.incidents",
    "darbaza.portal.asking",
    "darbaza.portal.permits",
    "darbaza.portal.lessons",
    "darbaza.portal.sharing",
    "darbaza.portal.classification",
    "darbaza.portal.verdicts",
    "darbaza.portal.acquaintance",
    "darbaza.portal.consents",
    "darbaza.portal.pictures",
    "darbaza.portal.papers",
    "darbaza.portal.timetable",
    "darbaza.portal.council",
    "darbaza.portal.rooms",
    "darbaza.portal.people",
    "darbaza.portal.audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "darbaza.portal.publications.own_host.SiteHostMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "darbaza.portal.middleware.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "darbaza.portal.people.middleware.PersonMiddleware",
    "darbaza.portal.people.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "darbaza.portal.urls"
ASGI_APPLICATION = "darbaza.portal.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "darbaza.portal.navigation.context",
                "darbaza.portal.notices.navigation.context",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "darbaza.portal.tags"],
        },
    }
]

DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in: staff only, by user name or e-mail with a password, and a second factor for whoever sets one up.
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "darbaza.portal.people.accounts.AccountAdapter"
ACCOUNT_FORMS = {"login": "darbaza.portal.people.accounts.StaffLoginForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False  # shared PCs are the norm: closing the browser signs out
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Darbaza"

SESSION_ENGINE = "darbaza.portal.sessions"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 9 * 3600  # one working day
SESSION_COOKIE_NAME = "darbaza_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 86400
LANGUAGE_COOKIE_NAME = "darbaza_language"
CSRF_FAILURE_VIEW = "darbaza.portal.views.csrf_failure"

SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 365 * 86400
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not PLAIN_HTTP
SECURE_CROSS_ORIGIN_OPENER_POLICY = None if PLAIN_HTTP else "same-origin"  # browsers honour it over TLS only
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# `data:` for Bootstrap's form icons and the QR code of the second factor.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

LANGUAGE_CODE = "ky"
LANGUAGES = [("ky", "Кыргызча"), ("ru", "Русский"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "borrowed" / "locale", PACKAGE / "locale"]
TIME_ZONE = "Asia/Bishkek"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = STATE / "static"
STATICFILES_DIRS = [PACKAGE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS: list[str] = []

globals().update(e_mail())

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}},
}
