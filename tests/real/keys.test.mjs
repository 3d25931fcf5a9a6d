// Security keys, the computer's own authenticator and passkeys in a real Chromium: added, tried at once, signing in
// without a name; what proves too little is refused in words. The authenticators are Chromium's own, in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds, plug } from "./authenticator.mjs";
import { chooseRole, withBrowser } from "./browser.mjs";
import { digits } from "./digits.mjs";
import { dev } from "./manifest.mjs";

const signIn = (page) => page.getByRole("link", { name: /sign in/i }).or(page.getByRole("button", { name: /sign in/i })).first().click();

/** Whether the page is no wider than a small phone. */
async function fits(page, look, name) {
  await page.setViewportSize({ width: 320, height: 700 });
  await look(name);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  await page.setViewportSize({ width: 1280, height: 900 });
  assert.ok(wide <= 320, `${name} is ${wide} px wide`);
}

/** By the drawer of demo cards. */
async function byCard(page, alias) {
  await page.goto(`${dev.issuer}/signin/own?page=my&again=1`);
  await page.selectOption("[name=card]", alias);
  await page.fill("[name=passcode]", dev.people[alias].card.passcode);
  await page.locator("form[data-method=soft-card-reader] button").click();
  await page.waitForURL(`${dev.issuer}/my`);
}

/** Adds whatever is plugged in; the page that follows. */
async function add(page, kind, name) {
  await page.goto(`${dev.issuer}/my/authenticators/key`);
  await page.fill("[name=name]", name);
  await page.locator(`button[value=${kind}]`).click();
}

const shownTrouble = (page) => page.locator("[data-trouble]:visible").getAttribute("data-trouble");

test("kofi adds a key himself in four actions, and signs in with it without a name", async () => {
  const kofi = dev.people.kofi;
  const violations = await withBrowser(null, async (page, look, context) => {
    const keys = await plug(page);
    await keys.take(kinds.usb);
    await page.goto(`${dev.issuer}/signin/own?page=my`);
    await page.locator("[data-method=authenticator-app]").first().click();
    await page.fill("[name=username]", kofi.email);
    await page.fill("[name=password]", kofi.password);
    await page.fill("[name=code]", digits(kofi.totp_secret, Date.now() + 30_000));
    await page.getByRole("button", { name: /sign in/i }).click();
    await page.waitForURL(`${dev.issuer}/my`);
    let actions = 0;
    const press = async (what) => {
      actions += 1;
      await page.locator(what).first().click();
    };
    await press("nav a[href='/my/authenticators']");
    await look("80-ways-to-sign-in");
    await press("[data-choice=add-key]");
    await page.waitForSelector("[data-bound-at=aal2]");
    assert.match(await page.textContent("[data-opens]"), /\(AAL2\), so this device will open/);
    await look("81-a-key-is-added");
    await fits(page, look, "82-a-key-is-added-narrow");
    await press("button[value=roaming]");
    await page.waitForSelector("[data-page=my-key-try]");
    await look("83-a-key-is-tried");
    await fits(page, look, "84-a-key-is-tried-narrow");
    await press("form[data-choice=try] button");
    await page.waitForURL(`${dev.issuer}/my/authenticators`);
    assert.equal(actions, 4, "the list, the link, the kind, the trial");
    assert.match(await page.textContent("main"), /My key\s+Security key[\s\S]*In use/);
    await look("85-the-key-is-in-the-list");

    await context.clearCookies();
    await page.goto(dev.app_url);
    await signIn(page);
    await page.locator("[data-method=security-key]").first().click();
    await page.waitForSelector("[data-page=signin-key]");
    await look("86-signing-in-with-a-key");
    await fits(page, look, "87-signing-in-with-a-key-narrow");
    await page.locator("form[data-ceremony] button").click();
    await page.waitForURL(`${dev.app_url}/**`);
    const main = await page.textContent("main");
    assert.ok(main.includes(kofi.name), "Ward 7 knows him");
    assert.ok(main.includes("FIDO2") && main.includes("AAL2_ANY"), main);
    await look("88-ward7-with-a-key");
    const [credential] = await keys.credentials();
    assert.ok(credential.isResidentCredential && credential.signCount >= 2);
  });
  assert.deepEqual(violations, []);
});

