// A real Chromium with a person's card in its own key store: NSS database in a fresh home, client certificate
// chosen by managed policy (tests/real/run.sh writes it), the dev TLS root trusted. No "ignore certificate errors" anywhere.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { dev, dir } from "./manifest.mjs";

const pictures = process.env.MATRON_PICTURES;
if (pictures) mkdirSync(pictures, { recursive: true });

/** A fresh home that trusts the dev TLS root; with `alias`, her PKCS#12 lies in its key store. */
function home(alias) {
  const folder = mkdtempSync(join(tmpdir(), "matron-browser-"));
  const store = join(folder, ".pki", "nssdb");
  mkdirSync(store, { recursive: true });
  const nss = (tool, ...args) => execFileSync(tool, ["-d", `sql:${store}`, ...args], { stdio: "pipe" });
  nss("certutil", "-N", "--empty-password");
  nss("certutil", "-A", "-n", "dev-tls-root", "-t", "C,,", "-i", join(dir, dev.tls_root_certificate));
  if (alias) {
    const { p12, p12_password: password } = dev.people[alias].card;
    nss("pk12util", "-i", join(dir, p12), "-W", password);
  }
  return folder;
}

/** Runs `journey(page, look)` in a Chromium of its own; `look(name)` takes a picture and asks axe. */
export async function withBrowser(alias, journey, options = {}) {
  const folder = home(alias);
  const context = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath: process.env.MATRON_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ],
    env: { ...process.env, HOME: folder },
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce", // colours are read at once, not half-way through a transition
    ...options,
  });
  const violations = [];
  const page = context.pages()[0] ?? (await context.newPage());
  const look = async (name) => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const found = await new AxeBuilder({ page }).analyze();
      for (const v of found.violations) violations.push(`${name} (${colorScheme}): ${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`);
    }
    if (pictures) await page.screenshot({ path: join(pictures, `${name}-dark.png`), fullPage: true });
    await page.emulateMedia({ colorScheme: "light" });
  };
  try {
    await journey(page, look, context);
  } catch (problem) {
    if (pictures) await page.screenshot({ path: join(pictures, "failed.png"), fullPage: true }).catch(() => {});
    problem.message += `\nat ${page.url()}`;
    throw problem;
  } finally {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return violations;
}

/** Chooses the n-th role of the picker, by button or by radio, with mouse and keyboard alone. */
export async function chooseRole(page, n) {
  const buttons = page.locator("button[name=role_id]");
  if (await buttons.count()) return buttons.nth(n).click();
  await page.locator("input[name=role_id]").nth(n).check();
  return page.locator("form:has(input[name=role_id]) button[type=submit]").first().click();
}

/** Answers the notice about a card that ends with "Not now". */
export async function notNow(page) {
  await page.waitForSelector("[data-notice=renewal]");
  await page.locator("[data-choice=not-now] button").first().click();
}

/** Presses "Continue" on the page that asks whether it is still the same person. */
export async function continueAs(page) {
  await page.waitForSelector("[data-notice=continue-as]");
  await page.locator("[data-choice=continue] button, button[data-choice=continue]").first().click();
}
