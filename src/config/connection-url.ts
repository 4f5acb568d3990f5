/**
 * Parses a `postgres://` URL into keyword values. Owns the strictness that keeps passwords out of host names and
 * messages: no message of this file contains any part of the URL but a well-formed parameter name.
 */
import { type ToolError, toolError } from "../base/errors.ts";
import { isKeyword, type Keyword, type StatedSettings, type StatedValue } from "./connection-keywords.ts";

const schemes = ["postgres://", "postgresql://"];

/** Longest URL that is looked at, in UTF-16 units. */
const maxUrlLength = 16_384;

const encodeHint =
  "percent-encode special characters in user names and passwords: @ is %40, / is %2F, ? is %3F, : is %3A";

/** Whether a text is meant as a Postgres URL; everything else is some other kind of source. */
export function isConnectionUrl(text: string): boolean {
  return schemes.some((scheme) => text.slice(0, scheme.length).toLowerCase() === scheme);
}

/**
 * The keyword values in a URL of the form `postgres://[user[:password]@][host[:port][,…]][/database][?parameter=value…]`.
 * @param place where the URL was stated, e.g. "--url" or "DATABASE_URL"
 * @throws ToolError connection_settings_invalid; the message never repeats the URL
 */
export function parseConnectionUrl(url: string, place: string): StatedSettings {
  const scheme = schemes.find((candidate) => url.slice(0, candidate.length).toLowerCase() === candidate);
  if (!scheme) throw invalid(place, "it does not begin with postgres:// or postgresql://");
  if (url.length > maxUrlLength) throw invalid(place, `it is longer than ${maxUrlLength} characters`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u0020\u007f]/.test(url)) throw invalid(place, "it contains a space or a control character", encodeHint);
  const rest = url.slice(scheme.length);
  const at = rest.indexOf("@");
  if (at !== rest.lastIndexOf("@")) throw invalid(place, "it contains more than one unescaped @", encodeHint);
  const authorityEnd = rest.search(/[/?]/);
  if (at >= 0 && authorityEnd >= 0 && at > authorityEnd) {
    throw invalid(place, "an unescaped / or ? stands before the @", encodeHint);
  }
  const authority = authorityEnd < 0 ? rest : rest.slice(0, authorityEnd);
  const tail = authorityEnd < 0 ? "" : rest.slice(authorityEnd);
  const question = tail.indexOf("?");
  const path = question < 0 ? tail : tail.slice(0, question);
  const query = question < 0 ? "" : tail.slice(question + 1);

  const settings = new Map<Keyword, StatedValue>();
  const state = (keyword: Keyword, value: string) => {
    if (value !== "") settings.set(keyword, { value, place });
  };
  if (at >= 0) readUserInfo(authority.slice(0, at), place, state);
  readHosts(authority.slice(at + 1), place, state);
  state("dbname", decode(path.slice(1), place, "the database name"));
  readParameters(query, place, settings);
  return settings;
}

function readUserInfo(text: string, place: string, state: (keyword: Keyword, value: string) => void): void {
  const colon = text.indexOf(":");
  state("user", decode(colon < 0 ? text : text.slice(0, colon), place, "the user name"));
  if (colon >= 0) state("password", decode(text.slice(colon + 1), place, "the password"));
}

function readHosts(text: string, place: string, state: (keyword: Keyword, value: string) => void): void {
  if (text === "") return;
  const hosts: string[] = [];
  const ports: string[] = [];
  for (const part of text.split(",")) {
    const match = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^[\]:]*))(?::([0-9]*))?$/.exec(part);
    if (!match) {
      throw invalid(place, "host and port cannot be read", "write host:port, and an IPv6 address in square brackets");
    }
    hosts.push(match[1] ?? decode(match[2] ?? "", place, "the host"));
    ports.push(match[3] ?? "");
  }
  if (hosts.some((host) => host.includes(","))) throw invalid(place, "a host name contains a comma");
  state("host", hosts.join(","));
  if (ports.some((port) => port !== "")) state("port", ports.join(","));
}

function readParameters(query: string, place: string, settings: Map<Keyword, StatedValue>): void {
  const seen = new Set<Keyword>();
  for (const part of query === "" ? [] : query.split("&")) {
    const equals = part.indexOf("=");
    const name = decode(equals < 0 ? part : part.slice(0, equals), place, "a parameter name");
    // JDBC's spelling, which libpq takes as well.
    const jdbc = name === "ssl" && part === "ssl=true";
    const keyword = jdbc ? "sslmode" : name;
    if (!isKeyword(keyword)) {
      const shown = /^[a-z_]{1,40}$/i.test(name) && equals >= 0 ? `parameter ${name}` : "a parameter";
      throw invalid(place, `${shown} is not a connection parameter of libpq`, "remove it, or check its spelling");
    }
    if (equals < 0) throw invalid(place, `parameter ${keyword} has no value`);
    if (seen.has(keyword)) throw invalid(place, `parameter ${keyword} is given twice`);
    seen.add(keyword);
    const value = jdbc ? "require" : decode(part.slice(equals + 1), place, `parameter ${keyword}`);
    // A parameter overrides the same thing in the authority, as in libpq.
    if (value !== "") settings.set(keyword, { value, place: `${keyword} in ${place}` });
  }
}

function decode(text: string, place: string, what: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw invalid(
      place,
      `${what} contains a % that is not followed by two hexadecimal digits of UTF-8`,
      "write % as %25",
    );
  }
  if (decoded.includes("\0")) throw invalid(place, `${what} contains %00`);
  return decoded;
}

function invalid(place: string, why: string, hint?: string): ToolError {
  return toolError({
    code: "connection_settings_invalid",
    what: `the connection URL in ${place} cannot be used`,
    why,
    state: "nothing was connected to",
    next: hint ?? "write postgres://user:password@host:5432/database",
  });
}
