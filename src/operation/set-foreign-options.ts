/**
 * setForeignOptions: options of a foreign data wrapper, a server, a user mapping or a foreign table. What may be a secret is
 * neither compared nor touched.
 */
import * as v from "valibot";
import { type ObjectId, objectId } from "../model/kinds.ts";
import { type ForeignOptions, foreignTableSchema, type SchemaObject } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { qualified, quoteIdent } from "../sql/identifier.ts";
import { statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { optionsChange, userMappingPlace } from "./sql/foreign.ts";

const { schema, name, options } = foreignTableSchema.entries;

const payload = v.strictObject({
  object: v.variant("kind", [
    v.strictObject({ kind: v.picklist(["foreignDataWrapper", "foreignServer"]), name }),
    v.strictObject({ kind: v.literal("userMapping"), server: name, name }),
    v.strictObject({ kind: v.literal("foreignTable"), schema, name }),
  ]),
  /** absent: none */
  from: options,
  to: options,
});

type SetForeignOptions = v.InferOutput<typeof payload>;
type Place = SetForeignOptions["object"];

const made = "create foreign data wrapper w; create server there foreign data wrapper w";

export const setForeignOptions = defineOperation<"setForeignOptions", SetForeignOptions>({
  kind: "setForeignOptions",
  family: "foreign data & publications",
  product: false,
  summary: "change options of what reads another server",
  base: "medium",
  reasons: [],
  payload,
  on: ["foreignDataWrapper", "foreignServer", "userMapping", "foreignTable"].map((kind) => `alter ${kind}.options`),
  claims: (change) => {
    if (change.type !== "alter") return undefined;
    const object = placeOf(change.after);
    if (object === undefined) return undefined;
    return { object, ...ends(optionsOf(change.before), optionsOf(change.after)) };
  },
  describe: ({ object }) => {
    if (object.kind === "foreignTable") return inWords(object.schema, object.name);
    return object.kind === "userMapping"
      ? `${quoteIdent(object.name)} on ${quoteIdent(object.server)}`
      : quoteIdent(object.name);
  },
  emit: ({ object, from, to }) => {
    const change = optionsChange(from, to) ?? "";
    switch (object.kind) {
      case "foreignTable": {
        const place = qualified(object.schema, object.name);
        return [together(statement(`alter foreign table ${place} ${change}`, "access exclusive", [place]))];
      }
      case "userMapping":
        return [together(statement(`alter ${userMappingPlace(object)} ${change}`))];
      case "foreignServer":
        return [together(statement(`alter server ${quoteIdent(object.name)} ${change}`))];
      default:
        return [together(statement(`alter foreign data wrapper ${quoteIdent(object.name)} ${change}`))];
    }
  },
  invert: ({ object, from, to }) => ({
    reversible: true,
    operations: [operation("setForeignOptions", { object, ...ends(to, from) })],
  }),
  predict: ({ object, to }, graph) => {
    const found = graph.objects.get(idOf(object));
    return found === undefined ? [] : [{ put: withMembers(found, { options: to } as Partial<SchemaObject>) }];
  },
  risks: () => [
    finding("medium", undefined, "queries of foreign tables may read something else from then on, or fail"),
  ],
  examples: [
    {
      name: "of a server: one comes, one changes, one goes, a secret stays",
      before:
        "create foreign data wrapper w; create server there foreign data wrapper w options (host 'a', port '1', api_key 's')",
      op: {
        object: { kind: "foreignServer", name: "there" },
        from: [
          { name: "host", value: "a" },
          { name: "port", value: "1" },
        ],
        to: [
          { name: "dbname", value: "it's" },
          { name: "host", value: "b" },
        ],
      },
      after:
        "create foreign data wrapper w; create server there foreign data wrapper w options (api_key 's', dbname 'it''s', host 'b')",
    },
    {
      name: "of a foreign table, quoted names",
      before: `${made}; create foreign table "Far" (id int) server there`,
      op: { object: { kind: "foreignTable", schema: "public", name: "Far" }, to: [{ name: "Table", value: "t" }] },
      after: `${made}; create foreign table "Far" (id int) server there options ("Table" 't')`,
    },
    {
      name: "of a user mapping",
      before: `${made}; create user mapping for public server there options (user 'a')`,
      op: {
        object: { kind: "userMapping", server: "there", name: "public" },
        from: [{ name: "user", value: "a" }],
        to: [{ name: "user", value: "b" }],
      },
      after: `${made}; create user mapping for public server there options (user 'b')`,
    },
    {
      name: "of a wrapper: none any more",
      before: "create foreign data wrapper w options (debug 'on')",
      op: { object: { kind: "foreignDataWrapper", name: "w" }, from: [{ name: "debug", value: "on" }] },
      after: "create foreign data wrapper w",
    },
  ],
});

function placeOf(object: SchemaObject): Place | undefined {
  switch (object.kind) {
    case "foreignDataWrapper":
    case "foreignServer":
      return { kind: object.kind, name: object.name };
    case "userMapping":
      return { kind: object.kind, server: object.server, name: object.name };
    case "foreignTable":
      return { kind: object.kind, schema: object.schema, name: object.name };
    default:
      return undefined;
  }
}

function optionsOf(object: SchemaObject): ForeignOptions | undefined {
  return (object as { readonly options?: ForeignOptions }).options;
}

function ends(
  from: ForeignOptions | undefined,
  to: ForeignOptions | undefined,
): { from?: ForeignOptions; to?: ForeignOptions } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function idOf(object: Place): ObjectId {
  return objectId(object as unknown as SchemaObject);
}
