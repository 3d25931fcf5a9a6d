#!/usr/bin/env python3
"""A card's whole life against a running matron dev: a PIV chip behind pcscd, and a token of SoftHSM.

card_life.py MATRON MATRON_CARD VIRTUAL_CARD [STEP]: run by card_life.sh inside tests/virtual-card/room. With STEP the
PIV card is also pulled out after every STEP-th APDU of a renewal. One line per step; ends with "N passed, N failed".
"""

import datetime
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import base64
import hashlib
import secrets
import ssl

HERE = pathlib.Path(__file__).parent
PORT = int(os.environ.get("MATRON_LIFE_PORT", "26443"))
ISSUER, CARD_URL = f"https://localhost:{PORT}", f"https://localhost:{PORT + 1}"
STOP = "http://127.0.0.1:9999/callback"
FACTORY_MANAGEMENT_KEY = ":".join(["01:02:03:04:05:06:07:08"] * 3)
SELECT_PIV = "00:A4:04:00:0B:A0:00:00:03:08:00:00:10:00:01:00"


class Life:
    """The house, its clock, its desk, and what was found so far."""

    def __init__(self, matron, client, virtual, folder):
        self.matron, self.client_path, self.virtual, self.folder = matron, client, virtual, folder
        self.passed = self.failed = 0
        self.server = self.said = None

    # --- the house -----------------------------------------------------------------------------------------------

    def start(self):
        out, err = open(self.folder / "out", "w+"), open(self.folder / "err", "w")
        self.server = subprocess.Popen(
            [self.matron, "dev", "--dir", self.dir, "--port", str(PORT)], stdout=out, stderr=err)
        for _ in range(600):
            if "ready" in (self.folder / "out").read_text():
                break
            if self.server.poll() is not None:
                raise SystemExit("matron dev ended: " + (self.folder / "err").read_text())
            time.sleep(0.1)
        self.dev = json.loads((self.dir / "dev.json").read_text())
        self.tls = ssl.create_default_context(cafile=self.dir / self.dev["tls_root_certificate"])

    def stop(self):
        if self.server:
            self.server.terminate()
            self.server.wait()
            self.server = None

    @property
    def dir(self):
        return self.folder / "dev"

    def clock(self, day):
        """Moves the house's clock so many days from now."""
        (self.dir / "clock").write_text(f"+{day}d")

    # --- the client ----------------------------------------------------------------------------------------------

    def client(self, *words, card, server=True):
        """Runs matron-card; answers its exit code. `said` is what it said, on both channels."""
        command = [self.client_path, *words, *card]
        if server:
            command += ["--issuer", ISSUER, "--ca", self.dir / "pki/tls-root.pem"]
            if words[0] in ("status", "renew"):
                command += ["--card-url", CARD_URL]
            if words[0] in ("renew", "desk") and words[:2] != ("desk", "unlock"):
                command += ["--state-dir", self.folder / "notes"]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120)
        self.said, self.data = done.stdout + done.stderr, done.stdout
        return done.returncode

    def status(self, card):
        """What the server says to the card, or nothing."""
        return json.loads(self.data) if self.client("status", "--json", card=card) == 0 else {}

    def with_code(self, *words, card):
        """Runs matron-card and hands it the code that lands in the outbox meanwhile."""
        before = set((self.dir / "outbox").glob("*.eml"))
        command = [self.client_path, *words, *card, "--code-file", "-", "--issuer", ISSUER, "--ca", self.dir / "pki/tls-root.pem"]
        running = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        code = None
        for _ in range(100):
            for mail in set((self.dir / "outbox").glob("*.eml")) - before:
                found = [line for line in mail.read_text().splitlines() if line.startswith("Your code is ")]
                code = found[0].removeprefix("Your code is ") if found else code
            if code or running.poll() is not None:
                break
            time.sleep(0.1)
        self.said, _ = running.communicate(f"{code}\n" if code else None, timeout=60)
        return running.returncode

    # --- the desk ------------------------------------------------------------------------------------------------

    def soft(self, alias):
        """The card made of files of a demo person."""
        pair = self.dev["people"][alias]["card"]["authentication"]
        return ["--cert", self.dir / pair["certificate"], "--key", self.dir / pair["key"]]

    def token(self, alias):
        """A file with an access token (scope desk) of somebody who signs in with her card now."""
        console, verifier = self.dev["clients"]["console"], secrets.token_urlsafe(40)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = urllib.parse.urlencode({
            "response_type": "code", "client_id": console["client_id"], "redirect_uri": STOP, "state": "s", "nonce": "n",
            "scope": "openid self desk selectedrole", "code_challenge": challenge, "code_challenge_method": "S256"})
        driven = subprocess.run(
            ["node", HERE / "drive.mjs", alias, f"{ISSUER}/oauth2/authorize?{query}", STOP], capture_output=True,
            text=True, timeout=60, env={**os.environ, "MATRON_DIR": str(self.dir)})
        if driven.returncode:
            raise RuntimeError(f"{alias} could not sign in: {driven.stderr}")
        code = urllib.parse.parse_qs(urllib.parse.urlparse(driven.stdout.strip()).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": STOP, "code_verifier": verifier}
        basic = base64.b64encode(f"{console['client_id']}:{console['client_secret']}".encode()).decode()
        answer = self.ask("/oauth2/token", urllib.parse.urlencode(form), f"Basic {basic}", "application/x-www-form-urlencoded")
        path = self.folder / f"token-{alias}"
        path.write_text(answer["access_token"])
        return path

    def ask(self, path, body, authorization, kind="application/json"):
        request = urllib.request.Request(ISSUER + path, body.encode(), {"authorization": authorization, "content-type": kind})
        return json.load(urllib.request.urlopen(request, context=self.tls))

    def desk(self, path, token, **body):
        return self.ask(f"/api/v1/desk/{path}", json.dumps(body), f"Bearer {token.read_text()}")

    def keep_desk(self, day):
        """Ruth and Sam renew in time until that day: by themselves twice, then one for the other."""
        while True:
            ends = {alias: days_until(ends_of(self.status(self.soft(alias)))) for alias in ("ruth", "sam")}
            alias, end = min(ends.items(), key=lambda one: one[1])
            if end > day:
                return
            self.clock(end - 20)
            if self.client("renew", card=self.soft(alias)) == 0:
                continue
            other = {"ruth": "sam", "sam": "ruth"}[alias]
            number = self.dev["people"][alias]["card"]["number"]
            code = self.client("desk", "renew", "--card", number, "--holder-present", "--photo-compared",
                               "--token-file", self.token(other), card=self.soft(alias))
            self.step(f"{other} renews {alias}'s card, who has used both", code == 0, "desk renew on a card of files")

    # --- the report ----------------------------------------------------------------------------------------------

    def step(self, name, holds, check):
        if holds:
            self.passed += 1
            print(f"ok      {name}: {check}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {name}: {check}\n{self.said}", flush=True)


class PivCard:
    """A PIV chip in pcscd's virtual reader; its memory is a folder."""

    kind = "PIV"

    def __init__(self, life, name):
        self.life, self.memory, self.running = life, life.folder / f"{name}.memory", None
        self.passcode = life.folder / f"{name}.passcode"
        self.passcode.write_text("123456\n")
        self.apdus = life.folder / f"{name}.apdus"

    @property
    def options(self):
        return ["--reader", "00"]

    @property
    def card(self):
        return [*self.options, "--passcode-file", self.passcode]

    def insert(self, *options):
        self.running = subprocess.Popen(
            list(map(str, [self.life.virtual, "--memory", self.memory, "--log", self.apdus, *options])))
        time.sleep(1.2)  # pcscd looks for cards about twice a second

    def out(self):
        if self.running:
            if self.running.poll() is None:
                self.running.send_signal(signal.SIGTERM)
            self.running.wait()
            self.running = None
            time.sleep(1.2)

    def has_factory_management_key(self):
        """Asked by OpenSC, which nobody here wrote."""
        key = self.life.folder / "factory.key"
        key.write_text(FACTORY_MANAGEMENT_KEY)
        done = subprocess.run(["piv-tool", "--admin", "M:9B:03"], capture_output=True, text=True,
                              env={**os.environ, "PIV_EXT_AUTH_KEY": str(key)})
        self.life.said = done.stdout + done.stderr
        return done.returncode == 0

    def keeps_management_key(self):
        """Whether the card keeps a key behind its passcode, in the way of Yubico's tools (tag 88 in the object 5FC109)."""
        digits = self.passcode.read_text().strip().encode().ljust(8, b"\xff")
        verify = "00:20:00:80:08:" + ":".join(f"{octet:02X}" for octet in digits)
        done = subprocess.run(["opensc-tool", "-s", SELECT_PIV, "-s", verify, "-s", "00:CB:3F:FF:05:5C:03:5F:C1:09:00"],
                              capture_output=True, text=True)
        self.life.said = done.stdout + done.stderr
        answers = done.stdout.split("Received (SW1=")
        if len(answers) != 4 or not answers[2].startswith("0x90"):
            return True  # nothing was learnt
        return " 88 " in answers[3].partition("\n")[2][:9]


class SoftHsm:
    """A token of SoftHSM behind PKCS#11."""

    kind = "SoftHSM"

    def __init__(self, life, name):
        self.life, self.name, self.passcode = life, name, life.folder / f"{name}.passcode"
        tokens, conf = life.folder / "tokens", life.folder / "softhsm2.conf"
        tokens.mkdir()
        conf.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\n")
        os.environ["SOFTHSM2_CONF"] = str(conf)
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", name, "--pin", "135790", "--so-pin",
                        "12345678"], check=True, capture_output=True)
        self.passcode.write_text("135790\n")

    @property
    def options(self):
        return ["--module", next(path for path in MODULES if os.path.exists(path)), "--token", self.name]

    @property
    def card(self):
        return [*self.options, "--passcode-file", self.passcode]


