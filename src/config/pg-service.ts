/** Reads one service of a pg_service.conf file into keyword values. Does not decide which file is read. */
import { type ToolError, toolError } from "../base/errors.ts";
import { isKeyword, type Keyword, type StatedSettings, type StatedValue } from "./connection-keywords.ts";

/**
 * The settings of a service, or undefined when the file does not define it. Format as in libpq: `[name]`, then
 * `keyword=value` without blanks around the sign; `#` begins a comment line; the first value of a keyword stays.
 * @throws ToolError connection_settings_invalid with file and line for lines that cannot be honoured
 */
export function readService(text: string, path: string, service: string): StatedSettings | undefined {
  const settings = new Map<Keyword, StatedValue>();
  let inside = false;
  let found = false;
  const lines = text.replace(/^\ufeff/, "").split("\n");
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("[")) {
      if (inside) break;
      inside = line === `[${service}]`;
      found ||= inside;
      continue;
    }
    if (!inside) continue;
    const equals = line.indexOf("=");
    const keyword = equals < 0 ? line : line.slice(0, equals);
    if (equals < 0) throw invalid(path, index + 1, "a line is neither a comment, a [service] nor keyword=value");
    if (keyword === "service" || keyword === "servicefile") {
      throw invalid(path, index + 1, "a service cannot name another service");
    }
    if (!isKeyword(keyword)) throw invalid(path, index + 1, "the keyword is not a connection parameter of libpq");
    const value = line.slice(equals + 1);
    if (value !== "" && !settings.has(keyword)) {
      settings.set(keyword, { value, place: `${keyword} of service ${service} in ${path}` });
    }
  }
  return found ? settings : undefined;
}

function invalid(path: string, line: number, why: string): ToolError {
  return toolError({
    code: "connection_settings_invalid",
    what: `the service file ${path} cannot be used, line ${line}`,
    why,
    state: "nothing was connected to",
    next: `correct line ${line} of ${path}`,
  });
}
