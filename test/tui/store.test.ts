// The store and the tables it is driven by, without a terminal: events, cursors, filters, consent, bindings.
import { describe, expect, test } from "bun:test";
import { activeBindings, bindingOf, bindings } from "../../src/tui/bindings.ts";
import { compareSchemas } from "../../src/tui/comparison.ts";
import { bindingsMarkdown } from "../../src/tui/keys.ts";
import { cursorOf, listLength, modelRows, planRows, selectedModel } from "../../src/tui/lists.ts";
import { idleRun, logLimit, type RunView, reduceRun } from "../../src/tui/run-view.ts";
import { type Action, type State, screenNames } from "../../src/tui/state.ts";
import { reduce } from "../../src/tui/store.ts";
import { chooseTheme } from "../../src/tui/theme.ts";
import { sampleReadings, sampleState, schemaBefore, sizes } from "./sample.ts";
import { scenesOf } from "./scenes.ts";

const size = sizes[1];
const after = (state: State, ...actions: readonly Action[]): State => actions.reduce(reduce, state);

describe("events of a run", () => {
  test("a storm of steps ends in exactly the last state", () => {
    let run: RunView = { ...idleRun, phase: "running" };
    const common = { migration: "20260501_113022_storm", kind: "addColumn", object: "t.c", level: "safe", score: 5 };
    for (let step = 0; step < 1_000; step++) {
      run = reduceRun(run, { type: "step.started", step, ...common }, step);
      run = reduceRun(run, { type: "statement.sent", migration: common.migration, step, sql: `select ${step}` }, step);
      run = reduceRun(run, { type: "statement.finished", migration: common.migration, step, durationMs: 1 }, step);
      run = reduceRun(run, { type: "step.finished", step, durationMs: 2, ...common }, step);
    }
    expect(run.steps).toHaveLength(1_000);
    expect(new Set(run.steps.map(({ status, durationMs }) => `${status} ${durationMs}`))).toEqual(
      new Set(["applied 2"]),
    );
    expect(run.log).toHaveLength(logLimit);
    expect(run.log.at(-1)).toEqual({ step: 999, sql: "select 999", times: 1, durationMs: 1 });
  });

  test("the batches of a backfill are one line of the log that counts", () => {
    const place = { migration: "20260501_113022_fill", step: 0 };
    let run: RunView = { ...idleRun, phase: "running" };
    for (const sql of ["update t", "update t where id > $1", "update t where id > $1", "update t where id > $1"]) {
      run = reduceRun(run, { type: "statement.sent", ...place, sql }, 0);
      run = reduceRun(run, { type: "statement.finished", ...place, durationMs: 7 }, 0);
    }
    expect(run.log).toEqual([
      { step: 0, sql: "update t", times: 1, durationMs: 7 },
      { step: 0, sql: "update t where id > $1", times: 3, durationMs: 7 },
    ]);
  });

  test("an event of a kind that is not known changes nothing", () => {
    const run: RunView = { ...idleRun, phase: "running" };
    expect(reduceRun(run, { type: "tea.served" }, 1)).toBe(run);
    expect(reduceRun(run, { type: "backfill.progress" }, 1)).toBe(run);
  });

  test("a lock wait and an index build are forgotten when the statement goes on", () => {
    const place = { migration: "m", step: 0 };
    let run: RunView = {
      ...idleRun,
      phase: "running",
      index: { phase: "scanning", counts: "rows", done: 1, total: 2 },
    };
    run = reduceRun(run, { type: "statement.sent", ...place, sql: "select 1" }, 0);
    run = reduceRun(run, { type: "lock.waited", ...place, attempt: 1, attempts: 8, waitedMs: 5, blockers: [] }, 0);
    expect(run.lockWait?.attempts).toBe(8);
    run = reduceRun(run, { type: "statement.finished", ...place, durationMs: 3 }, 0);
    expect([run.lockWait, run.index]).toEqual([undefined, undefined]);
  });
});

