/** The seven gates, in one evaluation that `plan` shows and `up` obeys. Pure: everything a gate needs is handed in. */
import { plural } from "../base/text.ts";
import type { GateSettings } from "./modes.ts";
import type { PlannedStep } from "./plan.ts";
import type { ProbeName } from "./probe.ts";

export const gateNames = [
  "max-risk",
  "allow-destructive",
  "fail-on",
  "preflight",
  "verified",
  "drift",
  "confirm",
] as const;
export type GateName = (typeof gateNames)[number];

/** `pending`: it needs something that only a run can give (a confirmation), or a database that was not asked. */
export type GateStatus = "passed" | "failed" | "off" | "pending";

export interface GateResult {
  readonly gate: GateName;
  readonly status: GateStatus;
  readonly why: string;
  /** what passes it, as a command or a phrase */
  readonly how?: string;
  /** the step it failed on first, where it is about a step */
  readonly step?: number;
  /** the words recorded with a refusal: `max risk 60` */
  readonly refusal?: string;
  readonly offending?: readonly OffendingRows[];
}

/** What a probe found: up to five rows, named columns, values as text. */
export interface OffendingRows {
  readonly step: number;
  readonly probe: ProbeName;
  readonly question: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly advice: string;
}

export interface GateFacts {
  /** probes that found something; undefined when no database was asked */
  readonly offending?: readonly OffendingRows[];
  /** steps whose probes are asked only when their turn comes, because what runs before them may change the answer */
  readonly askedLater?: number;
  /** roles that the operations speak of and the server does not have, with what makes them */
  readonly missingRoles?: { readonly words: string; readonly how: string };
  /** whether a verdict `ok` exists for these operations on this schema; undefined when no database was asked */
  readonly verified?: boolean;
  /** what has drifted, one phrase each; undefined when no database was asked */
  readonly drift?: readonly string[];
  /** the database's name was typed, or --yes was given */
  readonly confirmed?: boolean;
  /** the command that runs this migration, for messages */
  readonly migration: string;
}

/** All seven gates in order. */
export function evaluateGates(steps: readonly PlannedStep[], settings: GateSettings, facts: GateFacts): GateResult[] {
  return [
    maxRisk(steps, settings),
    allowDestructive(steps, settings),
    failOn(steps, settings),
    preflight(facts),
    verified(settings, facts),
    drift(facts),
    confirm(settings, facts),
  ];
}

/** The first gate that refuses, if any does. */
export function refusedBy(gates: readonly GateResult[]): GateResult | undefined {
  return gates.find(({ status }) => status === "failed");
}

function maxRisk(steps: readonly PlannedStep[], { maxRisk: ceiling }: GateSettings): GateResult {
  if (ceiling === undefined) return { gate: "max-risk", status: "off", why: "no ceiling in this mode" };
  const above = steps.find(({ score }) => score > ceiling);
  if (above === undefined) return { gate: "max-risk", status: "passed", why: `no step above ${ceiling}` };
  return {
    gate: "max-risk",
    status: "failed",
    why: `step ${above.index} ${above.kind} ${above.object} scores ${above.score}, the ceiling is ${ceiling}`,
    how: `--max-risk ${above.score}`,
    step: above.index,
    refusal: `max risk ${ceiling}`,
  };
}

function allowDestructive(steps: readonly PlannedStep[], settings: GateSettings): GateResult {
  const destructive = steps.filter(({ findings }) => findings.some(({ level }) => level === "destructive"));
  const first = destructive[0];
  if (first === undefined) return { gate: "allow-destructive", status: "passed", why: "nothing is destroyed" };
  if (settings.allowDestructive) {
    return {
      gate: "allow-destructive",
      status: "passed",
      why: `consent given for ${plural(destructive.length, "destructive step")}`,
    };
  }
  return {
    gate: "allow-destructive",
    status: "failed",
    why: `step ${first.index} ${first.kind} ${first.object} destroys data or objects that cannot be brought back`,
    how: "--allow-destructive",
    step: first.index,
    refusal: "destructive without consent",
  };
}

