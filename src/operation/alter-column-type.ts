/** alterColumnType: another type or collation for a column, with its default carried along in the same statement. */
import { getObject, type SchemaGraph } from "../model/graph.ts";
import { type ObjectId, objectId, tableId } from "../model/kinds.ts";
import type { Column, SchemaObject } from "../model/object.ts";
import { castPattern } from "../sql/cast.ts";
import { asInput } from "../sql/expression.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { quoteLiteral } from "../sql/literal.ts";
import { type LockDuration, type Statement, statement, together } from "../sql/statement.ts";
import { staysComparable, typeChange } from "../sql/type-change.ts";
import { castWay, castWayIn, madeHere, type Underneath, usingExpression } from "../sql/using-expression.ts";
import { alterColumnTypeExamples } from "./alter-column-type-examples.ts";
import { type AlterColumnType, alterColumnTypePayload } from "./alter-column-type-payload.ts";
import { typeRisks } from "./alter-column-type-risks.ts";
import { type ClaimContext, defineOperation, type Inversion, operation } from "./define.ts";
import { refuseInPartitionKey } from "./partition-key.ts";
import {
  alterColumn,
  type ColumnPlace,
  columnIdOf,
  columnInWords,
  dependenciesOf,
  editColumn,
  placeOf,
  tableIdOf,
  tableOf,
} from "./place.ts";

export const alterColumnType = defineOperation<"alterColumnType", AlterColumnType>({
  kind: "alterColumnType",
  family: "alter",
  product: true,
  summary: "change the type or collation of a column",
  base: "high",
  baseNote: "low when every value stays as it is stored",
  reasons: ["changes_column_type", "narrows_column_type", "rebuilds_table"],
  payload: alterColumnTypePayload,
  on: ["alter column.type", "alter column.collation", "alter column.default", "alter column.identity"],
  claims: (change, context) => {
    if (change.type !== "alter" || change.before.kind !== "column" || change.after.kind !== "column") return undefined;
    if (!context.alters(change.id, "type") && !context.alters(change.id, "collation")) return undefined;
    const op = claimed(change.id, change.before, change.after, context);
    refuseInPartitionKey(context.before, op, "change the type of");
    return carries(op, change.attribute) ? op : undefined;
  },
  absorbs: (op, change) => {
    if (change.type !== "alter") return false;
    if (change.id === columnIdOf(op)) return carries(op, change.attribute);
    const text = change.attribute === "expression" || change.attribute === "definition";
    return text && (op.also ?? []).some((object) => objectId(object) === change.id);
  },
  describe: columnInWords,
  emit: (op) => [together(...statementsOf(op))],
  invert: inverse,
  predict: (op, graph) => [
    ...editColumn(graph, op, {
      type: op.to.type,
      collation: op.to.collation,
      ...(op.generated ? {} : { default: op.to.default }),
      ...(op.identity ? { identity: undefined } : {}),
      ...(op.nullable ? { notNull: undefined } : {}),
      storage: op.storage,
      dependsOn: op.dependsOn,
    }),
    ...(op.also ?? []).map((put) => ({ put })),
  ],
  risks: typeRisks,
  examples: alterColumnTypeExamples,
});

function claimed(id: ObjectId, before: Column, after: Column, context: ClaimContext): AlterColumnType {
  const generated = before.generated !== undefined;
  const endsIdentity = before.identity !== undefined && after.identity === undefined && context.alters(id, "type");
  const joined = staysComparable(before.type, after.type) ? joinedTables(after, context) : [];
  const also = textsThatFollow(before, context);
  const cast = castWayIn(before.type, after.type, underneathIn(context));
  return {
    ...placeOf(after),
    from: typeMembers(before),
    to: generated ? { ...typeMembers(after), default: undefined } : typeMembers(after),
    ...(generated ? { generated: true as const } : {}),
    ...(before.storage !== undefined && before.storage === after.storage ? { storage: before.storage } : {}),
    ...(generated || cast === castWay(before.type, after.type) ? {} : { cast }),
    ...(endsIdentity ? { identity: before.identity } : {}),
    ...(endsIdentity && before.notNull && !after.notNull ? { nullable: true as const } : {}),
    ...(isRechecked(before, after, context) ? { rechecks: true as const } : {}),
    ...(joined.length > 0 ? { joined } : {}),
    ...(also.length > 0 ? { also } : {}),
    ...dependenciesOf(after),
  };
}

