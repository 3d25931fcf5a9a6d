// The journeys of people, in a real Chromium, on real TLS. Each page is looked at by axe in light and dark.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent } from "./agent.mjs";
import { chooseRole, continueAs, notNow, withBrowser } from "./browser.mjs";
import { freshRequest } from "./card.mjs";
import { dev } from "./manifest.mjs";

const signIn = (page) => page.getByRole("link", { name: /sign in/i }).or(page.getByRole("button", { name: /sign in/i })).first().click();

test("amara signs in to Ward 7 with the card in her browser, chooses, changes role and signs out", async () => {
  const violations = await withBrowser("amara", async (page, look) => {
    await page.goto(dev.app_url);
    await look("01-ward7-welcome");
    await signIn(page);
    await page.waitForSelector("[data-method=smartcard]");
    await look("02-ways-to-sign-in");
    await page.locator("[data-method=smartcard]").first().click();
    await page.waitForSelector("[name=role_id]");
    await look("03-role-picker");
    await chooseRole(page, 0);
    await page.waitForURL(`${dev.app_url}/**`);
    await look("04-ward7-signed-in");
    const [first, second] = dev.people.amara.roles.map((r) => r.org_code);
    const shown = await page.textContent("main");
    assert.ok(shown.includes(first) || shown.includes(second), "the app shows the organisation of the chosen role");
    await page.getByRole("link", { name: /change role/i }).or(page.getByRole("button", { name: /change role/i })).first().click();
    await continueAs(page);
    await page.waitForSelector("[name=role_id]");
    await chooseRole(page, 1);
    await page.waitForURL(`${dev.app_url}/**`);
    await look("05-ward7-other-role");
    assert.notEqual(await page.textContent("main"), shown, "another role, another page");

    await page.goto(dev.issuer);
    await look("06-start-page-signed-in");
    await page.goto(dev.app_url);
    await page.getByRole("link", { name: /sign out/i }).or(page.getByRole("button", { name: /sign out/i })).first().click();
    await page.waitForLoadState();
    await look("07-signing-out");
    const confirm = page.getByRole("button", { name: /sign out/i });
    if (await confirm.count()) await confirm.first().click();
    await page.waitForLoadState();
    await look("08-signed-out");
    await page.goto(dev.issuer);
    await look("09-start-page-signed-out");
  });
  assert.deepEqual(violations, []);
});

test("a live session is offered as continue-as, with a way out for someone else", async () => {
  const violations = await withBrowser("noah", async (page, look) => {
    await page.goto(dev.app_url);
    await signIn(page);
    await page.locator("[data-method=smartcard]").first().click();
    await page.waitForSelector("[data-notice=renewal]");
    await look("50-notice-before-the-end");
    await notNow(page);
    await page.waitForURL(`${dev.app_url}/**`);
    await page.context().clearCookies({ domain: "127.0.0.1" });
    await page.goto(dev.app_url);
    await signIn(page);
    await page.waitForSelector("[data-notice=continue-as]");
    await look("10-continue-as");
    await continueAs(page);
    await page.waitForURL(`${dev.app_url}/**`);

    await page.goto(`${dev.issuer}/oauth2/end_session`);
    await look("13-sign-out-confirmation");
    await page.getByRole("button", { name: /sign out/i }).first().click();
    await page.waitForLoadState();
    await look("14-signed-out-at-matron");
    await page.goto(dev.issuer);
    assert.ok(!(await page.textContent("main")).includes(dev.people.noah.name), "nobody is signed in");
  });
  assert.deepEqual(violations, []);
});

