/** The one state of the screens and the actions that change it. Plain data: what is shown is a function of it. */
import type { ShownError } from "../render/error.ts";
import type { AuditResult } from "../usecase/audit.ts";
import type { BackfillView } from "../usecase/backfills.ts";
import type { HistoryResult } from "../usecase/history.ts";
import type { GateFlags, PlanResult } from "../usecase/plan.ts";
import type { Inspection } from "../usecase/recover/artifacts.ts";
import type { StatusResult } from "../usecase/status.ts";
import type { UpResult } from "../usecase/up.ts";
import type { VerifyResult } from "../usecase/verify.ts";
import type { ArtifactRow } from "./artifact-rows.ts";
import type { Comparison } from "./comparison.ts";
import { type AnyEvent, type Asked, type IndexProgress, idleRun, type RunView } from "./run-view.ts";
import type { StepEffects } from "./step-effects.ts";
import type { UiLine } from "./text.ts";
import type { ThemeName } from "./theme.ts";

export const screenNames = ["home", "plan", "verify", "apply", "history", "snapshots", "recover"] as const;
export type ScreenName = (typeof screenNames)[number];

/** Something that is read: not asked for, being read (what was known before stays), there, or not to be had. */
export type Remote<T> =
  | { readonly status: "none" }
  | { readonly status: "loading"; readonly value?: T }
  | { readonly status: "ready"; readonly value: T }
  | { readonly status: "failed"; readonly error: ShownError };

export const nothing: Remote<never> = { status: "none" };

/** A snapshot that can be picked: stored, the live schema, or a file. */
export interface SnapshotEntry {
  /** what it is read by: a source */
  readonly source: string;
  readonly name: string;
  readonly phase: string;
  readonly capturedAt: string | null;
  readonly models: number | null;
  readonly relations: number | null;
}

export const historyTabs = ["history", "broke", "slowest", "recoverable", "recent", "riskiest", "resumable"] as const;
export type HistoryTab = (typeof historyTabs)[number];

/** What can be read, by name. */
export interface Readings {
  readonly status: StatusResult;
  readonly plan: PlanResult;
  readonly history: HistoryResult;
  readonly audit: AuditResult;
  readonly snapshots: readonly SnapshotEntry[];
  readonly comparison: Comparison;
  readonly effects: StepEffects;
  readonly artifacts: readonly ArtifactRow[];
  readonly backfills: readonly BackfillView[];
}
export type ReadingName = keyof Readings;

export type ModelView = "side" | "unified" | "sql";

export type Dialog =
  | {
      readonly kind: "typed";
      readonly purpose:
        | "apply"
        | "ceiling"
        | "destructive"
        | "restore"
        | "restore-as"
        | "reseed"
        | "purge"
        | "cleanup"
        | "cleanup-age";
      /** id of the artifact it is about */
      readonly target?: string;
      readonly title: string;
      readonly lines: readonly UiLine[];
      /** the text that means yes; with `asks` any answer of its kind does */
      readonly expected: string;
      /** what is asked for, where the answer is not known beforehand */
      readonly asks?: { readonly what: string; readonly wrong: string };
      readonly typed: string;
      /** what was typed and was not it */
      readonly wrong?: boolean;
      readonly maxRisk?: number;
      readonly top: number;
    }
  | { readonly kind: "message"; readonly title: string; readonly lines: readonly UiLine[]; readonly top: number };

export interface State {
  readonly size: { readonly columns: number; readonly rows: number };
  readonly theme: ThemeName;
  readonly mode: string;
  /** highest score that passes gate max-risk as configured; none where nothing is too risky */
  readonly ceiling?: number;
  /** exported files are browsed and no database is asked */
  readonly offline: boolean;
  readonly screen: ScreenName;
  /** screens to go back through */
  readonly trail: readonly ScreenName[];
  readonly readings: { readonly [N in ReadingName]: Remote<Readings[N]> };
  readonly cursors: Readonly<Record<string, number>>;
  readonly detailTop: number;
  readonly filters: Readonly<Record<string, string>>;
  /** keys go into the filter of this screen */
  readonly isFiltering: boolean;
  readonly isSortedByRisk: boolean;
  readonly isGatesFocused: boolean;
  /** consent given in this session, by typing */
  readonly consent: GateFlags;
  readonly historyTab: HistoryTab;
  readonly openMigrations: readonly string[];
  readonly verify: RunView;
  readonly verifyResult: Remote<VerifyResult>;
  readonly apply: RunView;
  readonly applyResult: Remote<UpResult>;
  /** what the recover screen does */
  readonly recovery: RunView;
  readonly recoveryLabel?: string;
  readonly recoveryResult: Remote<string>;
  /** artifacts that were looked at, by id */
  readonly inspections: Readonly<Record<string, Inspection>>;
  readonly isLogShown: boolean;
  /** first snapshot of a pair */
  readonly picked?: string;
  readonly pair?: { readonly a: string; readonly b: string };
  /** the pair was opened from another screen, which is where back leads */
  readonly isVisit?: true;
  readonly modelView: ModelView;
  readonly isChangedOnly: boolean;
  readonly isZoomed: boolean;
  readonly relationsOf?: string;
  readonly jumps: readonly string[];
  readonly dialog?: Dialog;
  readonly toast?: { readonly text: string; readonly role: "warn" | "ok" | "bad" };
  readonly isHelpShown: boolean;
  /** milliseconds of a steady clock */
  readonly now: number;
  /** what makes a moment of the steady clock one of the calendar, in milliseconds */
  readonly epoch: number;
}

