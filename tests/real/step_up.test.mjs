// From the app to the key: amara is signed in at AAL2, an application asks for AAL3, and she proves more without
// signing in anew. Her session goes on, with its role.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { test } from "node:test";
import { kinds, plug } from "./authenticator.mjs";
import { chooseRole, withBrowser } from "./browser.mjs";
import { digits } from "./digits.mjs";
import { dev } from "./manifest.mjs";

const amara = dev.people.amara;
const PASSWORD = "tea at the window";

/** An authorization request of Ward 7 that asks for AAL3. */
function asksForMore(redirect) {
  const url = new URL(`${dev.issuer}/oauth2/authorize`);
  const challenge = createHash("sha256").update(randomBytes(32)).digest("base64url");
  for (const [name, value] of Object.entries({
    response_type: "code", client_id: dev.clients.ward7.client_id, redirect_uri: redirect, state: "xyz",
    scope: "openid profile selectedrole", acr_values: "AAL3_ANY",
    code_challenge: challenge, code_challenge_method: "S256",
  })) url.searchParams.set(name, value);
  return url.href;
}

async function setUp(page) {
  await page.goto(`${dev.issuer}/signin/own?page=my&again=1`);
  await page.selectOption("[name=card]", "amara");
  await page.fill("[name=passcode]", amara.card.passcode);
  await page.locator("form[data-method=soft-card-reader] button").click();
  await page.waitForURL(`${dev.issuer}/my`);
  await page.goto(`${dev.issuer}/my/authenticators/key`);
  await page.fill("[name=name]", "Step-up key");
  await page.locator("button[value=roaming]").click();
  await page.waitForSelector("[data-page=my-key-try]");
  await page.locator("form[data-choice=try] button").click();
  await page.waitForURL(`${dev.issuer}/my/authenticators`);
  await page.goto(`${dev.issuer}/my/authenticators/app`);
  await page.locator("form[data-choice=begin] button").click();
  const secret = (await page.textContent("[data-secret]")).replaceAll(" ", "");
  await page.fill("[name=name]", "Step-up phone");
  await page.fill("[name=password]", PASSWORD);
  await page.fill("[name=code]", digits(secret));
  await page.locator("form[data-choice=finish] button").click();
  await page.waitForURL(`${dev.issuer}/my/authenticators`);
  return secret;
}

test("an application that asks for AAL3 gets a step-up from the app to the key", async () => {
  const violations = await withBrowser(null, async (page, look, context) => {
    const keys = await plug(page);
    await keys.take(kinds.usb);
    const secret = await setUp(page);
    await context.clearCookies();
    await page.goto(dev.app_url);
    await page.getByRole("link", { name: /sign in/i }).or(page.getByRole("button", { name: /sign in/i })).first().click();
    await page.locator("[data-method=authenticator-app]").first().click();
    await page.fill("[name=username]", amara.email);
    await page.fill("[name=password]", PASSWORD);
    await page.fill("[name=code]", digits(secret, Date.now() + 30_000)); // the one before was used to set it up
    await page.getByRole("button", { name: /sign in/i }).click();
    await page.waitForSelector("[name=role_id]");
    await chooseRole(page, 0);
    await page.waitForURL(`${dev.app_url}/**`);
    assert.match(await page.textContent("main"), /AAL2_ANY/);

    const redirect = dev.clients.ward7.redirect_uris.find((uri) => uri.includes(":9999/"));
    await page.goto(asksForMore(redirect));
    await page.waitForSelector("[data-notice=step-up]");
    const notice = await page.textContent("[data-notice=step-up]");
    assert.ok(notice.includes(amara.name) && notice.includes("AAL2, with Password and authenticator app"), notice);
    assert.ok(/this is enough: .*Security key/.test(notice), notice);
    assert.equal(await page.locator("[data-method=authenticator-app][data-unavailable=acr]").count(), 1);
    await look("96-step-up");
    await page.setViewportSize({ width: 320, height: 700 });
    await look("97-step-up-narrow");
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320, "no sideways scrolling");
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.locator("[data-method=security-key]").first().click();
    const application = createServer((_, answer) => answer.end("back")).listen(9999, "127.0.0.1");
    await page.locator("form[data-ceremony] button").click();
    await page.waitForURL(`${redirect}?**`);
    application.close();
    application.closeAllConnections();
    assert.ok(new URL(page.url()).searchParams.get("code"), "no role picker: she keeps her role");
    await page.goto(`${dev.issuer}/my/sessions`);
    const sessions = await page.textContent("main");
    assert.match(sessions, /AAL3, with Security key[\s\S]*Step-up key/);
    assert.doesNotMatch(sessions, /AAL2, with Password/, "it is the same session");
  });
  assert.deepEqual(violations, []);
});
