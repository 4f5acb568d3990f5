/** What each screen reads and how: calls use cases, changes nothing in a database. Results that came too late are thrown away. */

import { join } from "node:path";
import { secretsOf } from "../config/connection.ts";
import { redact } from "../config/redact.ts";
import type { SchemaGraph } from "../model/graph.ts";
import { type ShownError, shownError } from "../render/error.ts";
import { audit } from "../usecase/audit.ts";
import { listBackfills } from "../usecase/backfills.ts";
import { exportPage } from "../usecase/export-page.ts";
import { history } from "../usecase/history.ts";
import { plan } from "../usecase/plan.ts";
import { listArtifacts } from "../usecase/recover/artifacts.ts";
import { listSnapshots, readSnapshotSource } from "../usecase/snapshots.ts";
import { status } from "../usecase/status.ts";
import { quietRun, type Workspace } from "../usecase/workspace.ts";
import { compareSchemas } from "./comparison.ts";
import {
  type Action,
  known,
  type ReadingName,
  type Readings,
  type Remote,
  type ScreenName,
  type SnapshotEntry,
  type State,
} from "./state.ts";
import { stepEffects } from "./step-effects.ts";

export interface ReadingsInput {
  readonly workspace: Workspace;
  /** exported files to pick from instead of the database's snapshots */
  readonly entries: readonly SnapshotEntry[] | { readonly folder: string } | undefined;
  readonly dispatch: (action: Action) => void;
  readonly state: () => State;
  readonly track: <T>(work: Promise<T>) => Promise<T>;
  /** resolves after the next frame, so that work that blocks is announced first */
  readonly painted: () => Promise<void>;
}

/** Graphs that are kept: going back and forth between snapshots reads each once. */
const keptGraphs = 4;

/** What a screen shows, as far as it is read. */
function needsOf(state: State): readonly ReadingName[] {
  const byScreen: Readonly<Record<ScreenName, readonly ReadingName[]>> = {
    home: ["status", "plan", "backfills"],
    plan: ["plan", "status", ...(state.readings.plan.status === "ready" ? (["effects"] as const) : [])],
    verify: ["plan", "status"],
    apply: ["plan", "status"],
    history: state.historyTab === "history" ? ["history", "snapshots", "artifacts", "status"] : ["audit", "status"],
    snapshots: [
      "snapshots",
      ...(state.offline ? [] : (["status"] as const)),
      ...(state.pair === undefined ? [] : (["comparison"] as const)),
    ],
    recover: ["artifacts", "status"],
  };
  return byScreen[state.screen];
}

export interface Reader {
  /** Starts reading what the screen shows and nobody has asked for yet. */
  sync(): void;
  /** Reads again what the screen shows; the rest when it is shown next. */
  reload(only?: readonly ReadingName[]): void;
  /** Writes the comparison that is shown as an HTML page. */
  exportPage(): void;
}

