// The snapshots screen on exported files, with no database, and what every terminal has in common: resize, themes, mouse.
import { expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { graphToJson } from "../../src/model/json.ts";
import type { SnapshotEntry } from "../../src/tui/state.ts";
import type { Workspace } from "../../src/usecase/workspace.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { startDriver } from "./driver.ts";
import { schemaAfter, schemaBefore } from "./sample.ts";

const folder = tempFolder();
writeFileSync(join(folder, "before.json"), graphToJson(schemaBefore()));
writeFileSync(join(folder, "after.json"), graphToJson(schemaAfter()));

const unreachable = (): never => {
  throw new Error("an offline screen asked for a connection");
};
const workspace: Workspace = {
  cwd: folder,
  config: { dir: join(folder, "migrations"), mode: "development", auditSchema: "public", lockTimeoutMs: 3_000 },
  connection: unreachable,
  connectionOf: unreachable,
  now: () => new Date("2026-05-01T00:00:00Z"),
  random: () => 0,
};
const entry = (name: string): SnapshotEntry => ({
  source: join(folder, name),
  name,
  phase: "file",
  capturedAt: null,
  models: null,
  relations: null,
});
const entries = [entry("after.json"), entry("before.json")];
const pair = { a: join(folder, "before.json"), b: join(folder, "after.json") };
const trimmed = (frame: string): string => frame.replaceAll(/ +$/gm, "");
const offline = { workspace, entries, screen: "snapshots" } as const;

test("two exported files are compared with no database in reach", async () => {
  const driver = startDriver({ ...offline, pair });
  await driver.settled();
  expect(driver.frame()).toContain("2 → 3 models   0 → 1 relations   +1 −0 ~2");
  await driver.press("down", "down");
  expect(driver.selected()).toStartWith(" ~ public.users");
  expect(driver.frame()).toContain("− legacy_uuid");
  await driver.press("tab");
  expect(driver.frame()).toMatch(/│ before\.json +│ after\.json/);
  await driver.press("tab");
  expect(driver.frame()).toContain("create table public.users (");
  await driver.press("/", ..."lead", "enter");
  expect(driver.selected()).toStartWith(" + public.leads");
});

test("e writes the comparison as a page, and never over another file", async () => {
  const cwd = tempFolder({ "before-to-after.html": "mine" });
  const driver = startDriver({ ...offline, workspace: { ...workspace, cwd }, pair });
  await driver.settled();
  await driver.press("e");
  expect(driver.frame()).toContain("written: before-to-after-2.html");
  expect(readFileSync(join(cwd, "before-to-after.html"), "utf8")).toBe("mine");
  const page = readFileSync(join(cwd, "before-to-after-2.html"), "utf8");
  expect(page).toStartWith("<!doctype html>");
  expect(page).toContain("<b>public.users</b>");
  chmodSync(cwd, 0o500);
  const asRoot = process.getuid?.() === 0;
  await driver.press("e");
  expect(driver.frame()).toContain(asRoot ? "written: before-to-after-3.html" : "cannot be written");
  chmodSync(cwd, 0o700);
});

test("two of a folder are picked from the timeline, newest first", async () => {
  const at = (capturedAt: string) => ({ capturedAt, migration: "20260402_103000_release" });
  const timeline = tempFolder({
    "before.json": graphToJson(schemaBefore(), at("2026-04-02T10:31:07Z")),
    "after.json": graphToJson(schemaAfter(), at("2026-05-01T11:30:22Z")),
  });
  const driver = startDriver({ workspace, entries: { folder: timeline }, screen: "snapshots" });
  await driver.settled();
  expect(driver.selected()).toMatch(/^ ○ after\.json .* 2026-05-01 11:30:22Z {3}3 models, 1 relation$/);
  await driver.press("down", "space");
  expect(driver.frame()).toContain("● before.json");
  await driver.press("enter");
  expect(driver.frame()).toContain("this is the first one; pick another");
  await driver.press("up", "enter");
  expect(driver.frame()).toContain("zanith › snapshots › before.json … after.json");
  await driver.press("o");
  expect(driver.frame()).toContain("pick two to compare");
});

test("relations are walked through and back", async () => {
  const driver = startDriver({ ...offline, pair });
  await driver.settled();
  await driver.press("down", "r");
  expect(driver.frame()).toContain("refers to 1, referred by 0");
  await driver.press("enter");
  expect(driver.selected()).toStartWith(" ~ public.users");
  await driver.press("escape");
  expect(driver.selected()).toStartWith(" ~ public.orders");
});

test("screens that need a database say so instead of asking for one", async () => {
  const driver = startDriver({ ...offline, pair });
  await driver.settled();
  await driver.press("2");
  expect(driver.frame()).toContain("exported files are browsed");
  expect(driver.app.state.screen).toBe("snapshots");
});

test("a file that is no snapshot is told, and the rest still works", async () => {
  writeFileSync(join(folder, "broken.json"), "{");
  const driver = startDriver({ ...offline, pair: { a: join(folder, "broken.json"), b: pair.b } });
  await driver.settled();
  expect(driver.frame()).toContain("broken.json");
  await driver.press("o", "down", "enter");
  expect(driver.frame()).toContain("2 → 2 models");
});

test("the frame follows the terminal's size, to a message where it is too small", async () => {
  const driver = startDriver({ ...offline, pair });
  await driver.settled();
  for (const [columns, rows] of [
    [200, 60],
    [80, 24],
    [131, 37],
  ] as const) {
    await driver.resize(columns, rows);
    const lines = driver.frame().split("\n");
    expect(lines).toHaveLength(rows);
    expect(lines[1]).toBe("─".repeat(columns));
  }
  await driver.resize(60, 12);
  expect(driver.frame()).toStartWith("zanith needs 80 x 24; this is 60 x 12");
  await driver.resize(100, 30);
  expect(driver.frame()).toContain("public.users");
});

test("a list that scrolls leaves nothing of wide characters behind", async () => {
  const wide = "表示する顧客";
  writeFileSync(join(folder, "wide.json"), graphToJson(schemaBefore(wide, "orders表")));
  const driver = startDriver({ ...offline, pair: { a: pair.a, b: join(folder, "wide.json") } });
  await driver.settled();
  for (const keys of [["down"], ["down"], ["tab"], ["up"], ["tab"], ["down"]]) {
    await driver.press(...keys);
    const shown = trimmed(driver.frame());
    await driver.resize(101, 30);
    await driver.resize(100, 30);
    expect(trimmed(driver.frame())).toBe(shown);
  }
  expect(driver.frame()).toContain(wide);
});

test("the help lists the keys that mean something here", async () => {
  const driver = startDriver({ ...offline, pair });
  await driver.settled();
  await driver.press("?");
  expect(driver.frame()).toContain("keys on snapshots");
  expect(driver.frame()).toContain("unified, side by side, SQL");
  await driver.press("escape");
  expect(driver.frame()).not.toContain("keys on snapshots");
});

test("colours change with T, the wheel and a click move the cursor", async () => {
  const driver = startDriver({ ...offline, pair });
  await driver.settled();
  const colours = (): Set<number> => {
    const line = driver.terminal.terminal.buffer.active.getLine(4);
    return new Set(Array.from({ length: 100 }, (_, x) => line?.getCell(x)?.getFgColor() ?? -1));
  };
  expect(colours().size).toBeGreaterThan(1);
  await driver.press("T", "T");
  expect(driver.app.state.theme).toBe("none");
  expect(colours().size).toBe(1);
  await driver.press("\u001b[<65;5;6M");
  expect(driver.selected()).toStartWith(" ~ public.users");
  await driver.press("\u001b[<0;5;6M");
  expect(driver.selected()).toStartWith(" ~ public.orders");
  await driver.press("\u001b[<0;70;5M");
  expect(driver.selected()).toStartWith(" ~ public.orders");
});

test("a storm of events is drawn at most 30 times a second, the last state included", async () => {
  const driver = startDriver({ ...offline, pair });
  await driver.settled();
  await driver.press("o");
  const { app } = driver;
  const before = app.frames.count;
  const started = performance.now();
  for (let at = 0; at < 2_000; at++) {
    app.dispatch({ type: "toast", text: `event ${at}`, role: "ok" });
    if (at % 100 === 0) await Bun.sleep(0);
  }
  await driver.settled();
  const limit = Math.ceil((performance.now() - started) / 1000) * 30 + 2;
  expect(app.frames.count - before).toBeLessThanOrEqual(limit);
  expect(driver.frame()).toContain("event 1999");
});