/** What can be done on the recover screen; `cleanup` is about no artifact in particular. */
export type RecoverVerb = "inspect" | "restore" | "restore-as" | "reseed" | "purge" | "cleanup" | "csv" | "jsonl";

export type Action =
  | { readonly type: "go"; readonly screen: ScreenName }
  | { readonly type: "back" }
  | { readonly type: "move"; readonly by: number }
  | { readonly type: "move.to"; readonly end: "first" | "last" }
  | { readonly type: "cursor"; readonly row: number }
  | { readonly type: "scroll"; readonly by: number }
  | { readonly type: "tab"; readonly by: number }
  | { readonly type: "filter"; readonly on: boolean; readonly keep?: boolean }
  | { readonly type: "typed"; readonly text: string }
  | { readonly type: "erase" }
  | { readonly type: "submit" }
  | { readonly type: "escape" }
  | { readonly type: "open" }
  | { readonly type: "sort" }
  | { readonly type: "gates" }
  | { readonly type: "log" }
  | { readonly type: "help" }
  | { readonly type: "theme" }
  | { readonly type: "changed-only" }
  | { readonly type: "model-view" }
  | { readonly type: "relations" }
  | { readonly type: "pick" }
  | { readonly type: "pair"; readonly a: string; readonly b: string }
  | { readonly type: "unpair" }
  | { readonly type: "reload" }
  | { readonly type: "toast"; readonly text: string; readonly role: "warn" | "ok" | "bad" }
  | { readonly type: "dialog"; readonly dialog: Dialog }
  | { readonly type: "recover"; readonly verb: RecoverVerb; readonly id: string }
  | { readonly type: "recover.start"; readonly label: string }
  | { readonly type: "recover.ended"; readonly result: Remote<string> }
  | { readonly type: "recover.inspected"; readonly id: string; readonly inspection: Inspection }
  | { readonly type: "artifacts.of"; readonly migration: string }
  | { readonly type: "verify.start" }
  | { readonly type: "apply.start" }
  | { readonly type: "run.ask"; readonly how: Asked }
  | { readonly type: "backfill.ask"; readonly verb: "pause" | "resume" }
  | { readonly type: "back-off" }
  | { readonly type: "export" }
  | { readonly type: "run.event"; readonly run: "verify" | "apply" | "recovery"; readonly event: AnyEvent }
  | { readonly type: "run.index"; readonly progress: IndexProgress | undefined }
  | { readonly type: "verify.ended"; readonly result: Remote<VerifyResult> }
  | { readonly type: "apply.ended"; readonly result: Remote<UpResult> }
  | { readonly type: "read"; readonly name: ReadingName; readonly reading: Remote<Readings[ReadingName]> }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  | { readonly type: "tick"; readonly now: number }
  | { readonly type: "suspend" }
  | { readonly type: "quit" };

/** The state before anything is read. */
export function initialState(given: {
  readonly columns: number;
  readonly rows: number;
  readonly theme: ThemeName;
  readonly mode: string;
  readonly ceiling?: number | undefined;
  readonly offline: boolean;
  readonly screen: ScreenName;
  readonly epoch?: number;
}): State {
  const { columns, rows, theme, mode, ceiling, offline, screen, epoch = 0 } = given;
  return {
    size: { columns, rows },
    theme,
    mode,
    ...(ceiling === undefined ? {} : { ceiling }),
    offline,
    screen,
    trail: [],
    readings: {
      status: nothing,
      plan: nothing,
      history: nothing,
      audit: nothing,
      snapshots: nothing,
      comparison: nothing,
      effects: nothing,
      artifacts: nothing,
      backfills: nothing,
    },
    cursors: {},
    detailTop: 0,
    filters: {},
    isFiltering: false,
    isSortedByRisk: false,
    isGatesFocused: false,
    consent: {},
    historyTab: "history",
    openMigrations: [],
    verify: idleRun,
    verifyResult: nothing,
    apply: idleRun,
    applyResult: nothing,
    recovery: idleRun,
    recoveryResult: nothing,
    inspections: {},
    isLogShown: false,
    modelView: "unified",
    isChangedOnly: false,
    isZoomed: false,
    jumps: [],
    isHelpShown: false,
    now: 0,
    epoch,
  };
}

/** What was read, old or new. */
export function known<T>(remote: Remote<T>): T | undefined {
  return remote.status === "ready" || remote.status === "loading" ? remote.value : undefined;
}
