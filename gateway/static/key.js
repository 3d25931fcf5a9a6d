"use strict";
// Speaks with the browser's authenticators (WebAuthn) for the one form of a page that says so:
// data-ceremony is "create" or "get", data-start is where the options come from. The answer goes
// into the form's hidden fields, and the form is sent like any other. Every text stands on the page.
(() => {
  const form = document.querySelector("form[data-ceremony]");
  if (!form) return;
  const troubles = document.getElementById("troubles");
  const waiting = document.querySelector("[data-waiting]");
  const buttons = [...form.querySelectorAll("button")];

  const say = (which) => {
    for (const one of troubles.querySelectorAll("[data-trouble]")) {
      one.hidden = one.dataset.trouble !== which;
    }
    if (which) troubles.focus();
  };
  const wait = (on) => {
    waiting.hidden = !on;
    for (const button of buttons) button.disabled = on;
  };

  if (!window.isSecureContext || !window.PublicKeyCredential || !navigator.credentials) {
    say("unsupported");
    return;
  }
  for (const one of document.querySelectorAll("[data-needs-script]")) one.hidden = false;
  const platform = form.querySelector('[value="platform"]');
  if (platform) {
    PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().then((there) => {
      platform.hidden = !there;
      document.querySelector("[data-no-platform]").hidden = there;
    }, () => {});
  }

  const bytes = (text) => {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const letters = (buffer) => {
    let plain = "";
    for (const octet of new Uint8Array(buffer)) plain += String.fromCharCode(octet);
    return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  // parseCreationOptionsFromJSON and parseRequestOptionsFromJSON, for browsers that lack them.
  const read = (options) => {
    const all = { ...options, challenge: bytes(options.challenge) };
    if (options.user) all.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) all.excludeCredentials = named(options.excludeCredentials);
    if (options.allowCredentials) all.allowCredentials = named(options.allowCredentials);
    return all;
  };
  // PublicKeyCredential.toJSON, for the same.
  const write = (credential) => {
    const said = credential.response;
    const response = { clientDataJSON: letters(said.clientDataJSON) };
    if (said.attestationObject) {
      response.attestationObject = letters(said.attestationObject);
      response.transports = said.getTransports ? said.getTransports() : [];
    } else {
      response.authenticatorData = letters(said.authenticatorData);
      response.signature = letters(said.signature);
      if (said.userHandle) response.userHandle = letters(said.userHandle);
    }
    return {
      id: credential.id,
      rawId: letters(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    };
  };

  // What went wrong, as the page names it.
  const reason = (error) => {
    switch (error && error.name) {
      case "NotAllowedError":
      case "AbortError":
        return form.dataset.ceremony === "create" ? "not-made" : "not-allowed";
      case "InvalidStateError":
        return "known-here";
      case "ConstraintError":
      case "NotSupportedError":
        return "cannot-verify";
      case "SecurityError":
        return "wrong-address";
      case "OfflineError":
        return "offline";
      case "NameError":
        return "name";
      default:
        return "failed";
    }
  };
  const trouble = (name) => Object.assign(new Error(name), { name });

  const begin = async (kind) => {
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("ceremony");
    fields.delete("answer");
    if (kind) fields.set("kind", kind);
    let answer;
    try {
      answer = await fetch(form.dataset.start, { method: "POST", body: fields });
    } catch {
      throw trouble("OfflineError");
    }
    if (answer.status === 422) throw trouble("NameError");
    const isJson = (answer.headers.get("content-type") ?? "").startsWith("application/json");
    if (!answer.ok || !isJson) return null;
    return answer.json();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    say(null);
    wait(true);
    try {
      const asked = await begin(event.submitter?.value);
      if (!asked) {
        // Signed out, too late or not allowed any more: the page itself says which.
        location.reload();
        return;
      }
      const publicKey = read(asked.publicKey);
      const credential = form.dataset.ceremony === "create"
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
      form.elements.ceremony.value = asked.ceremony;
      form.elements.answer.value = JSON.stringify(write(credential));
      form.submit();
    } catch (error) {
      wait(false);
      say(reason(error));
    }
  });
  // Back from the next page: the form as it was at first.
  window.addEventListener("pageshow", () => wait(false));
})();
