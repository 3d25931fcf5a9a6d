// Reads the dev.json of the running `matron dev` whose folder MATRON_DIR names.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const dir = process.env.MATRON_DIR;
if (!dir) throw new Error("MATRON_DIR must name the folder of a running matron dev");

export const dev = JSON.parse(readFileSync(join(dir, "dev.json"), "utf8"));
export const tlsRoot = readFileSync(join(dir, dev.tls_root_certificate));

/** The certificate and key that a person's card presents; `which` is "authentication", "signature" or "pending". */
export function card(alias, which = "authentication") {
  const pair = dev.people[alias].card[which];
  return {
    cert: readFileSync(join(dir, pair.certificate)),
    key: readFileSync(join(dir, pair.key)),
  };
}
