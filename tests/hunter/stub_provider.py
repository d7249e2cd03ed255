"""An OpenID Connect provider over real HTTP: discovery, a page that asks, tokens signed with RS256, userinfo, keys.

`mood` says how it behaves: "" as it should, or what goes wrong.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "hunter-test", "a secret of the test"
KEY_ID = "k1"


class StubProvider:
    """`with StubProvider() as stub:` serves at `stub.url`. `person` is who signs in there."""

    def __init__(self) -> None:
        self.mood = ""
        self.person: dict[str, Any] = {"sub": "0000-0001-2345-6789", "name": "Ada Lovelace", "email": "ada@example.org", "email_verified": True}
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "StubProvider":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def app(self, **settings: Any) -> dict[str, Any]:
        """What SOCIALACCOUNT_PROVIDERS holds for this provider."""
        more = {"server_url": self.url, "scope": ["openid", "email"], "oauth_pkce_enabled": True, **settings}
        return {"provider_id": "oidc", "name": "Stub University", "client_id": CLIENT, "secret": SECRET, "settings": more}

    # --- what it answers: (status, type, body or address to go to) ---------------------------------

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], authorization: str) -> tuple[int, str, str]:
        """One request."""
        self.asked.append(path)
        wrong = {"down": (503, "away"), f"garbage {path}": (200, "[1, 2"), f"odd {path}": (200, '["odd"]')}.get(self.mood)
        if wrong:
            return wrong[0], "application/json", wrong[1]
        return self._right(path, query, form, authorization)

    def _right(self, path: str, query: dict[str, str], form: dict[str, str], authorization: str) -> tuple[int, str, str]:
        if path == "/.well-known/openid-configuration":
            return self._json(self.discovery())
        if path == "/authorize":
            return 200, "text/html", self._page(query)
        if path == "/decide":
            return 302, "", self._decide(form)
        if path == "/token":
            return self._token(form)
        if path in {"/user", "/user/emails"}:  # as GitHub has it
            return self._json(self._github(path)) if authorization == "token opaque" else (401, "text/plain", "no")
        if path == "/userinfo":
            return self._json(self.person) if authorization == "Bearer opaque" else (401, "text/plain", "no")
        return self._json({"keys": [self._jwk()]}) if path == "/jwks" else (404, "text/plain", "nothing here")

    def discovery(self) -> dict[str, Any]:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo", "jwks_uri": "jwks"}
        return {
            "issuer": self.url,
            **{name: f"{self.url}/{end}" for name, end in ends.items()},
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def back(self, query: dict[str, str], **answer: str) -> str:
        """The address that leads back to the site."""
        return f"{query['redirect_uri']}?{urlencode({**answer, 'state': query['state']})}"

    def code_for(self, query: dict[str, str]) -> str:
        """A code that can be changed into tokens once."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return code

    def _page(self, query: dict[str, str]) -> str:
        fields = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in query.items())
        buttons = '<button name="choice" value="yes">Allow</button><button name="choice" value="no">Refuse</button>'
        head = '<!DOCTYPE html><html lang="en"><head><title>Stub University</title><link rel="icon" href="data:,"></head>'
        return f'{head}<body><main><h1>Stub University</h1><form method="post" action="/decide">{fields}{buttons}</form></main></body></html>'

    def _decide(self, form: dict[str, str]) -> str:
        if form["choice"] == "no":
            return self.back(form, error="access_denied")
        return self.back(form, code=self.code_for(form))

    def _token(self, form: dict[str, str]) -> tuple[int, str, str]:
        asked = self.codes.pop(form.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        known = form.get("client_id") == CLIENT and form.get("client_secret") == SECRET
        if asked is None or not known or proof != asked["code_challenge"]:
            return 400, "application/json", '{"error": "invalid_grant"}'
        claims = {**self.person, "iss": self.url, "aud": CLIENT, "iat": int(time.time()), "exp": int(time.time()) + 300, "jti": secrets.token_hex(8)}
        if self.mood == "another issuer":
            claims["iss"] = "https://evil.example"
        signed = jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": KEY_ID})
        return self._json({"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": signed})

    def _github(self, path: str) -> Any:
        email = {"email": self.person["email"], "primary": True, "verified": True}
        return [email] if path.endswith("emails") else {"id": 4711, "login": "lovelace", "name": self.person["name"]}

    def _jwk(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}

    def _json(self, body: Any) -> tuple[int, str, str]:
        return 200, "application/json", json.dumps(body)


def _handler(stub: StubProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve({})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self._serve(_single(raw))

        def _serve(self, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            status, kind, body = stub.answer(parts.path, _single(parts.query), form, self.headers.get("Authorization", ""))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body)
                body = ""
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    return Handler


def _single(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}
