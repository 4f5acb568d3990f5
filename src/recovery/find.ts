/** Finds the artifact a person means: by its id, by the table or column it came from, or by the migration that left it. */
import { toolError } from "../base/errors.ts";
import { commandLine } from "../base/shell.ts";
import type { Artifact } from "./artifact.ts";

/** Whether a command is about columns, tables or both. */
export type Wanted = "table" | "column" | "any";

/** All artifacts that a text may mean, newest first. */
export function matching(artifacts: readonly Artifact[], text: string): Artifact[] {
  const byId = artifacts.filter(({ id, migration }) => id === text || migration === text);
  if (byId.length > 0) return byId;
  const path = pathKey(text);
  if (path === undefined) return [];
  return artifacts.filter((artifact) => namesOf(artifact).includes(path));
}

/**
 * The one artifact that is meant. By name that is the newest that is still there; what was purged or given back is meant
 * only when there is no other.
 * @throws ToolError name_unknown, or usage when a migration left several
 */
export function findArtifact(artifacts: readonly Artifact[], text: string, wanted: Wanted = "any"): Artifact {
  const [first, ...others] = findArtifacts(artifacts, text, wanted);
  if (first !== undefined && others.length === 0) return first;
  throw toolError({
    code: "usage",
    what: `${JSON.stringify(text)} means ${others.length + 1} artifacts`,
    why: [first, ...others].map((artifact) => artifact?.id).join(", "),
    state: "nothing was changed",
    next: "name one of them by its id",
  });
}

/**
 * All artifacts that are meant, newest first: one by its id or by what it came from, all that a migration left by the
 * migration's id. Of several that came from the same table or column only the newest that is still there.
 * @throws ToolError name_unknown
 */
export function findArtifacts(artifacts: readonly Artifact[], text: string, wanted: Wanted = "any"): Artifact[] {
  const all = matching(artifacts, text).filter(
    ({ column }) => wanted === "any" || (column === null) === (wanted === "table"),
  );
  const live = all.filter(({ status }) => status === "live");
  const newest = new Map<string, Artifact>();
  for (const artifact of live.length > 0 ? live : all) {
    const source = JSON.stringify([artifact.table, artifact.column]);
    if (!newest.has(source)) newest.set(source, artifact);
  }
  if (newest.size > 0) return [...newest.values()].sort((a, b) => b.step - a.step);
  const [other] = matching(artifacts, text);
  throw toolError({
    code: "name_unknown",
    what: `there is no ${wanted === "any" ? "artifact" : `archived or parked ${wanted}`} of ${JSON.stringify(text)}`,
    why:
      other === undefined
        ? whatThereIs(artifacts)
        : `what was set aside of it is a ${other.column === null ? "table" : "column"}`,
    state: "nothing was changed",
    next:
      other === undefined
        ? "zanith recover list"
        : commandLine`zanith recover restore-${other.column === null ? "table" : "column"} ${text}`,
  });
}

/** Most names that an error lists. */
const maxNames = 5;

function whatThereIs(artifacts: readonly Artifact[]): string {
  if (artifacts.length === 0) return "nothing was set aside: what was dropped for good (--drops hard) is in no list";
  const names = [...new Set(artifacts.map(sourceText))];
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : "";
  return `set aside are ${names.slice(0, maxNames).join(", ")}${more}`;
}

/** The table or column an artifact came from, as a command takes it: `users.legacy_code`. */
export function sourceText({ table, column }: Pick<Artifact, "table" | "column">): string {
  return [table.replace(/^public\./, ""), ...(column === null ? [] : [column])].join(".");
}

/** Every way to write the source of an artifact: with its schema, and without where it is public. */
function namesOf({ table, column }: Artifact): string[] {
  const path = [...(nameParts(table) ?? []), ...(column === null ? [] : (nameParts(column) ?? []))];
  const whole = JSON.stringify(path);
  return path[0] === "public" ? [whole, JSON.stringify(path.slice(1))] : [whole];
}

function pathKey(text: string): string | undefined {
  const parts = nameParts(text);
  return parts && JSON.stringify(parts);
}

/** The parts of a name as SQL writes it, `a."b.c".d`; undefined when it is none. Unquoted parts are taken as they are. */
export function nameParts(text: string): string[] | undefined {
  const parts: string[] = [];
  const part = /(?:"((?:[^"]|"")+)"|([^".]+))(\.|$)/y;
  let at = 0;
  while (at < text.length) {
    part.lastIndex = at;
    const found = part.exec(text);
    if (found === null) return undefined;
    parts.push(found[1] === undefined ? (found[2] as string) : found[1].replaceAll('""', '"'));
    at = part.lastIndex;
    if (found[3] === "." && at === text.length) return undefined;
  }
  return parts.length === 0 ? undefined : parts;
}
