/** dropView: removes a view with the triggers and rules on it. */
import * as v from "valibot";
import { getObject, type SchemaGraph } from "../model/graph.ts";
import { makeId, type ObjectId, parentId } from "../model/kinds.ts";
import { finding } from "../risk/levels.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, type Inversion, operation } from "./define.ts";
import { inWords, type TablePlace, tablePlace } from "./place.ts";
import { remakeParts } from "./remake.ts";
import { dropViewStatement } from "./sql/view.ts";

const payload = v.strictObject(tablePlace);

type DropView = v.InferOutput<typeof payload>;

export const dropView = defineOperation<"dropView", DropView>({
  kind: "dropView",
  family: "routines & views",
  product: false,
  summary: "remove a view",
  base: "high",
  baseNote: "it holds no rows of its own",
  reasons: [],
  payload,
  on: ["drop view"],
  claims: (change) =>
    change.type === "drop" && change.before.kind === "view"
      ? { schema: change.before.schema, name: change.before.name }
      : undefined,
  absorbs: (op, change) => change.type === "drop" && parentId(change.before) === idOf(op),
  describe: (op) => inWords(op.schema, op.name),
  emit: (op) => [together(dropViewStatement(op, "view"))],
  invert: (op, before) => remakingView(op, before),
  predict: (op) => [{ drop: idOf(op) }],
  risks: () => [finding("high", undefined, "queries and string bodies that name it fail from then on")],
  examples: [
    {
      name: "plain",
      before: "create table users (id int); create view known as select id from users",
      op: { schema: "public", name: "known" },
      after: "create table users (id int)",
    },
    {
      name: "with options, comments, a trigger and a rule, quoted names",
      before: `create table users (id int); create function f() returns trigger language plpgsql as ' begin return new; end ';
        create view "My Users" with (security_barrier) as select id from users; comment on view "My Users" is 'x';
        comment on column "My Users".id is 'y'; create trigger t instead of insert on "My Users" for each row execute function f();
        create rule r as on delete to "My Users" do instead nothing`,
      op: { schema: "public", name: "My Users" },
      after: `create table users (id int); create function f() returns trigger language plpgsql as ' begin return new; end '`,
    },
    {
      name: "that reads another one, in another schema",
      before: "create schema app; create view app.one as select 1 as n; create view app.two as select n from app.one",
      op: { schema: "app", name: "two" },
      after: "create schema app; create view app.one as select 1 as n",
    },
  ],
});

function remakingView(op: DropView, before: SchemaGraph): Inversion {
  const view = getObject(before, "view", idOf(op));
  if (view === undefined) return { reversible: false, why: "what it was like before is not known" };
  return { reversible: true, operations: [operation("createView", { view }), ...remakeParts(before, idOf(op))] };
}

function idOf({ schema, name }: TablePlace): ObjectId {
  return makeId("view", schema, name);
}