describe("lists", () => {
  test("the cursor stays within the list and starts anew in a filtered one", () => {
    const state = after(sampleState(size), { type: "go", screen: "plan" }, { type: "move", by: 99 });
    expect(cursorOf(state)).toBe(listLength(state) - 1);
    const filtered = after(state, { type: "filter", on: true }, { type: "typed", text: "INDEX" });
    expect(planRows(filtered).map((row) => (row.type === "step" ? row.step.kind : row.type))).toEqual([
      "migration",
      "addIndex",
    ]);
    expect(cursorOf(filtered)).toBe(0);
    const cleared = after(filtered, { type: "escape" });
    expect(listLength(cleared)).toBe(listLength(state));
  });

  test("sorting by risk puts the worst first and sorting again restores the order of execution", () => {
    const state = after(sampleState(size), { type: "go", screen: "plan" }, { type: "sort" });
    const scores = planRows(state).flatMap((row) => (row.type === "step" ? [row.step.score] : []));
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const back = planRows(after(state, { type: "sort" }));
    expect(back.flatMap((row) => (row.type === "step" ? [row.step.index] : []))).toEqual(scores.map((_, at) => at));
  });

  test("a relation leads to the other model and back, through filters that hide it", () => {
    const readings = sampleReadings();
    const read: Action = { type: "read", name: "comparison", reading: { status: "ready", value: readings.comparison } };
    const start = after(
      sampleState(size),
      { type: "pair", a: "a", b: "b" },
      read,
      { type: "filter", on: true },
      ...[..."orders"].map((text): Action => ({ type: "typed", text })),
      { type: "submit" },
    );
    expect(selectedModel(start)?.name).toBe("public.orders");
    const jumped = after(start, { type: "relations" }, { type: "open" });
    expect(selectedModel(jumped)?.name).toBe("public.users");
    expect(selectedModel(after(jumped, { type: "back" }))?.name).toBe("public.orders");
  });

  test("only changed models are shown when that is asked for", () => {
    const same = compareSchemas("a", schemaBefore(), "b", schemaBefore());
    const state = after(
      sampleState(size),
      { type: "pair", a: "a", b: "b" },
      {
        type: "read",
        name: "comparison",
        reading: { status: "ready", value: same },
      },
    );
    expect(modelRows(state)).toHaveLength(2);
    expect(modelRows(after(state, { type: "changed-only" }))).toEqual([]);
  });
});

describe("consent", () => {
  const asked = (typed: string): State =>
    after(
      sampleState(size),
      {
        type: "dialog",
        dialog: {
          kind: "typed",
          purpose: "ceiling",
          title: "",
          lines: [],
          expected: "80",
          typed: "",
          top: 0,
          maxRisk: 80,
        },
      },
      ...[...typed].map((text): Action => ({ type: "typed", text })),
      { type: "submit" },
    );

  test("exactly the expected text is consent; anything else asks again", () => {
    expect(asked("80").consent).toEqual({ maxRisk: 80 });
    expect(asked("8").consent).toEqual({});
    expect(asked("8").dialog).toMatchObject({ typed: "8", wrong: true });
    expect(asked("").consent).toEqual({});
  });
});

describe("bindings", () => {
  test("on every screen each key means one thing, and every binding is used somewhere", () => {
    const used = new Set<unknown>();
    const scenes = Object.values(scenesOf(sampleReadings())).map((actions) => after(sampleState(size), ...actions));
    for (const screen of screenNames) {
      const states = [
        ...scenes,
        after(sampleState(size), { type: "go", screen }),
        after(sampleState(size), { type: "go", screen }, { type: "gates" }),
        after(sampleState(size), { type: "go", screen }, { type: "tab", by: 1 }),
        after(
          sampleState(size),
          { type: "pair", a: "a", b: "b" },
          {
            type: "read",
            name: "comparison",
            reading: { status: "ready", value: sampleReadings().comparison },
          },
        ),
        after(sampleState(size), { type: "apply.start" }),
      ];
      states.push(...states.map((state) => after(state, { type: "relations" })), { ...sampleState(size), trail: [] });
      for (const state of states) {
        for (const binding of activeBindings(state)) {
          const [key = ""] = binding.keys;
          if (bindingOf(state, key) === binding) used.add(binding);
        }
      }
    }
    expect(bindings.filter((binding) => !used.has(binding)).map(({ help }) => help)).toEqual([]);
  });

  test("what cannot be done now says why", () => {
    const state = after(sampleState(size), { type: "go", screen: "plan" });
    expect(bindingOf(state, "a")?.disabled?.(state)).toStartWith("gate max-risk refuses: ");
    const offline: State = { ...sampleState(size), offline: true };
    expect(bindingOf(offline, "2")?.disabled?.(offline)).toContain("exported files");
    const elsewhere = after(sampleState(size), ...(scenesOf(sampleReadings())["home-elsewhere"] ?? []));
    expect(bindingOf(elsewhere, "c")?.disabled?.(elsewhere)).toBe("pid 4711 is at it; Ctrl-R looks again");
    const running = after(sampleState(size), { type: "apply.start" });
    expect(bindingOf(running, "C-z")?.disabled?.(running)).toContain("locks");
  });

  test("the table for the README has every binding", () => {
    const toScreens = bindings.filter(({ toScreen }) => toScreen !== undefined).length;
    expect(bindingsMarkdown().trim().split("\n")).toHaveLength(bindings.length - toScreens + 1 + 2);
  });
});

test("the theme follows NO_COLOR, then ZANITH_THEME, then the terminal's background", () => {
  expect(chooseTheme({ ZANITH_THEME: "light" }, false)).toBe("none");
  expect(chooseTheme({ ZANITH_THEME: "light", COLORFGBG: "15;0" }, true)).toBe("light");
  expect(chooseTheme({ COLORFGBG: "0;15" }, true)).toBe("light");
  expect(chooseTheme({}, true)).toBe("dark");
});
