// Kofi has no card: he signs in with a password and the six digits of his app, as oathtool shows them (RFC 6238), and looks at his ways to sign in. Nothing is changed that other journeys need.
import assert from "node:assert/strict";
import { test } from "node:test";
import { withBrowser } from "./browser.mjs";
import { digits } from "./digits.mjs";
import { dev } from "./manifest.mjs";

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
    const ward = await page.textContent("main");
    assert.ok(ward.includes(kofi.name), "Ward 7 knows him");
    assert.ok(ward.includes("AAL2_ANY") && ward.includes("TOTP"), "and how he proved it");
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
