/** The whole frame: title, body of the screen, footer of the keys that do something here, and what lies over them. Pure. */
import { asciiGlyphs, unicodeGlyphs } from "../render/glyphs.ts";
import type { Binding } from "./bindings/binding.ts";
import { activeBindings } from "./bindings.ts";
import { keyWord } from "./keys.ts";
import { listName } from "./lists.ts";
import { applyView } from "./screens/apply.ts";
import { historyView } from "./screens/history.ts";
import { homeView } from "./screens/home.ts";
import { planView } from "./screens/plan.ts";
import { recoverView } from "./screens/recover.ts";
import type { Look, ScreenView } from "./screens/screen.ts";
import { snapshotsView } from "./screens/snapshots.ts";
import { verifyView } from "./screens/verify.ts";
import { known, type ScreenName, type State } from "./state.ts";
import { asciiChrome, cellsOf, fit, type UiLine, type UiSpan, unicodeChrome, wrapAll } from "./text.ts";
import { withDialog } from "./widgets/dialog.ts";
import { rule, scrolled, ui } from "./widgets/panes.ts";

/** The smallest terminal the screens are made for. */
export const smallest = { columns: 80, rows: 24 } as const;

const screens: Readonly<Record<ScreenName, ScreenView>> = {
  home: homeView,
  plan: planView,
  verify: verifyView,
  apply: applyView,
  history: historyView,
  snapshots: snapshotsView,
  recover: recoverView,
};

const looks = {
  unicode: { glyphs: unicodeGlyphs, chrome: unicodeChrome },
  ascii: { glyphs: asciiGlyphs, chrome: asciiChrome },
} as const satisfies Record<string, Look>;

/** Whether the terminal is too small for any screen: nothing but a word about that is shown then. */
export function isTooSmall({ columns, rows }: State["size"]): boolean {
  return columns < smallest.columns || rows < smallest.rows;
}

/** Rows of the body: those below title and rule and above rule and footer. */
export const bodyTop = 2;

/** Every line of the frame, each exactly as wide as the terminal. */
export function frameOf(state: State, isAscii: boolean): readonly UiLine[] {
  const look = isAscii ? looks.ascii : looks.unicode;
  const { columns, rows } = state.size;
  const fitted = (lines: readonly UiLine[]): UiLine[] => lines.map((content) => fit(content, columns, look.chrome));
  if (isTooSmall(state.size)) return fitted(tooSmall(state, rows));
  const area = { width: columns, height: rows - 4 };
  const body = state.isHelpShown ? helpLines(state, area.height, look) : screens[state.screen](state, area, look);
  const filled = Array.from({ length: area.height }, (_, at) => body[at] ?? []);
  const lines = fitted([
    titleLine(state, columns, look),
    rule(columns, look.chrome),
    ...filled,
    rowBelow(state, columns, look),
    footerLine(state, columns, look),
  ]);
  const toast = toastLines(state, columns, look);
  lines.splice(rows - 1 - toast.length, toast.length, ...fitted(toast));
  return state.dialog === undefined
    ? lines
    : withDialog(lines, state.dialog, { width: columns, height: rows }, look.chrome);
}

function tooSmall({ size, apply }: State, rows: number): UiLine[] {
  const lines: UiLine[] = [
    [ui(`zanith needs ${smallest.columns} x ${smallest.rows}; this is ${size.columns} x ${size.rows}`)],
    [
      ui(
        apply.phase === "running"
          ? "the run goes on; make the window larger to see it"
          : "make the window larger, or press q",
        "dim",
      ),
    ],
  ];
  return Array.from({ length: rows }, (_, at) => lines[at] ?? []);
}

function titleLine(state: State, columns: number, look: Look): UiLine {
  const { chrome } = look;
  const path: UiSpan[] = [ui(" zanith", "title")];
  for (const part of breadcrumbs(state, look)) path.push(ui(` ${chrome.path} `, "dim"), ui(part, "title"));
  const whole = state.offline ? [ui("offline: exported files ", "dim")] : databaseSpans(state, look);
  // Where one is matters more than the server's version.
  const isTight = cellsOf([...path, ...whole], chrome) + 2 > columns;
  const right = isTight ? whole.filter(({ role }) => role !== "dim") : whole;
  const room = columns - cellsOf(right, chrome) - 2;
  return [...fit(path, Math.max(20, room), chrome), ui("  "), ...right];
}

function breadcrumbs(state: State, { chrome }: Look): string[] {
  const parts: string[] = state.screen === "home" ? [] : [state.screen];
  if (state.screen === "snapshots" && state.pair !== undefined) {
    const comparison = known(state.readings.comparison);
    const { a, b } = comparison ?? state.pair;
    parts.push(a === b ? a : `${a} ${chrome.ascii ? ".." : chrome.ellipsis} ${b}`);
    if (state.relationsOf !== undefined) parts.push("relations");
  }
  if (state.screen === "plan" && state.isGatesFocused) parts.push("gates");
  if (state.isHelpShown) parts.push("help");
  return parts;
}

