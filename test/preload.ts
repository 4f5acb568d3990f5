/** Runs before every test file: a stray process.exit fails loudly, and time zone, language and width are fixed. */
import { setDefaultTimeout } from "bun:test";

const TEST_LIMIT_MS = 60_000;

process.exit = (code) => {
  throw new Error(`process.exit(${code ?? ""}) was called; set process.exitCode instead`);
};
Object.assign(process.env, { TZ: "UTC", LANG: "C.UTF-8", LC_ALL: "C.UTF-8", NO_COLOR: "1", COLUMNS: "100" });
setDefaultTimeout(TEST_LIMIT_MS);
