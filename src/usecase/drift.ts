/** drift: the live schema against its last snapshot, or against any source. */

import { toolError } from "../base/errors.ts";
import { compareGraphs, type DiffResult } from "./diff.ts";
import { readNamedSource } from "./sources.ts";
import { readState } from "./state.ts";
import { type Run, type Workspace, withSession } from "./workspace.ts";

export interface DriftResult {
  /** what the live schema was compared with */
  readonly against: string;
  readonly diff: DiffResult;
}

/** From what it should be to what it is. */
export async function drift(
  workspace: Workspace,
  input: { readonly against?: string },
  _run: Run,
): Promise<DriftResult> {
  const state = await withSession(workspace, "drift", (session) => readState(workspace, session));
  if (input.against !== undefined) {
    return {
      against: input.against,
      diff: compareGraphs(await readNamedSource(workspace, input.against), state.live, []),
    };
  }
  if (state.snapshot === undefined) {
    throw toolError({
      code: "name_unknown",
      what: "there is no snapshot to compare the live schema with",
      why: "nothing was applied and no baseline was taken in this database",
      state: "nothing was changed",
      next: "zanith init, or compare with a source: zanith drift --against schema.sql",
    });
  }
  return { against: `snapshot ${state.snapshot.migration}`, diff: compareGraphs(state.snapshot.graph, state.live, []) };
}
