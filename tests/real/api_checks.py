"""The API as its own description says: PyPI `openapi-spec-validator` reads it, `schemathesis` tries it.

Environment: MATRON_DIR (folder of a running matron dev), REQUESTS_CA_BUNDLE (its TLS root).
Exit status 0 and a line "N passed, N failed".
"""

import json
import os
import pathlib
import secrets
import subprocess
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from openapi_spec_validator import OpenAPIV31SpecValidator

from authlib_client import DEV, REDIRECT, discovery, drive

URL = DEV["issuer"] + "/api/v1/openapi.json"


def description() -> dict:
    return requests.get(URL, timeout=10).json()


def the_description_is_openapi_3_1() -> None:
    problems = list(OpenAPIV31SpecValidator(description()).iter_errors())
    assert not problems, problems


def desk_token(alias: str) -> str:
    client, meta = DEV["clients"]["console"], discovery()
    session = OAuth2Session(
        client["client_id"], client["client_secret"], redirect_uri=REDIRECT, code_challenge_method="S256",
        scope="openid self desk selectedrole", token_endpoint_auth_method="client_secret_basic",
    )
    verifier = secrets.token_urlsafe(48)
    url, state = session.create_authorization_url(meta["authorization_endpoint"], code_verifier=verifier)
    token = session.fetch_token(
        meta["token_endpoint"], authorization_response=drive(alias, url), state=state, code_verifier=verifier)
    return token["access_token"]


def what_it_promises_holds_for_whoever_tries() -> None:
    """Well-formed and malformed input: never a fault of ours, always a described answer."""
    # Whoever tries also cancels her own card and ends her sessions: ida plays no other part.
    # Not a test of what is refused (the negative tests do that): of what the description leaves out.
    checks = "not_a_server_error,content_type_conformance,response_headers_conformance,response_schema_conformance"
    done = subprocess.run(
        [str(pathlib.Path(sys.executable).parent / "schemathesis"), "run", URL, "--url", DEV["issuer"],
         "--header", f"Authorization: Bearer {desk_token('ida')}", "--checks", checks,
         "--max-examples", "15", "--seed", "7", "--workers", "1", "--phases", "examples,fuzzing",
         "--no-color", "--include-path-regex", "^/api/v1/(?!renewals)"],
        capture_output=True, text=True, timeout=240,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-1500:]


def main() -> int:
    passed = failed = 0
    for check in (the_description_is_openapi_3_1, what_it_promises_holds_for_whoever_tries):
        try:
            check()
            passed += 1
            print(f"ok      api {check.__name__}")
        except Exception as problem:  # each check reports for itself, the others still run
            failed += 1
            print(f"FAILED  api {check.__name__}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
