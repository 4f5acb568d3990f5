/** `zanith migrate` without a verb on a terminal: the spine as a conversation. Each step is the command a script would run. */
import { type ExitCode, exitCode } from "../../base/errors.ts";
import { plural } from "../../base/text.ts";
import { renderStatus } from "../../render/status.ts";
import { refusedBy } from "../../risk/gates.ts";
import { type PlanResult, plan as runPlan } from "../../usecase/plan.ts";
import { status as runStatus, type StatusResult } from "../../usecase/status.ts";
import { type AnyCommand, type Call, defineCommand } from "../command.ts";
import { usageError } from "../options.ts";
import { askConfirm, askTyped, canAsk, showIntro, showOutro, whileSpinning } from "../prompts.ts";
import { generate } from "./generate.ts";
import { planLines } from "./plan.ts";
import { up } from "./up.ts";
import { verify } from "./verify.ts";

/** What has to be typed to consent to drops. */
const destroyWord = "destroy";

/** Most times that a gate is asked about: each answer passes one of two. */
const maxConsents = 2;

export const guided = defineCommand({
  path: "migrate guide",
  summary: "generate, plan, verify and apply step by step; zanith migrate alone on a terminal does it too",
  details: ["Asks before each step and says what it would do. Needs a terminal; nothing is applied without an answer."],
  options: {},
  examples: [{ command: "zanith migrate guide", says: "from the changed schema to the applied migration" }],
  exitCodes: {
    3: "refused by a gate",
    4: "a step failed; the next run goes on at that step",
    5: "the database could not be reached",
    130: "stopped; the next run goes on from there",
  },
  async run(call) {
    if (!canAsk(call.io, call.globals)) {
      throw usageError(
        "guided migration needs a terminal",
        "nobody can answer its questions here",
        "zanith migrate --help",
      );
    }
    const workspace = await call.workspace();
    showIntro(call.io, `zanith migrate   ${workspace.connection().database}   ${workspace.config.mode}`);
    return converse(call);
  },
});

/** Consent given in the conversation, as options of the commands. */
interface Consent {
  readonly maxRisk?: number;
  readonly allowDestructive?: true;
}

async function converse(call: Call): Promise<ExitCode> {
  const { io, output, run } = call;
  const workspace = await call.workspace();
  const reading = (): Promise<StatusResult> =>
    whileSpinning(io, "reading the ledger and the live schema", () => runStatus(workspace, {}, run));
  let status = await reading();
  output.note(renderStatus(status, output.glyphs).slice(0, -1));
  if (status.problems.length > 0)
    return end(call, exitCode.refused, "the files do not match the ledger: zanith migrate status");
  if (status.pending.length === 0) {
    const source = workspace.config.schema;
    if (source === undefined)
      return end(call, exitCode.done, "nothing is pending, and no declared schema to compare with");
    if (!(await agreed(call, "Nothing is pending. Generate a migration from what the declared schema has changed?"))) {
      return end(call, exitCode.done, "nothing was changed");
    }
    await generate.run({ ...call, options: {} });
    status = await reading();
    if (status.pending.length === 0) return end(call, exitCode.done, "the live schema is what is declared");
  }
  return planAndApply(call, {}, 0);
}

async function planAndApply(call: Call, consent: Consent, asked: number): Promise<ExitCode> {
  const { io, output, run } = call;
  const workspace = await call.workspace();
  const plan = await whileSpinning(io, "judging risk, gates and live rows", () =>
    runPlan(workspace, { ...consent, holding: true }, run),
  );
  if (asked === 0) output.note(planLines(plan, output, false));
  const refusing = firstRefusal(plan);
  if (refusing?.gate === "verified") {
    const code = await prove(call);
    return code === exitCode.done ? planAndApply(call, consent, asked + 1) : code;
  }
  if (refusing !== undefined) {
    const more = asked > maxConsents ? undefined : await consentTo(call, plan, refusing.gate);
    if (more !== undefined) return planAndApply(call, { ...consent, ...more }, asked + 1);
    return end(
      call,
      exitCode.refused,
      `gate ${refusing.gate} refuses: ${refusing.why}; ${refusing.how ?? "nothing was changed"}`,
    );
  }
  const isConfirmed = plan.migrations.some(({ gates }) =>
    gates.some(({ gate, status }) => gate === "confirm" && status === "pending"),
  );
  const steps = plan.migrations.reduce((sum, { steps: all, applied }) => sum + all.length - applied.length, 0);
  // Where the mode asks for the database's name, up asks for it: no second question before it.
  if (!isConfirmed && !(await agreed(call, `Apply ${plural(steps, "step")} now?`))) {
    return end(call, exitCode.done, "nothing was changed; zanith migrate up applies it");
  }
  const code = await runCommand(call, up, { ...consent });
  return end(
    call,
    code,
    code === exitCode.done
      ? "applied; zanith migrate history tells what ran"
      : "see above; zanith migrate goes on from there",
  );
}

function firstRefusal({ migrations }: PlanResult) {
  const found = migrations.flatMap(({ gates }) => refusedBy(gates) ?? []);
  // What can be consented to comes first, so that no proof is made for nothing.
  return found.find(({ gate }) => gate !== "verified") ?? found[0];
}

async function prove(call: Call): Promise<ExitCode> {
  if (
    !(await agreed(
      call,
      "Prove it on a throwaway copy of the schema first? The mode asks for it; nothing here is touched",
    ))
  ) {
    return end(call, exitCode.refused, "not verified, not applied");
  }
  const code = await runCommand(call, verify, {});
  return code === exitCode.done ? code : end(call, code, "nothing was changed in the live database");
}

/** Asks for what passes a gate by consent; undefined when the gate is none of those, or the answer was no. */
async function consentTo(call: Call, { migrations }: PlanResult, gate: string): Promise<Consent | undefined> {
  const { io } = call;
  const steps = migrations.flatMap(({ steps: all, applied }) => all.filter(({ index }) => !applied.includes(index)));
  if (gate === "max-risk") {
    const worst = String(steps.reduce((most, { score }) => Math.max(most, score), 0));
    const answer = await askTyped(
      io,
      `A step scores ${worst}, above the ceiling. Type ${worst} to allow it for this run`,
      worst,
    );
    return "answer" in answer && answer.answer ? { maxRisk: Number(worst) } : undefined;
  }
  if (gate !== "allow-destructive") return undefined;
  const drops = steps
    .filter(({ findings }) => findings.some(({ level }) => level === "destructive"))
    .map(({ kind, object }) => `${kind} ${object}`);
  const answer = await askTyped(
    io,
    `This destroys what cannot be brought back: ${drops.join(", ")}. Type ${destroyWord} to allow it for this run`,
    destroyWord,
  );
  return "answer" in answer && answer.answer ? { allowDestructive: true } : undefined;
}

function runCommand(call: Call, command: AnyCommand, options: object): Promise<ExitCode> {
  return command.run({ ...call, options: options as Call["options"] });
}

async function agreed({ io }: Call, question: string): Promise<boolean> {
  const asked = await askConfirm(io, question, true);
  return "answer" in asked && asked.answer;
}

function end({ io }: Call, code: ExitCode, words: string): ExitCode {
  showOutro(io, words);
  return code;
}
