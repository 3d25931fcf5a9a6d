// Kofi has no card: he signs in with a password and the six digits of his app, as any authenticator app shows them
// (RFC 6238), and looks at his ways to sign in. Nothing is changed that other journeys need.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { withBrowser } from "./browser.mjs";
import { dev } from "./manifest.mjs";

function digits(secret, at = Date.now()) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((octet) => parseInt(octet, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const tag = createHmac("sha1", key).update(step).digest();
  const number = tag.readUInt32BE(tag[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

test("kofi signs in with password and app, and looks at his ways to sign in", async () => {
  const kofi = dev.people.kofi;
  const violations = await withBrowser(null, async (page, look) => {
    await page.goto(dev.app_url);
    await page.getByRole("link", { name: /sign in/i }).or(page.getByRole("button", { name: /sign in/i })).first().click();
    await look("70-ways-with-an-app");
    await page.locator("[data-method=authenticator-app]").first().click();
    await page.fill("[name=username]", kofi.email);
    await page.fill("[name=password]", "a wrong one, quite long");
    await page.fill("[name=code]", "000000");
    await page.getByRole("button", { name: /sign in/i }).click();
    await page.waitForSelector("main[data-refusal=credentials_wrong]");
    await look("71-app-refused");
    await page.fill("[name=username]", kofi.email);
    await page.fill("[name=password]", kofi.password);
    await page.fill("[name=code]", digits(kofi.totp_secret));
    await page.getByRole("button", { name: /sign in/i }).click();
    await page.waitForURL(`${dev.app_url}/**`);
    assert.ok((await page.textContent("main")).includes(kofi.name), "Ward 7 knows him");
    await page.goto(`${dev.issuer}/my/authenticators`);
    await look("72-my-authenticators");
    await page.goto(`${dev.issuer}/my/authenticators/app`);
    await look("73-an-app-is-added");
    await page.locator("form[data-choice=begin] button").click();
    await page.waitForSelector("[data-secret]");
    await look("74-an-app-is-set-up");
  });
  assert.deepEqual(violations, []);
});
