/** A migration that a gate stopped, as lines: which step, which gate, why, what stands now and what passes it. */
import type { GateResult } from "../risk/gates.ts";
import { block, type Line, line, outside, span } from "./line.ts";

export interface RefusalView {
  readonly migration: string;
  readonly gate: GateResult;
  readonly step?: { readonly index: number; readonly kind: string; readonly object: string };
  /** steps of the migration that are applied already */
  readonly applied: readonly number[];
  /** the command that goes on once the way is free */
  readonly command: string;
}

/** The four lines of a refusal. */
export function renderRefusal({ migration, gate, step, applied, command }: RefusalView): Line[] {
  const subject = step === undefined || gate.step === undefined ? migration : `${step.kind} ${step.object}`;
  return [
    line(outside(`${subject} refused by gate ${gate.gate}`, "bad")),
    ...block(gate.why, "plain", 2),
    line("  ", span(stateOf(applied), "dim")),
    line("  ", outside(nextOf(gate, command), "accent")),
  ];
}

function stateOf(applied: readonly number[]): string {
  if (applied.length === 0) return "nothing was changed; the refusal is recorded";
  return `nothing was changed by this step; ${stepsPhrase(applied)} applied and recorded`;
}

/** `step 0 is`, `steps 0-2 are`: indexes as ranges. */
export function stepsPhrase(indexes: readonly number[]): string {
  const ranges: { from: number; to: number }[] = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && index === last.to + 1) last.to = index;
    else ranges.push({ from: index, to: index });
  }
  const text = ranges.map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(", ");
  return indexes.length === 1 ? `step ${text} is` : `steps ${text} are`;
}

function nextOf({ how }: GateResult, command: string): string {
  if (how === undefined) return command;
  // A flag that passes it makes one command that can be pasted; anything else has to be done first.
  const [, flag, rest = ""] = /^(--[a-z-]+(?: \d+)?)(, .*)?$/.exec(how) ?? [];
  return flag === undefined ? `${how}, then: ${command}` : `${command} ${flag}${rest}`;
}
