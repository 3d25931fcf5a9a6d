"""What Matron signs and publishes, judged by tools nobody here wrote: OpenSSL and pkilint (PyPI).

Environment: MATRON_DIR (folder of a running matron dev). Everything is fetched from the URLs that the certificates
name. Exit status 0 and a line "N passed, 0 failed" when every check held.
"""

import contextlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID
from pkilint.bin import lint_crl, lint_pkix_cert, lint_pkix_signer_signee_cert_chain

DIR = pathlib.Path(os.environ["MATRON_DIR"])
DEV = json.loads((DIR / "dev.json").read_text())
SCRATCH = tempfile.TemporaryDirectory(prefix="matron-pki-")
WORK = pathlib.Path(SCRATCH.name)

# What pkilint 0.13.3 is wrong about. RFC 5280 4.2.1.6 wants a scheme and a scheme-specific part, and a URN has both;
# the preferred name syntax of RFC 1034 3.5 knows names of one label.
FALSE_ALARMS = {
    "pkix.invalid_uri_syntax": re.compile(
        r'^Invalid URI syntax: "urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"$'),
    "pkix.invalid_domain_name_syntax": re.compile(r'^Invalid domain name syntax: "localhost"$'),
}


# --- what there is -------------------------------------------------------------------------------------------------

def certificate(name: str) -> x509.Certificate:
    """The first certificate of a file below DIR."""
    return x509.load_pem_x509_certificates((DIR / name).read_bytes())[0]


def cards() -> dict[str, x509.Certificate]:
    """Every certificate on every demo card, the pending ones included."""
    held = {alias: person["card"] for alias, person in DEV["people"].items() if person["card"]}
    sets = held | {f"{alias} pending": card["pending"] for alias, card in held.items() if "pending" in card}
    return {f"{name} {pair}": certificate(one[pair]["certificate"])
            for name, one in sets.items() for pair in ("authentication", "signature")}


def fetched(url: str) -> bytes:
    assert url.startswith(DEV["pki_url"] + "/"), f"{url} is not ours"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()


def list_url(cert: x509.Certificate) -> str:
    [point] = cert.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    [name] = point.full_name
    return name.value


def full_list_url() -> str:
    return DEV["pki_url"] + "/crl/full.crl"


def issuer_url(cert: x509.Certificate) -> str:
    [access] = cert.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert access.access_method == AuthorityInformationAccessOID.CA_ISSUERS
    return access.access_location.value


def kept(name: str, content: bytes) -> str:
    path = WORK / name
    path.write_bytes(content)
    return str(path)


def pem(name: str, cert: x509.Certificate) -> str:
    return kept(name, cert.public_bytes(Encoding.PEM))


def list_pem(name: str, url: str) -> str:
    return kept(name, x509.load_der_x509_crl(fetched(url)).public_bytes(Encoding.PEM))


ROOT = certificate(DEV["card_root_certificate"])
ISSUING = certificate(DEV["issuing_certificate"])


def openssl(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def verify(cert: x509.Certificate, *options: str) -> tuple[int, str]:
    return openssl("verify", "-x509_strict", "-CAfile", pem("root.pem", ROOT), "-untrusted", pem("issuing.pem", ISSUING),
                   *options, pem("card.pem", cert))


# --- OpenSSL -------------------------------------------------------------------------------------------------------

def a_card_stands_under_strict_rules() -> None:
    amara = DEV["people"]["amara"]["card"]
    for pair, purpose in (("authentication", "sslclient"), ("signature", "smimesign")):
        code, said = verify(certificate(amara[pair]["certificate"]), "-purpose", purpose)
        assert code == 0, said
    policy = "1.3.6.1.4.1.32473.1.1.3"
    code, said = verify(certificate(amara["authentication"]["certificate"]), "-explicit_policy", "-policy", policy)
    assert code == 0, said


def every_card_of_the_demo_stands_under_strict_rules() -> None:
    for name, cert in cards().items():
        code, said = verify(cert, "-no_check_time")
        assert code == 0, f"{name}: {said}"


def every_address_in_a_certificate_answers_with_what_it_promises() -> None:
    for cert, above in [*((cert, ISSUING) for cert in cards().values()), (ISSUING, ROOT)]:
        assert x509.load_der_x509_certificate(fetched(issuer_url(cert))) == above
        listed = x509.load_der_x509_crl(fetched(list_url(cert)))
        assert listed.issuer == above.subject and listed.is_signature_valid(above.public_key())


def openssl_reads_and_verifies_the_lists() -> None:
    amara = certificate(DEV["people"]["amara"]["card"]["authentication"]["certificate"])
    for url, signer in [(list_url(amara), ISSUING), (full_list_url(), ISSUING), (list_url(ISSUING), ROOT)]:
        _, said = openssl("crl", "-in", list_pem("list.pem", url), "-noout", "-CAfile", pem("signer.pem", signer))
        assert said.strip() == "verify OK", f"{url}: {said}"


def a_lost_card_is_on_its_list_and_on_the_full_one_and_refused() -> None:
    for pair in ("authentication", "signature"):
        grace = certificate(DEV["people"]["grace"]["card"][pair]["certificate"])
        for url in (list_url(grace), full_list_url()):
            entry = x509.load_der_x509_crl(fetched(url)).get_revoked_certificate_by_serial_number(grace.serial_number)
            assert entry is not None, f"{pair} is not on {url}"
            reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
            assert reason == x509.ReasonFlags.key_compromise, reason
            code, said = verify(grace, "-crl_check", "-CRLfile", list_pem("list.pem", url))
            assert code != 0 and "certificate revoked" in said, said


def a_good_card_passes_the_lists_of_its_whole_chain() -> None:
    amara = certificate(DEV["people"]["amara"]["card"]["authentication"]["certificate"])
    root_list = list_pem("root-list.pem", list_url(ISSUING))
    for url in (list_url(amara), full_list_url()):
        code, said = verify(amara, "-crl_check_all", "-CRLfile", list_pem("list.pem", url), "-CRLfile", root_list)
        assert code == 0, f"{url}: {said}"
    grace = certificate(DEV["people"]["grace"]["card"]["authentication"]["certificate"])
    if list_url(grace) != list_url(amara):
        code, said = verify(amara, "-crl_check", "-CRLfile", list_pem("list.pem", list_url(grace)))
        assert code != 0 and "scope" in said, f"the list of another shard was taken for ours: {said}"


def server_certificate(name: str) -> x509.Certificate:
    """What somebody could make for `name` who had got hold of the key that lies in the dev folder."""
    key, request, made = (str(WORK / file) for file in ("server.key", "server.csr", "server.pem"))
    extensions = kept("server.ext", f"""subjectAltName=DNS:{name}
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
""".encode())
    code, said = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                         "-keyout", key, "-out", request, "-subj", "/O=Somebody")
    assert code == 0, said
    code, said = openssl("x509", "-req", "-in", request, "-days", "30", "-extfile", extensions, "-out", made,
                         "-CA", str(DIR / "pki/tls-issuing.pem"), "-CAkey", str(DIR / "keys/tls-issuing.key"))
    assert code == 0, said
    return x509.load_pem_x509_certificate(pathlib.Path(made).read_bytes())