test("noah sees his card, how to renew it, his activity and sessions, by keyboard and on a phone", async () => {
  const violations = await withBrowser("noah", async (page, look) => {
    await page.goto(`${dev.issuer}/my`);
    await page.locator("[data-method=smartcard]").first().click();
    await page.waitForSelector("main[data-page=my-card]");
    await look("51-my-card");
    for (const [path, name] of [["renew", "my-renew"], ["activity", "my-activity"], ["sessions", "my-sessions"], ["contact", "my-contact"], ["passcode", "my-passcode"], ["terms", "my-terms"]]) {
      await page.goto(`${dev.issuer}/my/${path}`);
      await page.waitForSelector(`main[data-page=${name}]`);
      await look(`52-${name}`);
    }
    await page.goto(`${dev.issuer}/find-your-ra`);
    await page.locator("#q").focus();
    await page.keyboard.type("applegate");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[data-organisation]");
    await look("53-find-your-ra");
    await page.setViewportSize({ width: 320, height: 640 });
    for (const path of ["/my", "/my/renew", "/my/activity", "/my/sessions", "/find-your-ra?q=demo"]) {
      await page.goto(`${dev.issuer}${path}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
      assert.equal(wide, false, `${path} scrolls sideways at 320 CSS pixels`);
    }
  });
  assert.deepEqual(violations, []);
});

test("mei is refused by a page with three people who can help", async () => {
  const violations = await withBrowser("mei", async (page, look) => {
    await page.goto(dev.app_url);
    await signIn(page);
    await page.locator("[data-method=smartcard]").first().click();
    await page.waitForSelector("[data-notice=renewal]");
    await look("54-notice-for-mei");
    await page.locator("a[data-choice=renew]").click();
    await page.waitForSelector("main[data-refusal=self_renewal_limit_reached]");
    assert.equal(await page.locator(".helpers li").count(), 3);
    await look("55-renew-refused");
  });
  assert.deepEqual(violations, []);
});

test("leila finds one of her twelve roles by search", async () => {
  const violations = await withBrowser("leila", async (page, look) => {
    await page.goto(dev.app_url);
    await signIn(page);
    await page.locator("[data-method=smartcard]").first().click();
    await page.waitForSelector("[name=role_id]");
    await look("11-role-search");
    const wanted = dev.people.leila.roles[7].org_code;
    await page.locator("input[type=search]").fill(wanted);
    await page.keyboard.press("Enter");
    await page.waitForSelector("[name=role_id]");
    await look("12-role-search-result");
    await chooseRole(page, 0);
    await page.waitForURL(`${dev.app_url}/**`);
    assert.ok((await page.textContent("main")).includes(wanted));
  });
  assert.deepEqual(violations, []);
});

for (const [alias, code] of [["grace", "card_cancelled"], ["nina", "identity_closed"], ["luca", "card_locked"], [null, "no_certificate"]]) {
  test(`${alias ?? "nobody"} is refused with ${code}, told why and what to do next`, async () => {
    const violations = await withBrowser(alias, async (page, look) => {
      await page.goto(dev.app_url);
      await signIn(page);
      await page.locator("[data-method=smartcard]").first().click();
      await page.waitForSelector("main[data-refusal]");
      assert.equal(await page.getAttribute("main", "data-refusal"), code);
      await look(`20-refused-${code}`);
      const on = page.getByRole("link", { name: /try again|another way/i });
      if (code === "identity_closed") assert.equal(await on.count(), 0, "a closed profile has no other way in");
      else {
        await on.first().click();
        await page.waitForSelector("[data-method=smartcard]");
      }
    });
    assert.deepEqual(violations, []);
  });
}

test("tomasz's expired card is refused by name through the demo card, and a wrong passcode says how many tries are left", async () => {
  const violations = await withBrowser(null, async (page, look) => {
    const present = async (passcode) => {
      await page.locator("[name=card]").first().selectOption("tomasz");
      await page.locator("[name=passcode]").fill(passcode);
      await page.keyboard.press("Enter");
      await page.waitForLoadState();
    };
    await page.goto(dev.app_url);
    await signIn(page);
    await page.waitForSelector("[name=card]");
    await present("00000000");
    await page.waitForSelector("[role=alert]");
    await look("32-wrong-passcode");
    await present(dev.people.tomasz.card.passcode);
    await page.waitForSelector("main[data-refusal=certificate_expired]");
    await look("33-refused-certificate_expired");
  });
  assert.deepEqual(violations, []);
});

test("the soft card reader signs a newcomer in, by keyboard alone and without JavaScript", async () => {
  const violations = await withBrowser(null, async (page, look) => {
    const started = Date.now();
    await page.goto(dev.app_url);
    await signIn(page);
    const reader = page.locator("form[data-method=soft-card-reader]").or(page.locator("[data-method=soft-card-reader] form")).first();
    if (!(await reader.count())) await page.locator("[data-method=soft-card-reader]").first().click();
    await look("30-soft-card-reader");
    const card = page.locator("[name=card]").first();
    if ((await card.evaluate((e) => e.tagName)) === "SELECT") await card.selectOption("amara");
    else await page.locator("[name=card][value=amara]").check();
    await page.locator("[name=passcode]").focus();
    await page.keyboard.type(dev.people.amara.card.passcode);
    await page.keyboard.press("Enter");
    await page.waitForSelector("[name=role_id]");
    await chooseRole(page, 0);
    await page.waitForURL(`${dev.app_url}/**`);
    console.log(`soft card to signed in: ${Date.now() - started} ms with pictures and axe on the way`);
    await look("31-signed-in-by-soft-card");
  }, { javaScriptEnabled: true });
  assert.deepEqual(violations, []);
});

test("a phone-sized window keeps every page readable", async () => {
  const violations = await withBrowser("amara", async (page, look) => {
    await page.goto(dev.app_url);
    await signIn(page);
    await page.waitForSelector("[data-method=smartcard]");
    await look("40-narrow-ways");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
    assert.equal(wide, false, "no sideways scrolling at 320 CSS pixels (400 % zoom)");
    await page.locator("[data-method=smartcard]").first().click();
    await page.waitForSelector("[name=role_id]");
    await look("41-narrow-picker");
  }, { viewport: { width: 320, height: 640 } });
  assert.deepEqual(violations, []);
});

test("ruth reissues the expired card of tomasz in six clicks, by keyboard where she types", async () => {
  const violations = await withBrowser("ruth", async (page, look) => {
    await page.goto(`${dev.issuer}/desk`);
    await page.locator("[data-method=smartcard]").first().click();
    await page.waitForSelector("main[data-desk=find]");
    await look("50-desk-find");
    await page.waitForFunction(() => document.activeElement?.id === "q"); // the field has the focus by itself
    await page.keyboard.type("tomasz");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".found");
    await look("51-desk-found");

    let clicks = 0;
    const click = async (what) => {
      clicks += 1;
      await page.locator(what).first().click();
    };
    await page.goto(`${dev.issuer}/desk`);
    await page.waitForFunction(() => document.activeElement?.id === "q");
    await page.keyboard.type(dev.people.tomasz.card.number);
    clicks += 1;
    await page.keyboard.press("Enter");
    await page.waitForSelector("main[data-desk=person]");
    await look("52-desk-tomasz");
    assert.match(await page.textContent("main"), /Expired/);
    await click("[data-act=reissue]");
    await page.waitForSelector("main[data-desk=work]");
    await look("53-desk-reissue");
    const nonce = await page.locator("code.copy").first().textContent();
    const [authentication, signature] = [freshRequest(nonce), freshRequest(nonce)];
    await click("[name=holder_present]");
    await click("[name=photo_compared]");
    await page.locator("[name=csr_authentication]").fill(authentication.request);
    await page.locator("[name=csr_signature]").fill(signature.request);
    await click("[data-act=issue]");
    await page.waitForSelector("[data-pem=authentication]");
    await look("54-desk-issued");
    const cert = await page.locator("[data-pem=authentication]").inputValue();
    await click("[data-act=confirm]");
    await page.waitForSelector("main[data-desk=receipt]");
    await look("55-desk-receipt");
    assert.ok(clicks <= 6, `${clicks} clicks`);
    const card = new Agent({ cert, key: authentication.key });
    const status = JSON.parse((await card.request(`${dev.card_url}/api/v1/my/card`, { headers: { accept: "application/json" } })).body);
    assert.equal(status.state, "active");

    await page.goto(`${dev.issuer}/desk/cards/${dev.people.noah.card.number}`);
    await look("56-desk-noah");
    await page.locator("[data-act=cancel]").click();
    await look("57-desk-cancel-reason");
    await page.locator("[value=lost]").check();
    await page.locator("main form button[type=submit]").click();
    await look("58-desk-cancel-confirm");
    await page.goto(`${dev.issuer}/desk/act/unlock?card=${dev.people.ruth.card.number}`);
    await page.waitForSelector("main[data-refusal=actor_is_subject]");
    await look("59-desk-refused");
    await page.goto(`${dev.issuer}/desk/second`);
    await look("60-desk-second");
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto(`${dev.issuer}/desk/cards/${dev.people.noah.card.number}`);
    await look("61-desk-narrow");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
    assert.equal(wide, false, "no sideways scrolling at 320 CSS pixels (400 % zoom)");
  }, { javaScriptEnabled: true });
  assert.deepEqual(violations, []);
});

test("a nurse at the desk is told which roles have work there", async () => {
  const violations = await withBrowser("hana", async (page, look) => {
    await page.goto(`${dev.issuer}/desk`);
    await page.locator("[data-method=smartcard]").first().click();
    await notNow(page);
    await page.waitForSelector("main[data-refusal=actor_role_missing]");
    await look("62-desk-no-role");
  });
  assert.deepEqual(violations, []);
});
