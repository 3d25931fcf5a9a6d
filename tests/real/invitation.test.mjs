// Ruth of the desk gives noah a link, and he sets up password and app in another browser; ivan gives omar access for one
// shift, and so does nadia, deputy of a ward, at night. Each sees what it is, until when, and what to do when a link works no more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { withBrowser } from "./browser.mjs";
import { digits } from "./digits.mjs";
import { dev } from "./manifest.mjs";

const PASSWORD = "tea at the window";

/** At the desk, on somebody's page. */
async function atDesk(page, person) {
  await page.goto(`${dev.issuer}/desk`);
  await page.locator("[data-method=smartcard]").first().click();
  await page.waitForURL(`${dev.issuer}/**`);
  const role = page.locator("[name=role_id]").first();
  if (await role.count()) await role.click();
  await page.goto(`${dev.issuer}/desk/people/${dev.people[person].user_id}`);
}

async function give(page, act) {
  await page.locator(`[data-act=${act}]`).first().click();
  await page.check("[name=holder_present]");
  await page.check("[name=photo_compared]");
}

/** The same page on a small phone: read without scrolling sideways. */
async function lookNarrow(page, look, name) {
  await page.setViewportSize({ width: 320, height: 640 });
  await look(`${name}-320`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 320, `${name} is ${wide} wide`);
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** From the link to the end, in another browser. */
async function setUp(page, look, link, pictures) {
  await page.goto(link);
  await look(`${pictures}-link`);
  await page.locator("form[data-choice=open] button").click();
  await page.waitForSelector("main[data-page=enrol-visit]");
  await look(`${pictures}-visit`);
  await lookNarrow(page, look, `${pictures}-visit`);
  await page.locator("form[data-choice=begin] button").click();
  const secret = (await page.textContent("[data-secret]")).replaceAll(" ", "");
  await look(`${pictures}-set-up`);
  await page.fill("[name=password]", PASSWORD);
  await page.fill("[name=code]", digits(secret));
  await page.locator("form[data-choice=finish] button").click();
  await page.waitForSelector("main[data-page=enrol-done]");
  await look(`${pictures}-done`);
  return secret;
}

test("ruth gives noah a link; he sets an app up elsewhere and opens Ward 7 with it", async () => {
  let link;
  const atTheDesk = await withBrowser("ruth", async (page, look) => {
    await atDesk(page, "noah");
    await look("80-desk-person");
    await give(page, "invite");
    await look("81-desk-invite");
    await page.getByRole("button", { name: /give a link/i }).click();
    link = await page.textContent("[data-link]");
    await look("82-desk-link");
    await lookNarrow(page, look, "82-desk-link");
  });
  assert.deepEqual(atTheDesk, []);
  let secret;
  const elsewhere = await withBrowser(null, async (page, look) => {
    secret = await setUp(page, look, link, "83");
    await page.goto(link);
    await page.waitForSelector("main[data-refusal=invitation_used]");
    await look("84-link-used");
    await page.goto(dev.app_url);
    await page.getByRole("link", { name: /sign in/i }).or(page.getByRole("button", { name: /sign in/i })).first().click();
    await page.locator("[data-method=authenticator-app]").first().click();
    await page.fill("[name=username]", dev.people.noah.user_id);
    await page.fill("[name=password]", PASSWORD);
    // The code of the setting-up is used up; that of the next half minute counts already.
    await page.fill("[name=code]", digits(secret, Date.now() + 30_000));
    await page.getByRole("button", { name: /sign in/i }).click();
    await page.waitForURL(`${dev.app_url}/**`);
    assert.ok((await page.textContent("main")).includes(dev.people.noah.name), "Ward 7 knows him");
  });
  assert.deepEqual(elsewhere, []);
});

test("ivan gives omar access for one shift, and both pages say until when", async () => {
  let link;
  const atTheDesk = await withBrowser("ivan", async (page, look) => {
    await atDesk(page, "omar");
    await give(page, "temporary");
    await look("85-desk-temporary");
    await page.getByRole("button", { name: /give temporary access/i }).click();
    link = await page.textContent("[data-link]");
    await look("86-desk-temporary-link");
  });
  assert.deepEqual(atTheDesk, []);
  const elsewhere = await withBrowser(null, async (page, look) => {
    await setUp(page, look, link, "87");
  });
  assert.deepEqual(elsewhere, []);
  const after = await withBrowser("ruth", async (page, look) => {
    await atDesk(page, "omar");
    await page.waitForSelector("[data-temporary]");
    await look("88-desk-person-temporary");
    await lookNarrow(page, look, "88-desk-person-temporary");
    await page.locator("[data-act=suspend]").first().click();
    await look("89-desk-suspend");
    await page.goto(`${dev.issuer}/desk/unused`);
    await look("89-desk-unused");
  });
  assert.deepEqual(after, []);
});

test("ruth names luca the deputy of his ward and thinks better of it", async () => {
  const notices = await withBrowser("ruth", async (page, look) => {
    await atDesk(page, "luca");
    await page.locator("[data-act=deputy]").first().click();
    await look("90-desk-deputy");
    await lookNarrow(page, look, "90-desk-deputy");
    await page.getByRole("button", { name: /name as ward deputy/i }).click();
    await page.waitForSelector("[data-act=end-deputy]");
    await look("91-desk-person-deputy");
    await page.locator("[data-act=end-deputy]").click();
    await page.waitForURL(/done=end-deputy/);
    assert.equal(await page.locator("[data-act=end-deputy]").count(), 0, "she is deputy no more");
  });
  assert.deepEqual(notices, []);
});

test("at night nadia, deputy of the ward, finds luca there and gives him access for one shift, and nobody else", async () => {
  const notices = await withBrowser("nadia", async (page, look) => {
    await page.goto(`${dev.issuer}/desk`);
    await page.locator("[data-method=smartcard]").first().click();
    await page.waitForURL(`${dev.issuer}/desk`);
    await look("92-deputys-desk");
    await lookNarrow(page, look, "92-deputys-desk");
    await page.getByRole("link", { name: dev.people.luca.name }).click();
    await look("93-deputys-colleague");
    await give(page, "temporary");
    await page.getByRole("button", { name: /give temporary access/i }).click();
    assert.match(await page.textContent("[data-link]"), /^https:\/\/localhost:/);
    await page.goto(`${dev.issuer}/desk/people/${dev.people.hana.user_id}`);
    await page.waitForSelector("main[data-refusal=actor_role_missing]");
    await look("94-not-of-the-ward");
  });
  assert.deepEqual(notices, []);
});
