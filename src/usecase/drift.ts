/** drift: the live schema against its last snapshot, or against any source. */

import { toolError } from "../base/errors.ts";
import { compareGraphs, type DiffResult, type ScopeInput, scoped } from "./diff.ts";
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
  input: ScopeInput & { readonly against?: string },
  _run: Run,
): Promise<DriftResult> {
  const state = await withSession(workspace, "drift", (session) => readState(workspace, session));
  if (input.against !== undefined) {
    const wanted = await readNamedSource(workspace, input.against);
    return { against: input.against, diff: compareGraphs(wanted, scoped(workspace, input, wanted, state.live), []) };
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
  const { migration, graph } = state.snapshot;
  const live = scoped(workspace, input, graph, state.live);
  return { against: `snapshot ${migration}`, diff: compareGraphs(graph, live, []) };
}
