// A card that makes a key and a request, by OpenSSL.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh P-256 key and its PKCS#10 request with the nonce as challengePassword (RFC 2985 5.4.1). */
export function freshRequest(nonce) {
  const folder = mkdtempSync(join(tmpdir(), "matron-card-"));
  const path = (name) => join(folder, name);
  try {
    writeFileSync(path("config"), ["[req]", "prompt = no", "distinguished_name = name", "attributes = extra",
      "[name]", "CN = card", "[extra]", `challengePassword = ${nonce}`, ""].join("\n"));
    execFileSync("openssl", ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-config", path("config"), "-keyout", path("key"), "-out", path("request")], { stdio: "pipe" });
    return { key: readFileSync(path("key")), request: readFileSync(path("request"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
