// A holder renews her card from the browser: the issuer's page, the card program's page on loopback, and back.
// Last of the browser's journeys: afterwards the certificates in the key stores of these people are superseded.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { withBrowser } from "./browser.mjs";
import { dev, dir } from "./manifest.mjs";

const options = (alias, state) => {
  const { certificate, key } = dev.people[alias].card.authentication;
  return ["--cert", join(dir, certificate), "--key", join(dir, key), "--card-url", dev.card_url,
    "--ca", join(dir, dev.tls_root_certificate), ...(state ? ["--issuer", dev.issuer, "--state-dir", state] : [])];
};

const status = (alias) => JSON.parse(execFileSync(process.env.MATRON_CARD, ["status", "--json", ...options(alias)]));

/** The card program, waiting. `ended` is its exit code. */
async function waiting(alias) {
  const state = mkdtempSync(join(tmpdir(), "matron-notes-"));
  const program = spawn(process.env.MATRON_CARD, ["serve", ...options(alias, state)]);
  const said = [];
  program.stderr.on("data", (part) => said.push(part));
  const ended = new Promise((resolve) => program.on("close", (code) => {
    rmSync(state, { recursive: true, force: true });
    resolve(code);
  }));
  const address = await new Promise((resolve, reject) => {
    program.stdout.once("data", (line) => resolve(line.toString().trim()));
    ended.then((code) => reject(new Error(`matron-card serve ended with ${code}: ${said.join("")}`)));
  });
  return { address, ended, program };
}

async function renewedBy(alias, browser) {
  const before = status(alias);
  let clicks = 0;
  const click = (what) => { clicks += 1; return what.click(); };
  const violations = await withBrowser(alias, async (page, look) => {
    await page.goto(dev.app_url);
    await page.getByRole("link", { name: /sign in/i }).or(page.getByRole("button", { name: /sign in/i })).first().click();
    await page.locator("[data-method=smartcard]").first().click();
    await page.waitForSelector("[data-notice=renewal]");
    const client = await waiting(alias);
    try {
      await click(page.locator("a[data-choice=renew]"));
      await page.waitForSelector("main[data-renewal=ready]");
      await click(page.locator("a[data-choice=card-client]"));
      await page.waitForSelector("main[data-card-client=ask]");
      assert.ok((await page.textContent("main")).includes(before.number), "it says which card");
      if (browser.javaScriptEnabled !== false) await look("60-card-program");
      await click(page.getByRole("button", { name: "Renew now" }));
      await page.waitForSelector("main[data-renewal=done]");
      assert.equal(await client.ended, 0);
    } finally {
      client.program.kill();
    }
    assert.equal(clicks, 3, "three clicks beyond the card program");
    if (browser.javaScriptEnabled !== false) await look("61-renewed");
    await page.locator("[data-choice=go-on]").click();
    await page.waitForURL(`${dev.app_url}/**`);
  }, browser);
  assert.deepEqual(violations, []);
  const after = status(alias);
  assert.equal(after.self_renewals_used, before.self_renewals_used + 1);
  assert.ok(after.certificates.every((one) => one.status === "valid" && one.not_after > before.certificates[0].not_after));
}

test("noah renews his card, from the notice at sign-in to the application, with three clicks", () => renewedBy("noah", {}));

test("hana does the same in a browser without JavaScript", () => renewedBy("hana", { javaScriptEnabled: false }));

test("the card program answers nobody but the issuer's page and its own button", async () => {
  const client = await waiting("amara");
  try {
    const origin = new URL(client.address).origin;
    const asked = async (path, init) => (await fetch(origin + path, init)).status;
    assert.equal(await asked("/"), 403, "nobody leads here");
    assert.equal(await asked("/", { headers: { referer: "https://evil.example/" }, referrerPolicy: "unsafe-url" }), 403);
    assert.equal(await asked("/renew", { method: "POST", headers: { origin: "https://evil.example" }, body: "token=0" }), 403);
    assert.equal(await asked("/renew", { method: "POST", headers: { origin }, body: `token=${"0".repeat(64)}` }), 403);
    assert.equal((await fetch(client.address)).status, 200, "the printed address opens it");
  } finally {
    client.program.kill();
    await client.ended;
  }
});