function databaseSpans(state: State, { chrome }: Look): UiSpan[] {
  const database = known(state.readings.status)?.database ?? known(state.readings.plan)?.database;
  const ceiling = state.consent.maxRisk ?? state.ceiling;
  const elsewhere = state.apply.phase === "running" && state.screen !== "apply";
  return [
    ...(elsewhere ? [ui("applying, 4 shows it  ", "warn")] : []),
    ...(database === undefined
      ? [ui("connecting  ", "dim")]
      : [
          ui(database.name, "accent"),
          ui("  "),
          ui(`pg ${database.version.split(" ", 1)[0] ?? ""}  role ${database.user}  `, "dim"),
        ]),
    ui(state.mode, state.mode === "production" ? "warn" : "plain"),
    ui(
      ceiling === undefined ? " " : ` ${chrome.ceiling}${ceiling} `,
      state.consent.maxRisk === undefined ? "plain" : "bad",
    ),
  ];
}

/** What is said in answer to a key: as many lines as it takes, over the end of the body. */
function toastLines({ toast }: State, columns: number, { chrome }: Look): UiLine[] {
  if (toast === undefined) return [];
  const [first = [], ...rest] = wrapAll([[ui(toast.text.replaceAll(/\s+/g, " "), toast.role)]], columns - 4, chrome);
  return [rule(columns, chrome, first), ...rest.slice(0, mostToastLines - 1)];
}

/** Lines that an answer to a key takes at most. */
const mostToastLines = 4;

function rowBelow(state: State, columns: number, { chrome }: Look): UiLine {
  const filter = state.filters[listName(state)] ?? "";
  if (!state.isFiltering && filter === "") return rule(columns, chrome);
  return rule(columns, chrome, [
    ui("/ ", "key"),
    ui(filter),
    ui(state.isFiltering ? (chrome.ascii ? "_" : "▏") : "", "key"),
    ui(state.isFiltering ? "  Enter keeps it, Esc takes it away" : "", "dim"),
  ]);
}

function footerLine(state: State, columns: number, { chrome }: Look): UiLine {
  const shown = activeBindings(state).filter(({ quiet, label }) => quiet !== true && label !== "");
  const arrows: UiLine =
    state.screen === "verify"
      ? []
      : [ui(` ${chrome.up}${chrome.ascii ? "/" : ""}${chrome.down}`, "key"), ui(" row  ", "dim")];
  const last = shown.filter(({ label }) => label === "help" || label === "back" || label === "quit");
  const ending = last.flatMap((binding) => keySpans(binding, state, chrome.ascii));
  const room = columns - cellsOf(ending, chrome) - 1;
  const spans: UiSpan[] = [...arrows];
  for (const binding of shown) {
    if (last.includes(binding)) continue;
    const next = keySpans(binding, state, chrome.ascii);
    if (cellsOf([...spans, ...next], chrome) > room) break;
    spans.push(...next);
  }
  return [...fit(spans, room, chrome), ...ending];
}

function keySpans({ keys, label, disabled }: Binding, state: State, isAscii: boolean): UiSpan[] {
  const off = disabled?.(state) !== undefined;
  return [
    ui(` ${keyWord(keys[0] ?? "", isAscii)}`, off ? "disabled" : "key"),
    ui(` ${label} `, off ? "disabled" : "plain"),
  ];
}

/** What keys do here, as the table of bindings has it: those of the screen first, then those that work everywhere. */
function helpLines(state: State, height: number, { chrome }: Look): UiLine[] {
  const active = activeBindings(state);
  const taken = new Set<string>();
  const own: UiLine[] = [];
  const common: UiLine[] = [];
  for (const binding of active) {
    const free = binding.keys.filter((key) => !taken.has(key));
    for (const key of free) taken.add(key);
    if (free.length === 0 || binding.toScreen !== undefined) continue;
    const why = binding.disabled?.(state);
    (binding.quiet === true || binding.on === undefined ? common : own).push([
      ui(
        `   ${free.map((key) => keyWord(key, chrome.ascii)).join(" ")}`.padEnd(20),
        why === undefined ? "key" : "disabled",
      ),
      ui(binding.help, why === undefined ? "plain" : "disabled"),
      ui(why === undefined ? "" : `   not now: ${why}`, "dim"),
    ]);
  }
  const screens = active.flatMap(({ toScreen, keys }) => (toScreen === undefined ? [] : `${keys[0]} ${toScreen}`));
  const lines: UiLine[] = [
    [ui(` keys on ${state.screen}`, "title")],
    ...own,
    [],
    [ui(" everywhere", "title"), ui(`   ${screens.join("  ")}`, "dim")],
    ...common,
  ];
  return scrolled(lines, state.detailTop, height);
}
