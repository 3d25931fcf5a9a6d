"""PyPI `Authlib` (nobody here wrote it) as two clinical applications: ward7 with PKCE, cis2app the old way.

Environment: MATRON_DIR (folder of a running matron dev), REQUESTS_CA_BUNDLE (its TLS root).
Exit status 0 and a line "N passed, 0 failed" when every check held.
"""

import json
import os
import pathlib
import secrets
import subprocess
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.common.errors import AuthlibBaseError
from joserfc import jwt
from joserfc.jwk import KeySet

DIR = pathlib.Path(os.environ["MATRON_DIR"])
DEV = json.loads((DIR / "dev.json").read_text())
HERE = pathlib.Path(__file__).parent
REDIRECT = "http://127.0.0.1:9999/callback"


def drive(alias: str, url: str) -> str:
    """Signs `alias` in with her card in another process and returns the redirect to the application."""
    done = subprocess.run(
        ["node", str(HERE / "drive.mjs"), alias, url, REDIRECT],
        check=True, capture_output=True, text=True, timeout=60,
    )
    return done.stdout.strip()


def discovery() -> dict:
    return requests.get(DEV["issuer"] + "/.well-known/openid-configuration", timeout=10).json()


def id_token(token: dict, algorithm: str) -> dict:
    keys = KeySet.import_key_set(requests.get(discovery()["jwks_uri"], timeout=10).json())
    return jwt.decode(token["id_token"], keys, algorithms=[algorithm]).claims


def ward7_with_pkce() -> None:
    client, meta = DEV["clients"]["ward7"], discovery()
    session = OAuth2Session(
        client["client_id"], client["client_secret"], redirect_uri=REDIRECT, code_challenge_method="S256",
        scope="openid profile email nationalrbacaccess associatedorgs selectedrole",
        token_endpoint_auth_method="client_secret_basic",
    )
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    url, state = session.create_authorization_url(meta["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
    token = session.fetch_token(
        meta["token_endpoint"], authorization_response=drive("amara", url), state=state, code_verifier=verifier)
    claims = id_token(token, "ES256")
    assert claims["iss"] == DEV["issuer"] and claims["nonce"] == nonce
    assert claims["aud"] == client["client_id"], "aud is a plain string"
    info = session.get(meta["userinfo_endpoint"], timeout=10).json()
    assert info["sub"] == claims["sub"] == DEV["people"]["amara"]["user_id"]
    assert info["nhsid_user_orgs"], "the chosen role's organisation is listed"


def cis2app_the_old_way() -> None:
    """No PKCE, no nonce, client_secret_post, RS256, both spellings of the identity level."""
    client, meta = DEV["clients"]["cis2app"], discovery()
    session = OAuth2Session(
        client["client_id"], client["client_secret"], redirect_uri=REDIRECT,
        scope="openid profile nhsperson nationalrbacaccess associatedorgs selectedrole",
        token_endpoint_auth_method="client_secret_post",
    )
    url, state = session.create_authorization_url(meta["authorization_endpoint"], acr_values="AAL2_OR_AAL3_ANY")
    token = session.fetch_token(meta["token_endpoint"], authorization_response=drive("leila", url), state=state)
    claims = id_token(token, "RS256")
    assert claims["acr"] == "AAL3_ANY", "the level reached, not the expression asked for"
    assert claims["id_assurance_level"] == claims["idassurancelevel"] == "3"
    assert claims["authentication_assurance_level"] == "3"
    info = session.get(meta["userinfo_endpoint"], timeout=10).json()
    assert len(info["nhsid_nrbac_roles"]) == 12, "a CIS2-compatible client sees every role"


def console_alone_may_ask_for_self() -> None:
    client, meta = DEV["clients"]["ward7"], discovery()
    session = OAuth2Session(client["client_id"], redirect_uri=REDIRECT, scope="openid self",
                            code_challenge_method="S256")
    url, _ = session.create_authorization_url(meta["authorization_endpoint"], code_verifier=secrets.token_urlsafe(48))
    back = requests.get(url, allow_redirects=False, timeout=10).headers["location"]
    assert back.startswith(REDIRECT) and "error=invalid_scope" in back


def a_wrong_secret_gets_invalid_client() -> None:
    client, meta = DEV["clients"]["ward7"], discovery()
    session = OAuth2Session(client["client_id"], "wrong", redirect_uri=REDIRECT)
    try:
        session.fetch_token(meta["token_endpoint"], grant_type="authorization_code", code="x")
    except AuthlibBaseError as refused:
        assert refused.error == "invalid_client"
    else:
        raise AssertionError("a wrong secret was accepted")


def main() -> int:
    passed = failed = 0
    for check in (ward7_with_pkce, cis2app_the_old_way, console_alone_may_ask_for_self,
                  a_wrong_secret_gets_invalid_client):
        try:
            check()
            passed += 1
            print(f"ok      authlib {check.__name__}")
        except Exception as problem:  # each check reports for itself, the others still run
            failed += 1
            print(f"FAILED  authlib {check.__name__}: {problem!r}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
