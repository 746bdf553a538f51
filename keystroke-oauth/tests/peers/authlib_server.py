"""PyPI `authlib` as an authorization server: `authlib_server.py PUBLIC_KEY`.

It knows the authorization code with PKCE, rotating refresh tokens, client credentials, revocation and signed assertions
(RFC 7523). It says `listening <port>`, and ends when its input does. Whoever comes to `/authorize` is `ada`, and says yes.
"""

import os
import secrets
import sys
import threading
import time

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.models import AuthorizationCodeMixin, ClientMixin, TokenMixin
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from flask import Flask, request
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

PUBLIC_KEY = RSAKey.import_key(sys.argv[1])


class Client(ClientMixin):
    def __init__(self, client_id, secret, method):
        self.client_id, self.secret, self.method = client_id, secret, method

    def get_client_id(self):
        return self.client_id

    def get_default_redirect_uri(self):
        return "http://127.0.0.1/callback"

    def get_allowed_scope(self, scope):
        return " ".join(name for name in (scope or "").split() if name in ("read", "write"))

    def check_redirect_uri(self, uri):
        return uri == self.get_default_redirect_uri()

    def check_client_secret(self, secret):
        return secrets.compare_digest(self.secret, secret)

    def check_endpoint_auth_method(self, method, endpoint):
        return method == self.method

    def check_response_type(self, kind):
        return kind == "code"

    def check_grant_type(self, kind):
        return True


class Token(TokenMixin):
    def __init__(self, token, client, user):
        self.token, self.client, self.user = token, client, user
        self.issued, self.revoked = time.time(), False

    def check_client(self, client):
        return self.client is client

    def get_scope(self):
        return self.token.get("scope", "")

    def get_expires_in(self):
        return self.token["expires_in"]

    def is_expired(self):
        return time.time() > self.issued + self.token["expires_in"]

    def is_revoked(self):
        return self.revoked

    def get_user(self):
        return self.user

    def get_client(self):
        return self.client


class Code(AuthorizationCodeMixin):
    def __init__(self, code, request):
        payload = request.payload
        self.code, self.user = code, request.user
        self.redirect_uri, self.scope = payload.redirect_uri, payload.scope
        self.code_challenge = payload.data.get("code_challenge")
        self.code_challenge_method = payload.data.get("code_challenge_method")

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope


CLIENTS = {
    client.client_id: client
    for client in (
        Client("basic", "s3cr3t", "client_secret_basic"),
        Client("post", "s3cr3t", "client_secret_post"),
        Client("service", "", "none"),
    )
}
CODES, TOKENS = {}, []


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def save_authorization_code(self, code, request):
        CODES[code] = Code(code, request)

    def query_authorization_code(self, code, client):
        return CODES.get(code)

    def delete_authorization_code(self, code):
        del CODES[code.code]

    def authenticate_user(self, code):
        return code.user


class RefreshTokenGrant(grants.RefreshTokenGrant):
    INCLUDE_NEW_REFRESH_TOKEN = True
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def authenticate_refresh_token(self, refresh_token):
        return next((t for t in TOKENS if t.token.get("refresh_token") == refresh_token and not t.revoked), None)

    def authenticate_user(self, token):
        return token.user

    def revoke_old_credential(self, token):
        token.revoked = True


class Assertion(JWTBearerGrant):
    def resolve_issuer_client(self, issuer):
        return CLIENTS.get(issuer)

    def get_audiences(self):
        return [f"http://127.0.0.1:{listener.port}/token"]

    def resolve_client_public_key(self, client):
        return PUBLIC_KEY

    def authenticate_user(self, subject):
        return subject

    def has_granted_permission(self, client, user):
        return user == "ada"


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def query_token(self, token, hint):
        return next((t for t in TOKENS if token in (t.token["access_token"], t.token.get("refresh_token"))), None)

    def revoke_token(self, token, request):
        token.revoked = True


app = Flask(__name__)
server = AuthorizationServer(
    app,
    query_client=CLIENTS.get,
    save_token=lambda token, request: TOKENS.append(Token(token, request.client, request.user)),
)
app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
server.init_app(app, query_client=CLIENTS.get, save_token=server._save_token)
server.register_grant(AuthorizationCodeGrant, [CodeChallenge(required=True)])
server.register_grant(grants.ClientCredentialsGrant)
server.register_grant(RefreshTokenGrant)
server.register_grant(Assertion)
server.register_endpoint(Revocation)


@app.get("/authorize")
def authorize():
    grant = server.get_consent_grant(end_user="ada")
    return server.create_authorization_response(grant_user="ada", grant=grant)


@app.post("/token")
def token():
    return server.create_token_response()


@app.post("/revoke")
def revoke():
    return server.create_endpoint_response("revocation")


@app.get("/userinfo")
def userinfo():
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    found = next((t for t in TOKENS if t.token["access_token"] == bearer and not t.revoked), None)
    return ({"sub": found.user, "scope": found.get_scope()}, 200) if found else ({"error": "invalid_token"}, 401)


def end_with_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
listener = make_server("127.0.0.1", 0, app, threaded=True)
print(f"listening {listener.port}", flush=True)
listener.serve_forever()
