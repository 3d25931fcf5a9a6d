#!/usr/bin/env python3
"""An access token (scope desk) of a demo person: desk_token.py DIR ALIAS"""
import sys, json, ssl, base64, hashlib, secrets, re, html, http.cookiejar, urllib.request, urllib.parse
d, alias = sys.argv[1:3]
dev = json.load(open(f"{d}/dev.json"))
ctx = ssl.create_default_context(cafile=f"{d}/{dev['tls_root_certificate']}")
issuer = dev["issuer"]
c = dev["clients"]["console"]
class Stop(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if newurl.startswith(c["redirect_uris"][0]):
            raise SystemExit_(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
class SystemExit_(Exception): pass
op = urllib.request.build_opener(urllib.request.HTTPSHandler(context=ctx), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), Stop())
ver = secrets.token_urlsafe(40)
chal = base64.urlsafe_b64encode(hashlib.sha256(ver.encode()).digest()).rstrip(b"=").decode()
q = dict(response_type="code", client_id=c["client_id"], redirect_uri=c["redirect_uris"][0], scope="openid self desk selectedrole", state="s", nonce="n", code_challenge=chal, code_challenge_method="S256")
def forms(page):
    out = []
    for m in re.finditer(r"<form(.*?)>(.*?)</form>", page, re.S):
        fields = []
        for i in re.finditer(r"<(?:input|button)([^>]*)>", m[2]):
            a = dict(re.findall(r'([\w-]+)="([^"]*)"', i[1]))
            if "name" in a: fields.append((a["name"], html.unescape(a.get("value", "")), a.get("type", "")))
        a = dict(re.findall(r'([\w-]+)="([^"]*)"', m[1]))
        out.append((a, fields))
    return out
try:
    r = op.open(issuer + "/oauth2/authorize?" + urllib.parse.urlencode(q))
    page, url = r.read().decode(), r.geturl()
    for _ in range(6):
        fs = forms(page)
        pick = next((f for f in fs if any(n == "passcode" for n, _, _ in f[1])), None)
        if pick is None:
            pick = next((f for f in fs if any(n == "role_id" for n, _, _ in f[1])), None) or next((f for f in fs if f[0].get("data-choice") in ("not-now",)), None) or fs[0]
        data = {}
        for n, v, t in pick[1]:
            if n in ("role_id",) and n in data: continue
            data[n] = v
        if any(n == "passcode" for n, _, _ in pick[1]):
            data["card"] = alias; data["passcode"] = dev["people"][alias]["card"]["passcode"]
        req = urllib.request.Request(urllib.parse.urljoin(url, html.unescape(pick[0].get("action", url))), urllib.parse.urlencode(data).encode(), {"Origin": issuer})
        r = op.open(req); page, url = r.read().decode(), r.geturl()
    print(page, file=sys.stderr); sys.exit(1)
except SystemExit_ as e:
    code = urllib.parse.parse_qs(urllib.parse.urlparse(str(e)).query)["code"][0]
except urllib.error.HTTPError as e:
    print(e, e.url, e.read().decode()[:3000], file=sys.stderr); sys.exit(1)
tok = json.load(urllib.request.urlopen(issuer + "/.well-known/openid-configuration", context=ctx))["token_endpoint"]
req = urllib.request.Request(tok, urllib.parse.urlencode(dict(grant_type="authorization_code", code=code, redirect_uri=c["redirect_uris"][0], code_verifier=ver)).encode())
req.add_header("Authorization", "Basic " + base64.b64encode(f"{c['client_id']}:{c['client_secret']}".encode()).decode())
print(json.load(urllib.request.urlopen(req, context=ctx))["access_token"])
