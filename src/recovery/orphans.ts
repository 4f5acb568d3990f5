/** Foreign keys that a restore would add and rows speak against: found before anything is changed, and made NOT VALID. Reads only. */

import { objectId } from "../model/kinds.ts";
import type { ForeignKey } from "../model/object.ts";
import type { Operation } from "../operation/define.ts";
import type { RestoreColumn } from "../operation/restore-column.ts";
import { columnArchive } from "../operation/set-aside-column.ts";
import type { Session } from "../pg/session.ts";
import { parkedName } from "../sql/artifact.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { fixSettings } from "./checksum.ts";
import { labelOf, type NotRestorable, type Target } from "./what-hung.ts";

export interface Checked {
  readonly operations: readonly Operation[];
  readonly lost: readonly NotRestorable[];
}

/**
 * The operations with every foreign key that has rows without a partner as NOT VALID: it holds for what is written from then
 * on. Rows are looked up where they are now; a key whose rows cannot be seen yet is left to the check of its own step.
 * @param physical where the rows of the target are, as SQL names it; undefined when it is back already
 */
export async function withoutOrphans(
  session: Session,
  operations: readonly Operation[],
  target: Target,
  physical: string | undefined,
): Promise<Checked> {
  const lost: NotRestorable[] = [];
  const checked: Operation[] = [];
  for (const op of operations) {
    const { foreignKey: key } = op as { readonly foreignKey?: ForeignKey };
    const sql = op.kind === "addForeignKey" && key ? orphansOf(key, operations, target, physical) : undefined;
    if (sql === undefined || key === undefined || key.notValid || key.notEnforced) {
      checked.push(op);
      continue;
    }
    const found = await session.transaction({ readOnly: true }, async (tx) => {
      await fixSettings(tx);
      return Number((await tx.rows(sql))[0]?.[0] ?? 0);
    });
    checked.push(found === 0 ? op : ({ ...op, foreignKey: { ...key, notValid: true } } as Operation));
    if (found === 0) continue;
    const there = qualified(key.references.schema, key.references.table);
    const why = `${found} row(s) of ${qualified(key.schema, key.table)} have no row in ${there}: it holds for new rows only (NOT VALID)`;
    lost.push({ object: `${labelOf(objectId(key))} as it was`, why });
  }
  return { operations: checked, lost };
}

function orphansOf(
  key: ForeignKey,
  operations: readonly Operation[],
  target: Target,
  physical: string | undefined,
): string | undefined {
  const child = rowsOf(key, key.columns, operations, target, physical);
  const parent = rowsOf(key.references, key.references.columns, operations, target, physical);
  // A period is covered by several rows together.
  if (child === undefined || parent === undefined || key.period) return undefined;
  const given = key.columns.map((name) => `c.${quoteIdent(name)} is not null`).join(" and ");
  const same = key.columns.map(
    (name, at) => `p.${quoteIdent(key.references.columns[at] ?? "")} = c.${quoteIdent(name)}`,
  );
  return `select count(*)::text from ${child} c where ${given} and not exists (select from ${parent} p where ${same.join(" and ")})`;
}

/** A from-item with the rows of a table as they will be; undefined when they cannot be told yet. */
function rowsOf(
  place: { readonly schema: string; readonly table: string },
  columns: readonly string[],
  operations: readonly Operation[],
  target: Target,
  physical: string | undefined,
): string | undefined {
  const here = qualified(place.schema, place.table);
  const isTarget = place.schema === target.schema && place.table === target.table;
  if (!isTarget || physical === undefined) return here;
  if (target.column === undefined) return physical;
  if (!columns.includes(target.column)) return here;
  const op = operations.find(({ kind }) => kind === "restoreColumn") as RestoreColumn | undefined;
  if (op === undefined || op.column.name !== target.column) return undefined;
  const name = quoteIdent(target.column);
  if (op.from === "soft")
    return `(select t.*, t.${quoteIdent(parkedName(target.column, op.id))} as ${name} from ${here} t)`;
  if (op.key === undefined) return undefined;
  const archive = columnArchive({ ...place, name: target.column }, op.id);
  const value = op.asText ? `a.${name}::${op.column.type}` : `a.${name}`;
  const on = op.key.map((part) => `a.${quoteIdent(part)} = t.${quoteIdent(part)}`).join(" and ");
  return `(select t.*, ${value} as ${name} from ${here} t join ${archive} a on ${on})`;
}