function failOn(steps: readonly PlannedStep[], { failOn: codes }: GateSettings): GateResult {
  if (codes.length === 0) return { gate: "fail-on", status: "passed", why: "no reason codes are listed" };
  for (const step of steps) {
    const hit = step.findings.find(({ reason }) => reason !== undefined && codes.includes(reason));
    if (hit?.reason === undefined) continue;
    return {
      gate: "fail-on",
      status: "failed",
      why: `step ${step.index} ${step.kind} ${step.object} has the reason ${hit.reason}`,
      how: `take ${hit.reason} off --fail-on`,
      step: step.index,
      refusal: `fail on ${hit.reason}`,
    };
  }
  return { gate: "fail-on", status: "passed", why: `none of ${codes.join(", ")}` };
}

function preflight({ offending, askedLater = 0, missingRoles }: GateFacts): GateResult {
  if (missingRoles !== undefined) {
    return {
      gate: "preflight",
      status: "failed",
      why: `${missingRoles.words} on this server`,
      how: missingRoles.how,
      refusal: "preflight roles",
    };
  }
  if (offending === undefined) return { gate: "preflight", status: "pending", why: "no database was asked" };
  const first = offending[0];
  if (first === undefined) {
    const later = askedLater > 0 ? `; ${plural(askedLater, "step")} asked when the statements before have run` : "";
    return { gate: "preflight", status: "passed", why: `no row is in the way${later}` };
  }
  return {
    gate: "preflight",
    status: "failed",
    why: `${first.question}: ${describeRows(first)}`,
    how: first.advice,
    step: first.step,
    refusal: `preflight ${first.probe}`,
    offending,
  };
}

/** `(id) = (10532), (10977)`: the offending rows of a probe on one line. Values are not made terminal-safe here. */
export function describeRows({ columns, rows }: OffendingRows): string {
  const tuples = rows.map((row) => `(${row.map((value) => value ?? "null").join(", ")})`);
  return columns.length > 0 ? `(${columns.join(", ")}) = ${tuples.join(", ")}` : plural(rows.length, "row");
}

function verified(settings: GateSettings, { verified: proven, migration }: GateFacts): GateResult {
  if (proven === true)
    return { gate: "verified", status: "passed", why: "verdict ok for these operations on this schema" };
  if (!settings.requireVerified) return { gate: "verified", status: "off", why: "not asked for in this mode" };
  if (proven === undefined) return { gate: "verified", status: "pending", why: "no database was asked" };
  return {
    gate: "verified",
    status: "failed",
    why: "these operations have not been proven on a shadow of this schema",
    how: "zanith migrate verify",
    refusal: `not verified: ${migration}`,
  };
}

function drift({ drift: found }: GateFacts): GateResult {
  if (found === undefined) return { gate: "drift", status: "pending", why: "no database was asked" };
  const first = found[0];
  if (first === undefined)
    return { gate: "drift", status: "passed", why: "the live schema is the last snapshot, the files are the ledger" };
  return {
    gate: "drift",
    status: "failed",
    why: found.length === 1 ? first : `${first} (and ${found.length - 1} more)`,
    how: "zanith drift",
    refusal: "drift",
  };
}

function confirm(settings: GateSettings, { confirmed }: GateFacts): GateResult {
  if (!settings.requireConfirmation) return { gate: "confirm", status: "off", why: "not asked for in this mode" };
  if (confirmed === true) return { gate: "confirm", status: "passed", why: "confirmed" };
  if (confirmed === undefined)
    return {
      gate: "confirm",
      status: "pending",
      why: "the database's name is to be typed, or --yes given",
      how: "--yes",
    };
  return {
    gate: "confirm",
    status: "failed",
    why: "nobody confirmed the run",
    how: "--yes, or type the database's name at the prompt",
    refusal: "not confirmed",
  };
}
