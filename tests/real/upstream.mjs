// Another organisation, played by npm oidc-provider: its accounts are named by whoever types a name on its page, each with
// a second factor. It can go away, and come back with other keys.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";
import { dev } from "./manifest.mjs";

export const port = Number(process.env.MATRON_REAL_UPSTREAM_PORT);
export const issuer = `http://127.0.0.1:${port}`;

function keys(kid) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { keys: [{ ...privateKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" }] };
}

const page = (uid) => `<!doctype html><html lang="en"><title>NHS.net Connect (demo)</title><main><h1>NHS.net Connect (demo)</h1>
<form method="post" action="/interaction/${uid}"><label for="account">Account</label><input id="account" name="account">
<button>Sign in there</button></form></main></html>`;

/** Starts it; `secondFactor` says what it claims. Answers what ends it. */
export async function start({ kid = "first", secondFactor = true } = {}) {
  const provider = new Provider(issuer, {
    clients: [{
      client_id: "matron-real", client_secret: process.env.MATRON_REAL_UPSTREAM_SECRET, grant_types: ["authorization_code"],
      redirect_uris: [`${dev.issuer}/signin/federated/nhs-net/callback`], response_types: ["code"],
    }],
    jwks: keys(kid),
    acrValues: ["mfa"],
    claims: { openid: ["sub", "amr", "acr", "auth_time"], email: ["email"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["a key of the demo"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@elsewhere.example` }) }),
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid email");
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  const server = createServer(async (request, response) => {
    const uid = /^\/interaction\/([\w-]+)$/.exec(request.url)?.[1];
    if (!uid) return answer(request, response);
    if (request.method === "GET") {
      response.setHeader("content-type", "text/html; charset=utf-8");
      return response.end(page(uid));
    }
    let body = "";
    for await (const piece of request) body += piece;
    const accountId = new URLSearchParams(body).get("account");
    const login = secondFactor ? { accountId, acr: "mfa", amr: ["pwd", "otp"] } : { accountId, amr: ["pwd"] };
    if (!accountId) {
      return provider.interactionFinished(request, response, { error: "access_denied" }, { mergeWithLastSubmission: false });
    }
    return provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
  });
  await new Promise((ready) => server.listen(port, "127.0.0.1", ready));
  return async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
}
