/** Every command in the order help lists them. A command is its own file and one line here. */
import type { AnyCommand, CommandGroup } from "../command.ts";
import { audit } from "./audit.ts";
import { backfillCancel, backfillList, backfillPause, backfillResume, backfillStatus } from "./backfill.ts";
import { baseline } from "./baseline.ts";
import { completionOf } from "./completion.ts";
import { diff } from "./diff.ts";
import { down } from "./down.ts";
import { drift } from "./drift.ts";
import { generate } from "./generate.ts";
import { guided } from "./guided.ts";
import { history } from "./history.ts";
import { init } from "./init.ts";
import { plan } from "./plan.ts";
import { recoverInspect, recoverList } from "./recover.ts";
import { recoverExport } from "./recover-export.ts";
import { restoreColumn, restoreTable } from "./recover-restore.ts";
import { recoverCleanup, recoverPurge, recoverReseed } from "./recover-write.ts";
import { resolve } from "./resolve.ts";
import { snapshotDiff, snapshotList, snapshotShow, snapshotVerify } from "./snapshot.ts";
import { snapshotExport } from "./snapshot-export.ts";
import { status } from "./status.ts";
import { snapshotBrowse, ui } from "./ui.ts";
import { up } from "./up.ts";
import { verify } from "./verify.ts";

export const commandGroups: readonly CommandGroup[] = [
  { name: "migrate", summary: "generate, plan, verify, apply and audit migrations" },
  { name: "backfill", summary: "backfills that run, wait or were interrupted" },
  { name: "recover", summary: "what was archived or renamed out of the way" },
  { name: "snapshot", summary: "stored and exported schemas" },
];

export const commands: readonly AnyCommand[] = [
  init,
  diff,
  guided,
  generate,
  plan,
  verify,
  up,
  down,
  status,
  history,
  baseline,
  resolve,
  audit,
  backfillList,
  backfillStatus,
  backfillResume,
  backfillPause,
  backfillCancel,
  recoverList,
  recoverInspect,
  recoverExport,
  restoreColumn,
  restoreTable,
  recoverReseed,
  recoverPurge,
  recoverCleanup,
  snapshotList,
  snapshotShow,
  snapshotExport,
  snapshotDiff,
  snapshotVerify,
  snapshotBrowse,
  drift,
  ui,
  completionOf(() => commands, commandGroups),
];