/** What types of the two schemas stand for. */
function underneathIn({ before, after }: ClaimContext): Underneath {
  return (base) => {
    for (const graph of [before, after]) {
      const domain = graph.objects.get(`domain:${base}`);
      if (domain?.kind === "domain") return domain.type;
      if (
        (["enum", "compositeType", "rangeType", "table"] as const).some((kind) => graph.objects.has(`${kind}:${base}`))
      )
        return madeHere;
    }
    return undefined;
  };
}

/** Whether a change of another attribute of the column is part of the operation. */
function carries(op: AlterColumnType, attribute: string): boolean {
  if (attribute === "type" || attribute === "collation") return true;
  if (attribute === "default") return !op.generated;
  return (attribute === "identity" && op.identity !== undefined) || (attribute === "notNull" && op.nullable === true);
}

function typeMembers(column: Column): AlterColumnType["from"] {
  return {
    type: column.type,
    ...(column.collation === undefined ? {} : { collation: column.collation }),
    ...(column.default === undefined ? {} : { default: column.default }),
  };
}

/**
 * Tables on the other end of foreign keys that use the column: Postgres makes those keys again, under its lock on both.
 * Keys that the new type would break are dropped before and added afterwards by operations of their own.
 */
function joinedTables(column: Column, context: ClaimContext): { schema: string; name: string }[] {
  const own = tableIdOf(column);
  const found = new Map<ObjectId, { schema: string; name: string }>();
  for (const object of context.before.objects.values()) {
    if (object.kind !== "foreignKey") continue;
    const { schema, table, references } = object;
    const [from, to] = [tableId(schema, table), tableId(references.schema, references.table)];
    if (from === own && object.columns.includes(column.name))
      found.set(to, { schema: references.schema, name: references.table });
    if (to === own && references.columns.includes(column.name)) found.set(from, { schema, name: table });
  }
  found.delete(own);
  return [...found.values()];
}

/** Whether a change that writes no row still reads them all: for a check, or for an index that has to be built again. */
function isRechecked(before: Column, after: Column, context: ClaimContext): boolean {
  const id = columnIdOf(before);
  const zoned = typeChange(before.type, after.type).zoned;
  for (const part of context.childrenBefore(tableIdOf(before))) {
    if (part.kind === "check" && part.dependsOn?.includes(id)) return true;
    if (part.kind !== "index" && part.kind !== "primaryKey" && part.kind !== "unique") continue;
    if ((zoned || before.collation !== after.collation) && part.columns.includes(before.name)) return true;
    if (part.dependsOn?.includes(id)) return true;
  }
  return false;
}

/**
 * Checks and indexes that Postgres makes again from their texts and whose new texts are known: where nothing but the
 * cast of the column itself comes or goes. Where more differs, they are replaced by operations of their own.
 */
function textsThatFollow(column: Column, context: ClaimContext): SchemaObject[] {
  const found: SchemaObject[] = [];
  for (const part of context.childrenBefore(tableIdOf(column))) {
    if (part.kind !== "check" && part.kind !== "index") continue;
    const after = context.after.objects.get(objectId(part));
    const member = part.kind === "check" ? "expression" : "definition";
    const [old, now] = [textOf(part, member), textOf(after, member)];
    if (now === undefined || old === now || withoutCast(old ?? "", column) !== withoutCast(now, column)) continue;
    found.push({ ...part, [member]: now });
  }
  return found;
}

