"""Where the data are: the database and the storage of files, as hunter/settings.py hands them to Django."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from hunter import env

LINK_LIFE_S = 600  # an address that the storage signs for somebody's browser


def database(url: str, home: Path) -> dict[str, Any]:
    """Turn DATABASE_URL into Django's form; SQLite is tuned for many writers (WAL, IMMEDIATE, long busy wait)."""
    parts = urlsplit(url)
    if parts.scheme in {"sqlite", "sqlite3"}:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path) if parts.path not in {"", "/"} else str(home / "hunter.sqlite3"),
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # secure_delete: what is deleted is written over at once, so that it is not left in the file
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON; "
                "PRAGMA cache_size=-64000; PRAGMA mmap_size=268435456;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(parts.query)),  # ?sslmode=verify-full and the like
        }
    raise ImproperlyConfigured(f"DATABASE_URL begins with {parts.scheme!r}: use sqlite:///path or postgresql://user:password@host/name.")


def storage(home: Path) -> dict[str, Any]:
    """Return the storage of images, originals and weights: a bucket where one is named, else a folder."""
    bucket, endpoint = env.text("HUNTER_S3_BUCKET", ""), env.text("HUNTER_S3_ENDPOINT", "")
    region, why = env.text("HUNTER_S3_REGION", "us-east-1"), "HUNTER_S3_BUCKET is set."
    keys = {name: env.secret(f"HUNTER_S3_{name.upper()}", None if bucket else "", why=why) for name in ("access_key", "secret_key")}
    if not bucket:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(home / "media")}}
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "region_name": region,
            **keys,
            "file_overwrite": True,
            "querystring_auth": True,
            "querystring_expire": LINK_LIFE_S,
        },
    }
