"""The servers that the tests stand on are real ones."""

import pytest
from django.conf import settings
from django.db import connection
from redis import Redis


@pytest.mark.django_db
def test_database_is_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        assert cursor.fetchone()[0].startswith("PostgreSQL")


def test_broker_speaks_redis() -> None:
    with Redis.from_url(settings.BROKER_URL) as client:
        client.set("hello", "sky")
        assert client.get("hello") == b"sky"


def test_object_store_checks_signatures(s3_server: dict[str, str]) -> None:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    def client(secret: str):
        return boto3.client(
            "s3",
            endpoint_url=s3_server["HUNTER_S3_ENDPOINT"],
            aws_access_key_id=s3_server["HUNTER_S3_ACCESS_KEY"],
            aws_secret_access_key=secret,
            region_name=s3_server["HUNTER_S3_REGION"],
            config=Config(signature_version="s3v4"),
        )

    client(s3_server["HUNTER_S3_SECRET_KEY"]).put_object(Bucket="hunter", Key="tests/hello", Body=b"sky")
    got = client(s3_server["HUNTER_S3_SECRET_KEY"]).get_object(Bucket="hunter", Key="tests/hello")["Body"].read()
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client("wrong").get_object(Bucket="hunter", Key="tests/hello")

    assert got == b"sky"
