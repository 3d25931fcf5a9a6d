// A small browser without a window: cookies, forms, redirects, and a smartcard in its reader.
// It speaks real TLS through Node's OpenSSL and knows of Matron only what docs/contract promises:
// `data-method` on the ways to sign in, `role_id` in the picker, forms that work by posting their hidden fields.
import https from "node:https";
import http from "node:http";
import { tlsRoot } from "./manifest.mjs";

/** Attributes of the first start tag in `tag`. */
function attributes(tag) {
  const found = {};
  for (const m of tag.matchAll(/([a-zA-Z_-]+)(?:\s*=\s*"([^"]*)")?/g)) {
    found[m[1]] = (m[2] ?? "").replaceAll("&#38;", "&").replaceAll("&amp;", "&").replaceAll("&#x2F;", "/");
  }
  return found;
}

/** Every form of a page: action, method, its fields and its buttons. */
export function forms(html) {
  return [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([text]) => {
    const open = attributes(text.match(/<form\b([^>]*)>/)[1]);
    const inputs = [...text.matchAll(/<(?:input|button)\b([^>]*)>/g)].map((m) => attributes(m[1]));
    return {
      text,
      attributes: open,
      action: open.action ?? "",
      hidden: inputs.filter((i) => i.type === "hidden").map((i) => [i.name, i.value ?? ""]),
      inputs,
    };
  });
}

export class Agent {
  /** @param card {{cert: Buffer, key: Buffer}|null} what lies in the reader when a server asks for it */
  constructor(card = null) {
    this.card = card;
    this.jar = new Map(); // host name -> Map(name -> value); like a browser, not split by port
    this.last = null;
  }

  #cookies(host) {
    const jar = this.jar.get(host) ?? new Map();
    return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  #store(host, headers) {
    const jar = this.jar.get(host) ?? new Map();
    for (const line of headers["set-cookie"] ?? []) {
      const [pair, ...rest] = line.split(";");
      const at = pair.indexOf("=");
      const gone = rest.some((a) => /^\s*max-age=0\s*$/i.test(a));
      if (gone) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    this.jar.set(host, jar);
  }

  /** One request, no redirect followed. Answers {status, headers, body, url}. */
  request(url, { method = "GET", form = null, headers = {} } = {}) {
    const target = new URL(url, this.last?.url);
    const body = form ? new URLSearchParams(form).toString() : null;
    const options = {
      method,
      headers: { accept: "text/html", ...headers },
      ca: tlsRoot,
      agent: false,
    };
    const cookies = this.#cookies(target.hostname);
    if (cookies) options.headers.cookie = cookies;
    if (this.card) Object.assign(options, this.card);
    if (body !== null) {
      options.headers["content-type"] = "application/x-www-form-urlencoded";
      options.headers["content-length"] = Buffer.byteLength(body);
      options.headers.origin ??= new URL(this.last?.url ?? url).origin;
    }
    const client = target.protocol === "https:" ? https : http;
    return new Promise((resolve, reject) => {
      const call = client.request(target, options, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => {
          this.#store(target.hostname, answer.headers);
          const result = {
            status: answer.statusCode,
            headers: answer.headers,
            body: Buffer.concat(parts).toString("utf8"),
            url: target.href,
          };
          this.last = result;
          resolve(result);
        });
      });
      call.setTimeout(15_000, () => call.destroy(new Error(`no answer from ${target.href}`)));
      call.on("error", reject);
      call.end(body ?? undefined);
    });
  }

  /** Follows redirects until a page, or until a location that begins with `stop`: then answers that location. */
  async follow(answer, stop = null) {
    for (let hop = 0; hop < 20; hop += 1) {
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status > 399 || !location) return { page: answer };
      const next = new URL(location, answer.url).href;
      if (stop && next.startsWith(stop)) return { location: next, page: answer };
      answer = await this.request(next);
    }
    throw new Error("more than 20 redirects");
  }

  /** Posts a form of the last page with all its hidden fields and what `extra` adds. */
  submit(form, extra = {}) {
    return this.request(new URL(form.action, this.last.url).href, {
      method: "POST",
      form: [...form.hidden, ...Object.entries(extra)],
    });
  }

  /** From an authorization URL to the redirect that begins with `stop`: signs in by card, chooses a role. */
  async signIn(url, stop, { role = 0 } = {}) {
    let { location, page } = await this.follow(await this.request(url), stop);
    for (let step = 0; !location && step < 8; step += 1) {
      const all = forms(page.body);
      const picker = all.find((f) => f.inputs.some((i) => i.name === "role_id"));
      const resume = all.find((f) => f.attributes["data-choice"] === "continue" || /data-choice="continue"/.test(f.text));
      const notNow = all.find((f) => f.attributes["data-choice"] === "not-now" || /data-choice="not-now"/.test(f.text));
      const method = page.body.match(/<a\b[^>]*data-method="smartcard"[^>]*>/);
      const methodForm = all.find((f) => /data-method="smartcard"/.test(f.text));
      let answer;
      if (picker) {
        const ids = [...new Set(picker.inputs.filter((i) => i.name === "role_id").map((i) => i.value))];
        answer = await this.submit(picker, { role_id: ids[role] });
      } else if (resume) {
        answer = await this.submit(resume);
      } else if (notNow) {
        answer = await this.submit(notNow);
      } else if (method) {
        answer = await this.request(new URL(attributes(method[0]).href, page.url).href);
      } else if (methodForm) {
        answer = await this.submit(methodForm);
      } else {
        throw new Error(`stuck at ${page.url} (${page.status}): ${page.body.slice(0, 400)}`);
      }
      ({ location, page } = await this.follow(answer, stop));
    }
    return location;
  }
}