function textOf(object: SchemaObject | undefined, member: "expression" | "definition"): string | undefined {
  const text = (object as { readonly expression?: string; readonly definition?: string } | undefined)?.[member];
  return text;
}

function withoutCast(text: string, { name }: Column): string {
  const column = `(${quoteIdent(name)})`;
  let result = "";
  let at = 0;
  for (const cast of text.matchAll(castPattern)) {
    if (!text.slice(at, cast.index).endsWith(column)) continue;
    result += text.slice(at, cast.index - column.length) + quoteIdent(name);
    at = cast.index + cast[0].length;
  }
  return result + text.slice(at);
}

/** The zone that has to be set for the change, if its meaning depends on one. */
function zoneOf(op: AlterColumnType): string | undefined {
  return typeChange(op.from.type, op.to.type).zoned ? (op.timeZone ?? "UTC") : undefined;
}

function statementsOf(op: AlterColumnType): Statement[] {
  const table = tableOf(op);
  const on = [table, ...(op.joined ?? []).map(({ schema, name }) => qualified(schema, name))];
  const zone = zoneOf(op);
  const column = `alter column ${quoteIdent(op.name)}`;
  const using = op.generated ? undefined : (op.using ?? usingExpression(op.name, op.from.type, op.to.type, op.cast));
  const actions = [
    ...(op.from.default === undefined ? [] : [`${column} drop default`]),
    `${column} type ${op.to.type}${op.to.collation === undefined ? "" : ` collate ${op.to.collation}`}${using === undefined ? "" : ` using ${using}`}`,
    ...(op.to.default === undefined ? [] : [`${column} set default ${asInput(op.to.default)}`]),
    ...(op.storage === undefined ? [] : [`${column} set storage ${op.storage}`]),
  ];
  return [
    ...(zone === undefined ? [] : [statement(`set local timezone to ${quoteLiteral(zone)}`)]),
    ...(op.identity === undefined ? [] : [statement(`${alterColumn(op)} drop identity`, "access exclusive", [table])]),
    ...(op.nullable ? [statement(`${alterColumn(op)} drop not null`, "access exclusive", [table])] : []),
    statement(`alter table ${table} ${actions.join(", ")}`, "access exclusive", on, durationOf(op)),
  ];
}

function durationOf(op: AlterColumnType): LockDuration {
  if (op.using !== undefined || typeChange(op.from.type, op.to.type, zoneOf(op)).rewrites) return "rewrite";
  return op.rechecks || op.joined ? "scan" : "instant";
}

function inverse(op: AlterColumnType, graph: SchemaGraph): Inversion {
  const before = getObject(graph, "column", columnIdOf(op));
  if (op.using !== undefined) {
    return { reversible: false, why: "its USING expression says how values go forward, not how they come back" };
  }
  const { from, to, dependsOn: _, identity: ended, nullable, also: followed = [], cast, ...rest } = op;
  const also = followed.flatMap((object) => graph.objects.get(objectId(object)) ?? []);
  const place: ColumnPlace = placeOf(op);
  const { nature } = typeChange(from.type, to.type);
  const loses = {
    compatible: undefined,
    widening: undefined,
    narrowing: "what the narrower type cut off or rounded",
    conversion: "how the values were written before, where the new type does not keep that",
  }[nature];
  return {
    reversible: true,
    operations: [
      operation("alterColumnType", {
        ...rest,
        from: to,
        to: from,
        // What has a cast one way need not have one back; its text can always be read.
        ...(cast === "assignment" ? { cast } : {}),
        ...(also.length > 0 ? { also } : {}),
        ...dependenciesOf(before),
      }),
      ...(nullable ? [operation("alterColumnNullable", { ...place, notNull: true })] : []),
      ...(ended ? [operation("setIdentity", { ...place, to: ended, ...dependenciesOf(before) })] : []),
    ],
    ...(loses === undefined ? {} : { loses }),
  };
}