MODULES = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so",
           "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"]


def ends_of(status):
    return min(one["not_after"] for one in status["certificates"])


def days_until(instant):
    end = datetime.datetime.fromisoformat(instant.replace("Z", "+00:00"))
    return (end - datetime.datetime.now(datetime.timezone.utc)).days


def first_issue(life, card, alias):
    """Requested, produced, sent, received, and put to use by its holder. Answers its number."""
    person, ruth = life.dev["people"][alias], life.token("ruth")
    number = life.desk("cards/request", ruth, user_id=person["user_id"])["card_number"]
    code = life.client("desk", "issue", "--card", number, "--token-file", ruth, card=card.card)
    life.step(f"{card.kind}: first issue", code == 0, "desk issue")
    life.step(f"{card.kind}: it does not sign in yet", life.client("status", card=card.card) == 3 and "card_not_active" in life.said,
              "card_not_active")
    life.desk("cards/dispatch", ruth, card_number=number, org_code=person["roles"][0]["org_code"])
    life.desk("cards/receipt", ruth, card_number=number)
    activate(life, card, number)
    return number


def activate(life, card, number):
    new, terms = life.folder / f"{number}.new", ["--accept-terms", "none"]
    new.write_text("194736\n")
    words = ["activate", "--card", number, "--new-passcode-file", new]
    life.with_code(*words, *terms, card=card.card)
    version = life.said.split("(version ")[-1].split(")")[0]
    life.step(f"{card.kind}: activation wants the terms accepted", "not accepted" in life.said, "the card stays as it is")
    code = life.with_code(*words, "--accept-terms", version, card=card.card)
    card.passcode.write_text("194736\n")
    found = life.status(card.card)
    life.step(f"{card.kind}: activation", code == 0 and found.get("state") == "active", "active, with a passcode of her own")


