// The six digits of an authenticator app (RFC 6238), as oathtool shows them: an app that nobody here wrote.
import { execFileSync } from "node:child_process";

export function digits(secret, at = Date.now()) {
  const now = `@${Math.floor(at / 1000)}`;
  return execFileSync("oathtool", ["--totp", "--base32", "--now", now, secret], { encoding: "utf8" }).trim();
}
