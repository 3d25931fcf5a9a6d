// Security keys and passkeys that Chromium keeps in memory (CDP domain WebAuthn), one at a time.

/** The kinds that the journeys use; `usb` proves its model with Chromium's own batch certificate. */
export const kinds = {
  usb: { protocol: "ctap2", transport: "usb", hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  computer: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  synced: {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    defaultBackupEligibility: true, defaultBackupState: true,
  },
  u2f: { protocol: "u2f", transport: "usb" },
};

/** Plugs authenticators into this page's browser: one after the other, whichever is asked for. */
export async function plug(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable", { enableUI: false });
  let present;
  return {
    async take(kind) {
      if (present) await devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: present });
      const options = { automaticPresenceSimulation: true, ...kind };
      present = (await devtools.send("WebAuthn.addVirtualAuthenticator", { options })).authenticatorId;
    },
    /** From now on nobody's PIN or finger is right. */
    forget: () => devtools.send("WebAuthn.setUserVerified", { authenticatorId: present, isUserVerified: false }),
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId: present })).credentials,
  };
}