def lock(life, card, number):
    wrong, new = life.folder / "wrong", life.folder / "new"
    wrong.write_text("555555\n")
    new.write_text("736194\n")
    words = ["passcode", "--new-passcode-file", new]
    tries = [life.client(*words, card=[*card.options, "--passcode-file", wrong], server=False) for _ in range(3)]
    locked = life.client("status", card=card.card) == 5 and "locked" in life.said
    life.step("PIV: three wrong passcodes", tries == [5, 5, 5] and locked, "the right one opens nothing either")


def unlock_by_code(life, card, number):
    lock(life, card, number)
    new = life.folder / "new"
    code = life.with_code("unlock", "--card", number, "--new-passcode-file", new, card=card.options)
    card.passcode.write_text(new.read_text())
    opens = life.status(card.card).get("state") == "active"
    life.step("PIV: unlock with the released key, by code", code == 0 and opens, "the new passcode signs in")
    factory = life.folder / "factory-puk"
    factory.write_text("12345678\n")
    code = life.client("unlock", "--unblock-key-file", factory, "--new-passcode-file", new, card=card.options, server=False)
    life.step("PIV: the unblock key is not the factory's", code == 5, "12345678 is refused")


def new_passcode_for_token(life, card, number):
    """A token never locks; its holder may have forgotten the passcode all the same."""
    new = life.folder / "new"
    new.write_text("736194\n")
    for _ in range(2):  # the second time with the key that the first has written
        code = life.with_code("unlock", "--card", number, "--new-passcode-file", new, card=card.options)
    card.passcode.write_text(new.read_text())
    life.step("SoftHSM: a new passcode by code", code == 0 and bool(life.status(card.card)), "twice, each time with the key's successor")


