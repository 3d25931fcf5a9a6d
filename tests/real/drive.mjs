// node drive.mjs ALIAS URL STOP_PREFIX: signs ALIAS in with her card and prints the redirect that begins with STOP_PREFIX.
import { Agent } from "./agent.mjs";
import { card } from "./manifest.mjs";

const [alias, url, stop] = process.argv.slice(2);
console.log(await new Agent(card(alias)).signIn(url, stop));
