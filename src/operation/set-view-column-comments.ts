/** setViewColumnComments: the comments of the columns of a view or materialized view. Nothing but people read them. */
import * as v from "valibot";
import { sameValue } from "../base/ordered.ts";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { type SchemaObject, viewSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { inWords, withMembers } from "./place.ts";
import { columnComment } from "./sql/view.ts";

const { schema, name, columnComments } = viewSchema.entries;

const payload = v.strictObject({
  view: v.strictObject({ kind: v.picklist(["view", "materializedView"]), schema, name }),
  /** absent: none has one */
  from: columnComments,
  to: columnComments,
});

type SetViewColumnComments = v.InferOutput<typeof payload>;

export const setViewColumnComments = defineOperation<"setViewColumnComments", SetViewColumnComments>({
  kind: "setViewColumnComments",
  family: "routines & views",
  product: false,
  summary: "set, change or remove comments of a view's columns",
  base: "safe",
  reasons: [],
  payload,
  on: ["alter view.columnComments", "alter materializedView.columnComments"],
  incidental: true,
  claims: (change) => {
    if (change.type !== "alter") return undefined;
    const { before, after } = change;
    if ((after.kind !== "view" && after.kind !== "materializedView") || before.kind !== after.kind) return undefined;
    const { kind, schema, name } = after;
    return { view: { kind, schema, name }, ...ends((before as typeof after).columnComments, after.columnComments) };
  },
  describe: ({ view }) => inWords(view.schema, view.name),
  emit: ({ view, from = [], to = [] }) => {
    const gone = from.filter(({ column }) => !to.some((comment) => comment.column === column));
    const set = to.filter((comment) => !from.some((other) => sameValue(other, comment)));
    return [
      together(
        ...gone.map(({ column }) => columnComment(view, column, undefined)),
        ...set.map(({ column, comment }) => columnComment(view, column, comment)),
      ),
    ];
  },
  invert: ({ view, from, to }) => ({
    reversible: true,
    operations: [operation("setViewColumnComments", { view, ...ends(to, from) })],
  }),
  predict: ({ view, to }, graph) => {
    const object = graph.objects.get(idOf(view));
    return object === undefined ? [] : [{ put: withMembers(object, { columnComments: to } as Partial<SchemaObject>) }];
  },
  risks: () => [finding("safe", undefined, "only people read comments")],
  examples: [
    {
      name: "set on a view",
      before: "create view one as select 1 as n, 2 as m",
      op: {
        view: { kind: "view", schema: "public", name: "one" },
        to: [{ column: "n", comment: "it's one" }],
      },
      after: "create view one as select 1 as n, 2 as m; comment on column one.n is 'it''s one'",
    },
    {
      name: "changed and removed, quoted names",
      before: `create view "One" as select 1 as "N", 2 as m; comment on column "One"."N" is 'a'; comment on column "One".m is 'b'`,
      op: {
        view: { kind: "view", schema: "public", name: "One" },
        from: [
          { column: "N", comment: "a" },
          { column: "m", comment: "b" },
        ],
        to: [{ column: "N", comment: "c" }],
      },
      after: `create view "One" as select 1 as "N", 2 as m; comment on column "One"."N" is 'c'`,
    },
    {
      name: "removed from a materialized view",
      before: "create materialized view one as select 1 as n; comment on column one.n is 'a'",
      op: {
        view: { kind: "materializedView", schema: "public", name: "one" },
        from: [{ column: "n", comment: "a" }],
      },
      after: "create materialized view one as select 1 as n",
    },
  ],
});

type Comments = SetViewColumnComments["from"];

function ends(from: Comments, to: Comments): Pick<SetViewColumnComments, "from" | "to"> {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function idOf({ kind, schema, name }: SetViewColumnComments["view"]): ObjectId {
  return makeId(kind, schema, name);
}