def unlock_at_desk(life, card, number):
    lock(life, card, number)
    new = life.folder / "new"
    new.write_text("861937\n")
    words = ["desk", "unlock", "--card", number, "--photo-compared", "--new-passcode-file", new, "--token-file"]
    code = life.client(*words, life.token("ruth"), card=card.options)
    life.step("PIV: no unlock at a desk without the holder", code == 3 and "holder_not_present" in life.said, "holder_not_present")
    for _ in range(2):  # the second time with the key that the first has written
        code = life.client(*words, life.token("ruth"), "--holder-present", card=card.options)
    card.passcode.write_text(new.read_text())
    opens = life.status(card.card).get("state") == "active"
    life.step("PIV: unlock at a desk, key sealed to its client", code == 0 and opens, "twice, each time with the key's successor")


def into_window(life, card):
    """Moves to a day on which the card may be renewed."""
    day = days_until(ends_of(life.status(card.card))) - 30
    life.keep_desk(day)
    life.clock(day)


def renew(life, card, used):
    code = life.client("renew", card=card.card)
    said, found = life.said, life.status(card.card)
    life.said = said
    life.step(f"{card.kind}: self-renewal {used}", code == 0 and found.get("self_renewals_used") == used
              and len(found["certificates"]) == 2, f"{used} used, one set on the card")


def renew_pulled(life, card):
    """Pulled out between the two writes; the same command finishes the same renewal."""
    card.out()
    card.insert("--die-before-certificate", "2")
    code = life.client("renew", card=card.card)
    life.step("PIV: pulled out between the two writes", code == 8 and "writing 2 of 2" in life.said, "stopped half-way, exit code 8")
    card.out()
    card.insert()
    pending = life.status(card.card)
    life.step("PIV: it still signs in", bool(pending.get("pending_renewal_id")), "with the old set; the renewal is pending")
    code = life.client("renew", card=card.card)
    found = life.status(card.card)
    same = found.get("current_renewal_id") == pending.get("pending_renewal_id")
    life.step("PIV: self-renewal 1, resumed", code == 0 and same and found.get("self_renewals_used") == 1
              and not found.get("pending_renewal_id"), "the same renewal, counted once")


def renew_untidied(life, card):
    """Pulled out when the server has confirmed and the card still has both sets; the next run only tidies."""
    card.out()
    card.insert("--die-before-emptying", "1")
    code = life.client("renew", card=card.card)
    life.step("PIV: pulled out after the confirmation", code == 8, "stopped half-way, exit code 8")
    card.out()
    card.insert()
    code = life.client("renew", card=card.card)
    said, found = life.said, life.status(card.card)
    life.said = said
    life.step("PIV: self-renewal 2, tidied", code == 0 and "writing" not in said and found.get("self_renewals_used") == 2
              and found.get("state") == "active", "nothing is issued or written again")


def abandon(life, card):
    card.out()
    card.insert("--die-before-certificate", "1")
    life.client("renew", card=card.card)
    card.out()
    card.insert()
    before = life.status(card.card)
    code = life.client("renew", "--abandon", card=card.card)
    found = life.status(card.card)
    life.step("PIV: a pending renewal is given up", bool(before.get("pending_renewal_id")) and code == 0
              and not found.get("pending_renewal_id") and found.get("self_renewals_used") == 1, "it costs no self-renewal")


def later_life(life, card, number, alias):
    into_window(life, card)
    renew_pulled(life, card) if card.kind == "PIV" else renew(life, card, 1)
    into_window(life, card)
    if card.kind == "PIV":
        abandon(life, card)
        renew_untidied(life, card)
    else:
        renew(life, card, 2)
    into_window(life, card)
    code = life.client("renew", card=card.card)
    life.step(f"{card.kind}: third self-renewal refused", code == 3 and "self_renewal_limit_reached" in life.said
              and "Who can help" in life.said, "self_renewal_limit_reached, with who can help")
    here = ["--card", number, "--holder-present", "--photo-compared"]
    code = life.client("desk", "renew", *here, "--token-file", life.token("ruth"), card=card.card)
    found = life.status(card.card)
    life.step(f"{card.kind}: assisted renewal", code == 0 and found.get("self_renewals_used") == 0, "the count starts again")
    end = days_until(ends_of(found)) + 3
    life.keep_desk(end)
    life.clock(end)
    found = life.status(card.card)
    expired = {one["status"] for one in found.get("certificates", [])} == {"expired"}
    code = life.client("renew", card=card.card)
    life.step(f"{card.kind}: expiry", expired and code == 3 and "certificate_expired" in life.said, "certificate_expired")
    code = life.client("desk", "reissue", *here, "--evidence", "E1", "--token-file", life.token("ruth"), card=card.card)
    found = life.status(card.card)
    valid = {one["status"] for one in found.get("certificates", [])} == {"valid"}
    life.step(f"{card.kind}: in-person reissue", code == 0 and valid, "two valid certificates")
    code = life.client("desk", "repair", *here, "--reason", "cannot_sign_in", "--token-file", life.token("ruth"), card=card.card)
    life.step(f"{card.kind}: repair", code == 0 and bool(life.status(card.card)), "it signs in with the new set")


