// An account at another organisation, whose provider nobody here wrote (npm oidc-provider): shown as unavailable while that
// is down, linked by Amara after her card, and then a way to sign in to Ward 7 without it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseRole, withBrowser } from "./browser.mjs";
import { dev } from "./manifest.mjs";
import { start } from "./upstream.mjs";

const signIn = (page) => page.getByRole("link", { name: /sign in/i }).or(page.getByRole("button", { name: /sign in/i })).first().click();

/** Types an account's name at the other organisation. */
async function there(page, account) {
  await page.waitForSelector("#account");
  await page.fill("#account", account);
  await page.getByRole("button", { name: /sign in there/i }).click();
}

/** From Ward 7 to the ways to sign in, with no session anywhere. */
async function ways(page) {
  await page.context().clearCookies();
  await page.goto(dev.app_url);
  await signIn(page);
  await page.waitForSelector("[data-method=federated]");
}

/** Waits until the way is open: Matron asks again by itself. */
async function open(page) {
  for (let i = 0; i < 20; i += 1) {
    if (await page.locator("a[data-method=federated]").count()) return;
    await page.waitForTimeout(1000);
    await page.reload();
  }
  assert.fail("the organisation is still shown as unavailable");
}

async function link() {
  const violations = await withBrowser(null, async (page, look) => {
    await page.goto(`${dev.issuer}/my/authenticators`);
    await page.selectOption("[name=card]", "amara");
    await page.fill("[name=passcode]", dev.people.amara.card.passcode);
    await page.locator("[data-method=soft-card-reader] button").click();
    await page.waitForURL(`${dev.issuer}/my`);
    await page.goto(`${dev.issuer}/my/authenticators`);
    await page.locator("[data-choice=add-federated]").click();
    await page.waitForSelector("form[data-choice=link]");
    await look("82-link-an-account");
    await page.setViewportSize({ width: 320, height: 700 });
    await look("82-link-an-account-320");
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.locator("form[data-choice=link] button").click();
    await there(page, "amara-there");
    await page.waitForSelector("[data-authenticator]");
    assert.match(await page.textContent("main"), /NHS\.net Connect/);
    await look("83-linked");
  });
  assert.deepEqual(violations, []);
}

test("an organisation that is down is shown so, and everything else works", async () => {
  const violations = await withBrowser(null, async (page, look) => {
    await ways(page);
    await page.waitForSelector("[data-method=federated][data-unavailable=down]");
    await look("80-organisation-down");
    await page.setViewportSize({ width: 320, height: 700 });
    await look("80-organisation-down-320");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 320, `no sideways scrolling at 320 px: ${wide}`);
    await page.locator("[data-choice=ask-again]").click();
    await page.waitForSelector("main[data-refusal=federation_unavailable]");
    await look("81-still-down-320");
    await page.locator("[data-choice=other-way]").click();
    await page.waitForSelector("a[data-method=smartcard]");
  });
  assert.deepEqual(violations, []);
});

test("amara links her account after her card, and signs in to Ward 7 with it alone", async () => {
  let stop = await start();
  try {
    const waiting = await withBrowser(null, async (page) => {
      await ways(page);
      await open(page);
    });
    assert.deepEqual(waiting, []);
    await link();
    const violations = await withBrowser(null, async (page, look) => {
      await ways(page);
      await look("84-ways-with-an-organisation");
      await page.locator("a[data-method=federated]").click();
      await there(page, "somebody-else-there");
      await page.waitForSelector("main[data-refusal=account_not_linked]");
      await look("85-not-linked");
      await page.setViewportSize({ width: 320, height: 700 });
      await look("85-not-linked-320");
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.locator("[data-choice=other-way]").click();
      await page.locator("a[data-method=federated]").click();
      await there(page, "");
      await page.waitForSelector("main[data-refusal=federation_denied]");
      await look("86-denied-there");
      await page.locator("[data-choice=again]").click();
      await there(page, "amara-there");
      await page.waitForSelector("[name=role_id]");
      await chooseRole(page, 0);
      await page.waitForURL(`${dev.app_url}/**`);
      const shown = await page.textContent("main");
      assert.ok(shown.includes(dev.people.amara.name), "Ward 7 knows her");
      assert.match(shown, /FEDERATED/);
      assert.match(shown, /AAL2_ANY/);
      await look("87-ward7-by-an-organisation");

      // Other keys, and then no second factor.
      await stop();
      stop = await start({ kid: "second" });
      await ways(page);
      await open(page);
      await page.locator("a[data-method=federated]").click();
      await there(page, "amara-there");
      await page.waitForSelector("[name=role_id]");
      await stop();
      stop = await start({ kid: "third", secondFactor: false });
      await ways(page);
      await open(page);
      await page.locator("a[data-method=federated]").click();
      await there(page, "amara-there");
      await page.waitForSelector("main[data-refusal=federation_too_weak]");
      await look("88-no-second-factor");
    });
    assert.deepEqual(violations, []);
  } finally {
    await stop();
  }
});
