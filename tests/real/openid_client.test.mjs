// npm `openid-client` (nobody here wrote it) as a clinical application: strict checks on, PKCE, nonce, max_age.
// Node trusts the dev TLS root through NODE_EXTRA_CA_CERTS, which tests/run sets.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as oidc from "openid-client";
import { Agent } from "./agent.mjs";
import { card, dev } from "./manifest.mjs";

const client = dev.clients.ward7;
const redirectUri = client.redirect_uris.find((uri) => uri.includes(":9999/"));

async function configuration(authentication = oidc.ClientSecretBasic(client.client_secret), which = client) {
  return oidc.discovery(new URL(dev.issuer), which.client_id, undefined, authentication);
}

async function begin(config, extra = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
    idTokenExpected: true,
  };
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: "openid profile nationalrbacaccess associatedorgs selectedrole",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...extra,
  });
  return { url, checks };
}

test("amara signs in by card, chooses her second role, and the tokens carry it", async () => {
  const config = await configuration();
  const { url, checks } = await begin(config, { acr_values: "AAL3_ANY", max_age: "300" });
  const back = await new Agent(card("amara")).signIn(url.href, redirectUri, { role: 1 });
  const tokens = await oidc.authorizationCodeGrant(config, new URL(back), { ...checks, maxAge: 300 });
  const claims = tokens.claims();
  const amara = dev.people.amara;
  assert.equal(claims.sub, amara.user_id);
  assert.equal(claims.acr, "AAL3_ANY");
  assert.deepEqual(claims.amr, ["N3_SMARTCARD"]);
  assert.ok(amara.roles.map((r) => r.role_id).includes(claims.selected_roleid));
  assert.equal(claims.matron_session_role.role_id, claims.selected_roleid);
  const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  assert.equal(info.sub, amara.user_id);
  assert.equal(info.nhsid_nrbac_roles[0].person_roleid, claims.selected_roleid);
});

test("a code works once: the second use is invalid_grant and kills the first tokens", async () => {
  const config = await configuration();
  const { url, checks } = await begin(config);
  const back = new URL(await new Agent(card("noah")).signIn(url.href, redirectUri));
  const tokens = await oidc.authorizationCodeGrant(config, back, checks);
  await assert.rejects(oidc.authorizationCodeGrant(config, back, checks), (e) => e.error === "invalid_grant");
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));
});

test("omar holds no role: he gets in and selected_roleid is the empty string", async () => {
  const config = await configuration();
  const { url, checks } = await begin(config);
  const back = await new Agent(card("omar")).signIn(url.href, redirectUri);
  const tokens = await oidc.authorizationCodeGrant(config, new URL(back), checks);
  assert.equal(tokens.claims().selected_roleid, "");
});

test("the public client needs no secret but PKCE", async () => {
  const spa = dev.clients.spa;
  const config = await configuration(oidc.None(), spa);
  const { url, checks } = await begin(config);
  const back = await new Agent(card("amara")).signIn(url.href, redirectUri);
  const tokens = await oidc.authorizationCodeGrant(config, new URL(back), checks);
  assert.equal(tokens.claims().aud, spa.client_id);
});

test("sign-out at the provider ends the session", async () => {
  const config = await configuration();
  const { url, checks } = await begin(config);
  const agent = new Agent(card("amara"));
  const back = await agent.signIn(url.href, redirectUri);
  const tokens = await oidc.authorizationCodeGrant(config, new URL(back), checks);
  const out = oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token });
  await agent.follow(await agent.request(out.href));
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub));
});