def the_trusted_tls_root_is_good_for_this_machine_alone() -> None:
    trust = ("-x509_strict", "-purpose", "sslserver", "-CAfile", str(DIR / DEV["tls_root_certificate"]),
             "-untrusted", str(DIR / "pki/tls-issuing.pem"))
    for name, accepted in [("localhost", True), ("bank.example", False), ("localhost.example", False)]:
        made = pem("made.pem", server_certificate(name))
        code, said = openssl("verify", *trust, "-verify_hostname", name, made)
        assert (code == 0) == accepted, f"{name}: {said}"
        assert accepted or "permitted subtree violation" in said, said


# --- pkilint -------------------------------------------------------------------------------------------------------

def findings(lint, *arguments: str) -> list[str]:
    """What pkilint finds of severity WARNING and above, less what it is known to be wrong about."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        lint.main(["lint", "-s", "WARNING", "-f", "JSON", *arguments])
    found = [said for result in json.loads(out.getvalue())["results"] for said in result["finding_descriptions"]]
    alarm = FALSE_ALARMS.get
    return [f"{it['code']}: {it['message']}" for it in found
            if not (alarm(it["code"]) and alarm(it["code"]).match(it["message"] or ""))]


def pkilint_bites() -> None:
    made = pem("bad.pem", server_certificate("-"))
    assert findings(lint_pkix_cert, made), "a certificate for the name - was found good"


def pkilint_finds_nothing_in_any_certificate() -> None:
    authorities = [DEV["card_root_certificate"], DEV["issuing_certificate"], DEV["tls_root_certificate"],
                   "pki/tls-issuing.pem", "pki/gateway.pem", "pki/card-listener.pem"]
    everything = {name: certificate(name) for name in authorities} | cards()
    found = {name: findings(lint_pkix_cert, pem("one.pem", cert)) for name, cert in everything.items()}
    assert not any(found.values()), {name: said for name, said in found.items() if said}


def pkilint_finds_nothing_between_signer_and_signed() -> None:
    amara, issuing = DEV["people"]["amara"]["card"], pem("issuing.pem", ISSUING)
    for above, below in [(pem("root.pem", ROOT), ISSUING),
                         (issuing, certificate(amara["authentication"]["certificate"])),
                         (issuing, certificate(amara["signature"]["certificate"]))]:
        said = findings(lint_pkix_signer_signee_cert_chain, above, pem("below.pem", below))
        assert not said, said


def pkilint_finds_nothing_in_any_list() -> None:
    urls = {list_url(cert) for cert in cards().values()} | {full_list_url(), list_url(ISSUING)}
    for url in sorted(urls):
        said = findings(lint_crl, "-t", "CRL", "-p", "PKIX", list_pem("list.pem", url))
        assert not said, f"{url}: {said}"


def main() -> int:
    checks = (a_card_stands_under_strict_rules, every_card_of_the_demo_stands_under_strict_rules,
              every_address_in_a_certificate_answers_with_what_it_promises, openssl_reads_and_verifies_the_lists,
              a_lost_card_is_on_its_list_and_on_the_full_one_and_refused,
              a_good_card_passes_the_lists_of_its_whole_chain, the_trusted_tls_root_is_good_for_this_machine_alone,
              pkilint_bites, pkilint_finds_nothing_in_any_certificate,
              pkilint_finds_nothing_between_signer_and_signed, pkilint_finds_nothing_in_any_list)
    passed = failed = 0
    for check in checks:
        try:
            check()
            passed += 1
            print(f"ok      pki {check.__name__}")
        except Exception as problem:  # each check reports for itself, the others still run
            failed += 1
            print(f"FAILED  pki {check.__name__}: {problem!r}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