/** A reader for one app. */
export function createReader({ workspace, entries, dispatch, state, track, painted }: ReadingsInput): Reader {
  const turns = new Map<ReadingName, number>();
  const graphs = new Map<string, SchemaGraph>();

  const graphOf = async (source: string): Promise<SchemaGraph> => {
    const kept = graphs.get(source);
    if (kept !== undefined) return kept;
    const graph = await readSnapshotSource(workspace, source);
    if (source !== "live") {
      graphs.set(source, graph);
      for (const oldest of [...graphs.keys()].slice(0, -keptGraphs)) graphs.delete(oldest);
    }
    return graph;
  };

  const readers: { readonly [N in ReadingName]: () => Promise<Readings[N]> } = {
    status: () => status(workspace, {}, quietRun),
    plan: () => plan(workspace, state().consent, quietRun),
    history: () => history(workspace, {}, quietRun),
    audit: () => audit(workspace, { question: state().historyTab }, quietRun),
    backfills: () => listBackfills(workspace),
    artifacts: () => listArtifacts(workspace),
    async snapshots() {
      if (entries !== undefined) return "folder" in entries ? exportsOf(workspace, entries.folder) : entries;
      const { snapshots } = await listSnapshots(workspace, {}, quietRun);
      const stored = snapshots.map(
        ({ migration, phase, capturedAt, models, relations }): SnapshotEntry => ({
          source: `snapshot:${migration}`,
          name: migration,
          phase,
          capturedAt,
          models,
          relations,
        }),
      );
      return [liveEntry, ...stored.reverse()];
    },
    async effects() {
      const live = await readSnapshotSource(workspace, "live");
      const made = state().readings.plan;
      await painted();
      return made.status === "ready" ? stepEffects(live, made.value) : new Map();
    },
    async comparison() {
      const { a, b } = state().pair ?? { a: "empty", b: "empty" };
      await painted();
      const before = await graphOf(a);
      const after = a === b ? before : await graphOf(b);
      return compareSchemas(shortName(a), before, shortName(b), after);
    },
  };

  const load = (name: ReadingName): void => {
    const turn = (turns.get(name) ?? 0) + 1;
    turns.set(name, turn);
    const old = state().readings[name];
    const value = old.status === "ready" ? { value: old.value } : {};
    dispatch({ type: "read", name, reading: { status: "loading", ...value } as Remote<Readings[ReadingName]> });
    const answer = (reading: Remote<Readings[ReadingName]>): void => {
      if (turns.get(name) === turn) dispatch({ type: "read", name, reading });
    };
    track(
      readers[name]().then(
        (result) => answer({ status: "ready", value: result }),
        (error: unknown) => answer({ status: "failed", error: cleanError(workspace, error) }),
      ),
    );
  };

  return {
    sync() {
      for (const name of needsOf(state())) if (state().readings[name].status === "none") load(name);
    },
    reload(only) {
      const shown = needsOf(state());
      for (const name of only ?? (Object.keys(readers) as ReadingName[])) {
        // They follow from the plan and are read after it.
        if (name === "effects") continue;
        if (shown.includes(name)) load(name);
        else if (state().readings[name].status !== "none") {
          turns.set(name, (turns.get(name) ?? 0) + 1);
          dispatch({ type: "read", name, reading: { status: "none" } });
        }
      }
    },
    exportPage() {
      const comparison = known(state().readings.comparison);
      if (comparison === undefined) return;
      const { a, b, before, after } = comparison;
      dispatch({ type: "toast", text: "writing the page", role: "ok" });
      const write = async (): Promise<void> => {
        await painted();
        const name = exportPage(workspace, { before, after, names: { before: a, after: b } });
        dispatch({ type: "toast", text: `written: ${name}`, role: "ok" });
      };
      track(
        write().catch((error: unknown) => {
          const { what, why } = cleanError(workspace, error);
          dispatch({ type: "toast", text: why === null ? what : `${what}: ${why}`, role: "bad" });
        }),
      );
    },
  };
}

/** The exports of a folder, newest first. */
async function exportsOf(workspace: Workspace, folder: string): Promise<readonly SnapshotEntry[]> {
  const { snapshots } = await listSnapshots(workspace, { folder }, quietRun);
  const entries = snapshots.map(
    (one): SnapshotEntry => ({
      source: "file" in one ? join(folder, one.file) : one.migration,
      name: "file" in one ? one.file : one.migration,
      phase: "intact" in one && !one.intact ? "edited by hand" : one.phase,
      capturedAt: one.capturedAt === "" ? null : one.capturedAt,
      models: one.models,
      relations: one.relations,
    }),
  );
  return entries.reverse();
}

const liveEntry: SnapshotEntry = {
  source: "live",
  name: "live",
  phase: "the schema as it is now",
  capturedAt: null,
  models: null,
  relations: null,
};

/** A source as the title names it: a migration, or a file without its folder. */
function shortName(source: string): string {
  return source.replace(/^snapshot:/, "").replace(/^.*[\\/]/, "");
}

/** An error as it is shown, without secrets of the connection. */
export function cleanError(workspace: Workspace, error: unknown): ShownError {
  const shown = shownError(error);
  const secrets = secretsIn(workspace);
  const clean = (text: string | null): string | null => (text === null ? null : redact(text, secrets));
  return {
    ...shown,
    what: redact(shown.what, secrets),
    why: clean(shown.why),
    state: clean(shown.state),
    next: clean(shown.next),
  };
}

function secretsIn(workspace: Workspace): readonly string[] {
  try {
    return secretsOf(workspace.connection());
  } catch {
    // Settings that cannot be made out hold no password that was used.
    return [];
  }
}
