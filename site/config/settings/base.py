"""Settings that hold everywhere; the others only override."""

import os
from contextlib import suppress
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

from config import log_settings, redis_settings, search_settings

ROOT = Path(__file__).resolve().parents[3]
DATA_DIR = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
with suppress(OSError):  # said where it matters: production does not start, others fail at the first file
    DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = False
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host]
SECRET_KEY = os.environ.get("SECRET_KEY", "")

# What the site is made of
INSTALLED_APPS = [
    "content_models.base",
    "content_models.places",
    "content_models.communities",
    "content_models.certificates",
    "content_models.policy_lists",
    "content_models.guides",
    "content_models.notices",
    "content_models.home",
    "staff",
    "publishing",
    "appearance",
    "live",
    "search",
    "quality",
    "delivery",
    "saved",
    "feedback",
    "procedures",
    "posters",
    "care",
    "imports",
    "api",
    "operations",
    "wagtail.contrib.redirects",
    "wagtail.contrib.routable_page",
    "wagtail.contrib.settings",
    "wagtail.contrib.table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "staff.users_app.AccountsConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "channels",
    "corsheaders",
    "django_filters",
    "import_export",
    "django_tasks",
    "django_tasks_db",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "template_partials.apps.SimpleAppConfig",  # its loader stands below
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "content_models.base.memo.Remembering",
    "appearance.middleware.Languages",
    "publishing.headers.SafeHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "delivery.middleware.Delivered",
    "appearance.middleware.Rewritten",
    "appearance.middleware.Looks",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "staff.sign_in.middleware.StaffSessions",
    "staff.middleware.RecordExports",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "live.middleware.BeforeContent",
    "search.middleware.SearchAway",
    # Last: everything above stays outside the transaction.
    "publishing.middleware.AtomicUnsafeRequests",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"

# How it looks: the default theme, which has every template, and where the others stand beside it
THEME = "civic"
THEMES_ROOT = ROOT / "themes"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "appearance.themes.Loader",
                            [
                                "appearance.themes.Folders",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "content_models.home.context.reader",
                "appearance.context.reading",
                "saved.context.saving",
            ],
        },
    },
]
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = sorted(THEMES_ROOT.glob("*/static"))
# Sheets and scripts made of many files are found as one; it can be made again.
JOINED_ROOT = DATA_DIR / "joined"
STATICFILES_FINDERS = [
    "appearance.joined.JoinedFiles",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
# Files of open data, made when first asked for; all of them can be made again.
OPEN_DATA_ROOT = DATA_DIR / "open-data"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Where data lives: SQLite beside the site, or what DATABASE_URL says
SQLITE_OPTIONS = {
    # Writers queue for the lock at once instead of failing half way; readers never wait in WAL mode.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;",
}
DATABASES = {
    "default": dj_database_url.parse(os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Where the search index lives: in the database, or on the server that SEARCH_URL names
WAGTAILSEARCH_BACKENDS = search_settings.backends(
    os.environ.get("SEARCH_URL", ""),
    os.environ.get("SEARCH_BACKEND", ""),
    os.environ.get("SEARCH_PREFIX", ""),
)

# Messages between processes, cache and background tasks
REDIS_URL = os.environ.get("REDIS_URL", "")
if REDIS_URL:
    CHANNEL_LAYERS = redis_settings.channel_layers(REDIS_URL)
    CACHES = redis_settings.caches(REDIS_URL)
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "ENQUEUE_ON_COMMIT": True}}
# The server process runs the worker and the scheduler itself; production runs them as processes of their own.
RUN_BACKGROUND_THREADS = True

# How many web processes there are on all hosts; config.serve counts its own workers.
WEB_PROCESSES = int(os.environ.get("WEB_PROCESSES") or 1)
# Whether processes tell the others through the database that they are alive
HEARTBEATS = False

# Whose X-Forwarded headers and X-Request-ID are believed: proxies in front of us
TRUSTED_PROXIES = [
    network.strip()
    for network in os.environ.get("TRUSTED_PROXIES", "127.0.0.1,::1").split(",")
    if network.strip()
]
# Who may read /metrics, and the details of /readyz, from another machine: who sends this as a bearer token
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")

# Sockets that one process holds, in all and for one address (behind which many people may be)
LIVE_SOCKETS = int(os.environ.get("LIVE_SOCKETS") or 15_000)
LIVE_SOCKETS_PER_ADDRESS = int(os.environ.get("LIVE_SOCKETS_PER_ADDRESS") or 1_000)

# Public pages kept in memory by each process and answered before Django; 0 leaves every page to Django.
PAGE_STORE = os.environ.get("PAGE_STORE", "1") != "0"
PAGE_STORE_MB = int(os.environ.get("PAGE_STORE_MB") or 64)
PAGE_SHELF = redis_settings.page_shelf(REDIS_URL)
# The cookies by which a reader's pages differ from others', and what they may say.
PAGE_VARIANTS = {"community": r"[1-9]\d{0,8}", "reading": r"[a-z]{1,8}(?:\.[a-z]{1,8}){0,3}"}

# The font of posters in PDF files (/path/to/font.ttc#2), where fontconfig's choice for Chinese is not wanted
POSTER_FONT = os.environ.get("POSTER_FONT", "")

# How long the feed of changes reaches back; of older ones only the last of each topic stays.
OUTBOX_KEPT_DAYS = 30

# Networks inside, as 10.1.0.0/16,10.2.3.4/32, to which webhooks may be sent; otherwise public addresses only.
WEBHOOK_ALLOW_PRIVATE = [
    network.strip() for network in os.environ.get("WEBHOOK_ALLOW_PRIVATE", "").split(",") if network.strip()
]

# What was searched for: how long it is kept, and how often a process writes what it has counted (0: never).
SEARCHES_KEPT_DAYS = 90
SEARCHES_WRITTEN_EVERY = 5.0  # seconds
READINGS_WRITTEN_EVERY = 60.0  # the same of how often pages are read

# Who may read the public API from pages of their own: origins (https://portal.example.gov.cn), * or nobody
API_ORIGINS = os.environ.get("API_ORIGINS", "*")
CORS_URLS_REGEX = r"^/(api/v1|open-data|feeds)/"
CORS_ALLOWED_ORIGINS = [origin for origin in API_ORIGINS.split(",") if origin not in ("", "*")]
CORS_ALLOW_ALL_ORIGINS = API_ORIGINS == "*"
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]
CORS_ALLOW_HEADERS = ["if-none-match", "if-modified-since"]  # no tokens: those are for servers, not for pages
CORS_EXPOSE_HEADERS = ["ETag", "Last-Modified", "Retry-After"]
SPECTACULAR_SETTINGS = {
    "TITLE": "家门口 Doorstep",
    "VERSION": "1",
    "DESCRIPTION": _("网站内容的数据接口。只读的不用登录；时间是北京时间。"),
    "OAS_VERSION": "3.1.0",
    "SORT_OPERATIONS": False,  # as the addresses are listed
}

