/**
 * Everything the command line says: results on stdout, progress and notes on stderr, errors on stderr or, with --json, as
 * the document itself. Decides colour, sigils and safety of texts; asks nothing and ends nothing.
 */
import { cutText, safeLines } from "../base/text.ts";
import { redact } from "../config/redact.ts";
import { renderError, type ShownError } from "../render/error.ts";
import { asciiGlyphs, asciiText, type Glyphs, unicodeGlyphs } from "../render/glyphs.ts";
import { type Line, lineText, lineWidth, span } from "../render/line.ts";
import { withoutSecrets } from "../sql/secrets.ts";
import type { Io, Sink } from "./io.ts";
import { eraseLine, styledText } from "./style.ts";

export interface OutputFlags {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly ascii: boolean;
  readonly color: boolean;
}

export interface Output {
  readonly glyphs: Glyphs;
  readonly json: boolean;
  /** whether a line of stderr can be rewritten in place */
  readonly isLive: boolean;
  /** a result in lines, on stdout; nothing with --json */
  print(lines: readonly Line[]): void;
  /** help, on stdout, whatever the form of results */
  help(lines: readonly Line[]): void;
  /** a text that another program shall read: byte for byte on stdout, made safe only where stdout is a terminal */
  document(text: string): void;
  /** the one JSON document of a command */
  result(value: unknown): void;
  /** one line of NDJSON; the document of a long run is the last one */
  event(value: object): void;
  /** lines beside the result, on stderr; nothing with --quiet */
  note(lines: readonly Line[]): void;
  /** the line that shows what goes on right now, cut to the terminal but for its `end`; undefined takes it away */
  live(content: Line | undefined, end?: Line): void;
  /** lines on stderr that --quiet does not take away: a refusal; nothing with --json, whose result says it */
  complain(lines: readonly Line[]): void;
  error(error: ShownError): void;
  /** texts that must never be shown */
  hide(secrets: Iterable<string>): void;
  /** whether errors join a stream of NDJSON lines rather than being the document */
  streaming: boolean;
  flushed(): Promise<void>;
}

/** Whether the locale's encoding is UTF-8: LC_ALL, else LC_CTYPE, else LANG, as in setlocale(3). */
export function isUtf8(env: Io["env"]): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return /utf-?8/i.test(locale);
}

/** Whether a stream gets colours. NO_COLOR counts when it is not empty (no-color.org). */
export function hasColor(sink: Sink, env: Io["env"], flags: OutputFlags): boolean {
  return sink.isTerminal && flags.color && !env["NO_COLOR"] && env["TERM"] !== "dumb" && env["TERM"] !== undefined;
}

/** The output of one run of the tool. */
export function createOutput(io: Io, flags: OutputFlags): Output {
  const ascii = flags.ascii || !isUtf8(io.env);
  const isLive =
    io.stderr.isTerminal && !flags.quiet && !flags.json && io.env["TERM"] !== "dumb" && io.env["TERM"] !== undefined;
  const secrets = new Set<string>();
  let isLineShown = false;

  const write = (sink: Sink, lines: readonly Line[]): void => {
    if (lines.length === 0) return;
    clear();
    const text = hasColor(sink, io.env, flags) ? styledText : lineText;
    const shown = lines.map((content) => `${text(content).trimEnd()}\n`).join("");
    sink.write(ascii ? asciiEscaped(shown) : shown);
  };
  const clear = (): void => {
    if (!isLineShown) return;
    io.stderr.write(eraseLine);
    isLineShown = false;
  };

  const output: Output = {
    glyphs: ascii ? asciiGlyphs : unicodeGlyphs,
    json: flags.json,
    isLive,
    streaming: false,
    print(lines) {
      if (!flags.json) write(io.stdout, lines);
    },
    help(lines) {
      write(io.stdout, lines);
    },
    document(text) {
      clear();
      io.stdout.write(io.stdout.isTerminal ? safeLines(text).join("\n") : text);
    },
    result(value) {
      io.stdout.write(`${jsonText(value, 2)}\n`);
    },
    event(value) {
      io.stdout.write(`${jsonText(value)}\n`);
    },
    note(lines) {
      if (!flags.quiet) write(io.stderr, lines);
    },
    live(content, end = []) {
      if (!isLive) return;
      clear();
      if (content === undefined) return;
      const cells = (io.stderr.columns ?? 80) - 1 - lineWidth(end);
      const kept = lineWidth(content) <= cells ? content : [span(cutText(lineText(content), cells))];
      const shown = (hasColor(io.stderr, io.env, flags) ? styledText : lineText)([...kept, ...end]);
      io.stderr.write(ascii ? asciiEscaped(shown) : shown);
      isLineShown = true;
    },
    complain(lines) {
      if (!flags.json) write(io.stderr, lines);
    },
    error(error) {
      const clean = cleanError(error, secrets);
      if (flags.json) {
        const { details, ...lines } = clean;
        const document = { error: details === undefined ? lines : { ...lines, details } };
        if (output.streaming) output.event({ type: "error", ...document });
        else output.result(document);
      } else write(io.stderr, renderError(clean));
    },
    hide(more) {
      for (const secret of more) secrets.add(secret);
    },
    async flushed() {
      clear();
      await Promise.all([io.stdout.flushed(), io.stderr.flushed()]);
    },
  };
  return output;
}

function cleanError(error: ShownError, secrets: Iterable<string>): ShownError {
  const clean = (text: string | null): string | null => (text === null ? null : redact(text, secrets));
  return {
    ...error,
    what: redact(error.what, secrets),
    why: clean(error.why),
    state: clean(error.state),
    next: clean(error.next),
  };
}

// Escape codes are the tool's own; the rest is what a terminal without UTF-8 cannot show.
function asciiEscaped(text: string): string {
  return text
    .split("\u001b")
    .map((part) => asciiText(part))
    .join("\u001b");
}

const hostileInJson = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const holdsRawSql = /"kind": ?"rawSql"/;

function withoutSecretMembers(name: string, value: unknown): unknown {
  return name === "sql" && typeof value === "string" ? withoutSecrets(value) : value;
}

/** JSON that is safe on a terminal too: JSON.stringify leaves C1, bidi and zero-width characters as they are. */
function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  // SQL as a person wrote it is a member `sql` wherever it is.
  const clean = holdsRawSql.test(text) ? JSON.stringify(value, withoutSecretMembers, indent) : text;
  return clean.replace(hostileInJson, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