def second_person(life):
    """Rae's own card has expired meanwhile; for a colleague, two stand behind it."""
    number, card = life.dev["people"]["rae"]["card"]["number"], life.soft("rae")
    words = ["desk", "reissue", "--card", number, "--holder-present", "--photo-compared", "--evidence", "E2"]
    words += ["--token-file", life.token("ruth")]
    alone = life.client(*words, "--second-token-file", life.token("ruth"), card=card) == 3 and "second_actor_needed" in life.said
    code = life.client(*words, "--second-token-file", life.token("sam"), card=card)
    life.step("a colleague's card is reissued by two", alone and code == 0, "second_actor_needed for one alone")


def pulled_everywhere(life, card, step):
    """From one state again and again, pulled out after each STEP-th APDU of a renewal."""
    into_window(life, card)
    card.out()
    life.stop()
    kept = [(life.dir, life.folder / "dev.kept"), (card.memory, life.folder / "memory.kept")]
    for now, then in kept:
        shutil.copytree(now, then)

    def again():
        card.out()
        life.stop()
        shutil.rmtree(life.folder / "notes", ignore_errors=True)
        for now, then in kept:
            shutil.rmtree(now)
            shutil.copytree(then, now)
        life.start()

    again()
    card.insert()
    used = life.status(card.card)["self_renewals_used"] + 1
    before = len(card.apdus.read_text().splitlines())
    life.client("renew", card=card.card)
    for number in range(step, len(card.apdus.read_text().splitlines()) - before, step):
        again()
        card.insert("--die-after", str(number))
        code = life.client("renew", card=card.card)
        said = life.said
        card.out()
        card.insert()
        works = bool(life.status(card.card))
        said += life.said
        finished = life.client("renew", card=card.card)
        said += f"exit codes {code} and {finished}; {life.said}"
        found = life.status(card.card)
        life.said = said
        life.step(f"PIV: pulled out after {number} APDUs", code in (4, 8) and works and finished == 0
                  and found.get("self_renewals_used") == used and len(found["certificates"]) == 2
                  and not found.get("pending_renewal_id"), "it signs in, and the same command finishes")


def main():
    matron, client, virtual = sys.argv[1:4]
    everywhere = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    folder = pathlib.Path(tempfile.mkdtemp())
    life = Life(matron, client, virtual, folder)
    piv = PivCard(life, "piv")
    try:
        life.start()
        piv.insert()
        life.step("PIV: a card fresh from its maker", piv.has_factory_management_key(), "OpenSC opens it with the factory's management key")
        number = first_issue(life, piv, "grace")
        life.step("PIV: the management key is the server's", not piv.has_factory_management_key(), "OpenSC's try with the factory's fails")
        life.step("PIV: the card keeps no management key", not piv.keeps_management_key(), "none in the object 5FC109, behind the passcode")
        unlock_by_code(life, piv, number)
        later_life(life, piv, number, "grace")
        unlock_at_desk(life, piv, number)
        life.step("PIV: still no management key on it", not piv.keeps_management_key(), "none in the object 5FC109, behind the passcode")
        second_person(life)
        if everywhere:
            pulled_everywhere(life, piv, everywhere)
        piv.out()
        life.stop()
        shutil.rmtree(life.dir)
        life.start()
        hsm = SoftHsm(life, "hsm")
        number = first_issue(life, hsm, "kofi")
        new_passcode_for_token(life, hsm, number)
        later_life(life, hsm, number, "kofi")
    finally:
        piv.out()
        life.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{life.passed} passed, {life.failed} failed")
    return 1 if life.failed else 0


if __name__ == "__main__":
    sys.exit(main())