test("a key, the computer and a passkey count for what they prove", async () => {
  const amara = dev.people.amara;
  const violations = await withBrowser(null, async (page, look, context) => {
    const keys = await plug(page);
    for (const [kind, button, name, method, acr, amr] of [
      [kinds.usb, "roaming", "USB key", "security-key", "AAL3_ANY", "FIDO2"],
      [kinds.computer, "platform", "Ward laptop", "windows-hello", "AAL2_ANY", "PASSKEY"],
      [kinds.synced, "platform", "Phone", "passkey", "AAL2_ANY", "PASSKEY"],
    ]) {
      await keys.take(kind);
      await byCard(page, "amara");
      await add(page, button, name);
      await page.waitForSelector("[data-page=my-key-try]");
      await page.locator("form[data-choice=try] button").click();
      await page.waitForURL(`${dev.issuer}/my/authenticators`);
      await context.clearCookies();
      await page.goto(dev.app_url);
      await signIn(page);
      await page.locator(`[data-method=${method}]`).first().click();
      await page.locator("form[data-ceremony] button").click();
      await page.waitForSelector("[name=role_id]");
      await chooseRole(page, 0);
      await page.waitForURL(`${dev.app_url}/**`);
      const main = await page.textContent("main");
      assert.ok(main.includes(amara.name) && main.includes(acr) && main.includes(amr), `${name}: ${main}`);
      await context.clearCookies();
    }
    await byCard(page, "amara");
    await page.goto(`${dev.issuer}/my/authenticators`);
    await look("90-three-kinds-in-the-list");
    // The same device makes no second key.
    await add(page, "platform", "Phone again");
    await page.waitForSelector("[data-trouble]:visible");
    assert.equal(await shownTrouble(page), "known-here");
    await look("91-this-device-is-in-the-list");
  });
  assert.deepEqual(violations, []);
});

test("what proves too little is refused in words, with a way on", async () => {
  const violations = await withBrowser(null, async (page, look, context) => {
    const keys = await plug(page);
    await byCard(page, "noah");
    // A key of before can check nobody.
    await keys.take(kinds.u2f);
    await add(page, "roaming", "Old key");
    await page.waitForSelector("[data-trouble]:visible");
    assert.equal(await shownTrouble(page), "not-made");
    assert.match(await page.textContent("[data-trouble]:visible"), /cannot check one: such a device cannot be used/);
    await look("92-a-key-that-checks-nobody");
    // Nobody's finger is right.
    await keys.take(kinds.usb);
    await keys.forget();
    await add(page, "roaming", "Not mine");
    await page.waitForSelector("[data-trouble]:visible");
    assert.equal(await shownTrouble(page), "not-made");
    await page.goto(`${dev.issuer}/my/authenticators`);
    assert.doesNotMatch(await page.textContent("main"), /Old key|Not mine/);
    // A device without a key for this service, and the way to the others.
    await context.clearCookies();
    await keys.take(kinds.usb);
    await page.goto(dev.app_url);
    await signIn(page);
    await page.locator("[data-method=security-key]").first().click();
    await page.locator("form[data-ceremony] button").click();
    await page.waitForSelector("[data-trouble]:visible");
    assert.equal(await shownTrouble(page), "not-allowed");
    await look("93-no-key-here");
    await fits(page, look, "94-no-key-here-narrow");
    await page.locator("[data-choice=other-way]").click();
    await page.waitForSelector("[data-method=smartcard]");
    await fits(page, look, "95-every-way-narrow");
  });
  assert.deepEqual(violations, []);
});

test("ways that this device cannot go are shown as such, with the reason", async () => {
  const violations = await withBrowser(null, async (page, look) => {
    const off = page.locator("[data-unavailable=device]");
    const open = (method) => page.locator(`a[data-method=${method}]`).count();
    const keys = await plug(page);
    await keys.take(kinds.computer);
    await page.goto(dev.app_url);
    await signIn(page);
    await page.waitForLoadState("networkidle");
    assert.equal(await off.count(), 0, "a computer that asks for a finger goes every way");
    await keys.take(kinds.usb);
    await page.reload();
    await page.waitForSelector("[data-method=windows-hello][data-unavailable=device]");
    assert.match(await off.textContent(), /Windows Hello[\s\S]*no PIN, finger or face set up/);
    assert.deepEqual([await off.count(), await open("security-key"), await open("passkey")], [1, 1, 1]);
    await look("98-no-finger-here");
    await page.addInitScript(() => delete window.PublicKeyCredential);
    await page.reload();
    await page.waitForSelector("[data-method=security-key][data-unavailable=device]");
    assert.equal(await off.count(), 3);
    assert.equal(await open("authenticator-app"), 1, "and the others stay open");
    await fits(page, look, "99-no-keys-in-this-browser-narrow");
  });
  assert.deepEqual(violations, []);
});

test("without JavaScript the page says which ways work", async () => {
  const violations = await withBrowser(null, async (page, look) => {
    await page.goto(dev.app_url);
    await signIn(page);
    assert.match(await page.textContent("[data-noscript]"), /Every other way works without it/);
    await page.locator("[data-method=passkey]").first().click();
    assert.match(await page.textContent("[data-noscript]"), /needs JavaScript/);
    assert.equal(await page.locator("form[data-ceremony] button:visible").count(), 0, "no button that does nothing");
    await page.locator("[data-choice=other-way]").click();
    await page.waitForSelector("[data-method=authenticator-app]");
  }, { javaScriptEnabled: false });
  assert.deepEqual(violations, []);
});
