"use strict";
// Marks those ways to sign in that this browser or this device cannot go: data-needs says what a way
// needs, and the reasons stand on the list. The page works without this script.
(() => {
  const list = document.getElementById("ways");
  if (!list) return;

  const close = (need, reason) => {
    for (const way of list.querySelectorAll(`a[data-needs~="${need}"]`)) {
      const off = document.createElement("div");
      off.className = "way off";
      off.dataset.method = way.dataset.method;
      off.dataset.unavailable = "device";
      off.append(...way.childNodes);
      off.querySelector(".arrow").remove();
      off.querySelector(".last")?.remove();
      off.querySelector(".hint").textContent = reason;
      way.replaceWith(off);
    }
  };

  if (!window.isSecureContext || !window.PublicKeyCredential || !navigator.credentials) {
    close("keys", list.dataset.noKeys);
    return;
  }
  PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().then((there) => {
    if (!there) close("platform", list.dataset.noPlatform);
  }, () => {});
})();