# Language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", "English")]  # in others, finished pages are converted
STAFF_LANGUAGES = [("zh-hans", _("简体中文"))]
LOCALE_PATHS = [ROOT / "site" / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

# Staff accounts
AUTH_USER_MODEL = "staff.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "display_name", "email", "phone"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "staff.sign_in.passwords.NotUsedBefore"},
]
AUTHENTICATION_BACKENDS = ["staff.sign_in.backend.CountedBackend"]
LOGIN_URL = "wagtailadmin_login"
# Roles that need a code from the phone besides the password
SECOND_FACTOR_ROLES = [
    role.strip() for role in os.environ.get("SECOND_FACTOR_ROLES", "").split(",") if role.strip()
]
OTP_TOTP_ISSUER = "家门口"
OTP_TOTP_THROTTLE_FACTOR = 0  # guesses are counted before, like those at a password
# Passwords checked for one address in 15 minutes, behind which many people may be; right ones do not count
SIGN_IN_PER_ADDRESS = int(os.environ.get("SIGN_IN_PER_ADDRESS") or 100)
# How long a sign-in lasts: without anybody doing anything, and at most (seconds)
SESSION_IDLE_SECONDS = int(os.environ.get("SESSION_IDLE_SECONDS") or 30 * 60)
SESSION_LONGEST_SECONDS = int(os.environ.get("SESSION_LONGEST_SECONDS") or 8 * 60 * 60)
SESSION_COOKIE_AGE = SESSION_LONGEST_SECONDS
PASSWORD_MAX_AGE_DAYS = int(os.environ.get("PASSWORD_MAX_AGE_DAYS") or 0)  # 0: as long as one likes

# Who did what: kept at least 180 days whatever is said here; its key, or else the site's; and earlier ones
AUDIT_KEPT_DAYS = int(os.environ.get("AUDIT_KEPT_DAYS") or 1095)
AUDIT_KEY = os.environ.get("AUDIT_KEY", "")
AUDIT_KEY_FALLBACKS = [key for key in os.environ.get("AUDIT_KEY_FALLBACKS", "").split(",") if key]

# Wagtail
WAGTAIL_SITE_NAME = "家门口"
WAGTAILADMIN_BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:8000")
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
# Saving by itself races with a reviewer's 通过 (which then fails) and makes the reviewer an author.
WAGTAIL_AUTOSAVE_INTERVAL = 0
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_I18N_ENABLED = False
WAGTAIL_CONTENT_LANGUAGES = STAFF_LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = STAFF_LANGUAGES
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAIL_FINISH_WORKFLOW_ACTION = "staff.approval.publish_approved"
WAGTAILADMIN_USER_LOGIN_FORM = "staff.sign_in.forms.SignInForm"
# One's own password is changed on a screen of its own; forgotten ones by a link that is mailed.
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = True
WAGTAILADMIN_COMMENTS_ENABLED = True
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 25_000_000  # of all frames together
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_IMAGE_FORM_BASE = "staff.uploads.PictureForm"
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAILDOCS_EXTENSIONS = ["csv", "doc", "docx", "pdf", "ppt", "pptx", "txt", "xls", "xlsx", "zip"]
WAGTAILDOCS_EXTENSIONS += ["jpeg", "jpg", "png"]  # samples of forms
WAGTAILDOCS_MAX_UPLOAD_SIZE = int(os.environ.get("DOCUMENT_MEGABYTES") or 50) * 1024 * 1024
WAGTAILDOCS_DOCUMENT_FORM_BASE = "staff.uploads.DocumentForm"
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []  # every document is a file to keep
WAGTAILDOCS_BLOCK_EMBEDDED_CONTENT = False  # publishing/headers.py does it, and more strictly
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# Whitenoise serves static files straight from their folders, so no collect step is needed to start.
WHITENOISE_USE_FINDERS = True

# Safety that costs nothing; what browsers are told besides stands in publishing/headers.py
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
# Sites that may show a channel of ours in a frame (/embed/ alone), separated by spaces or commas
EMBED_ANCESTORS = (os.environ.get("EMBED_ANCESTORS") or "*").replace(",", " ").replace(";", " ").split()
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

LOG_FORMAT = os.environ.get("LOG_FORMAT", log_settings.TEXT)
LOGGING = log_settings.logging(LOG_FORMAT)
