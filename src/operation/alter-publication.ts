/** alterPublication: other tables, columns, rows, schemas or changes of a publication. Subscribers have to refresh theirs. */
import * as v from "valibot";
import { sameValue } from "../base/ordered.ts";
import { makeId, type ObjectId } from "../model/kinds.ts";
import { type Publication, publicationSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { publishingFinding } from "./create-publication.ts";
import { defineOperation, operation } from "./define.ts";
import { withMembers } from "./place.ts";
import { editObject } from "./replacement.ts";
import { alterPublicationStatements } from "./sql/publication.ts";

const { name, tables, schemas, publish, viaRoot, generatedColumns, dependsOn } = publicationSchema.entries;

const shape = v.strictObject({
  tables,
  schemas,
  publish,
  viaRoot,
  generatedColumns,
  /** what its filters refer to */
  dependsOn,
});

const payload = v.strictObject({ name, from: shape, to: shape });

type AlterPublication = v.InferOutput<typeof payload>;

const changed = ["tables", "schemas", "publish", "viaRoot", "generatedColumns"] as const;
const members: readonly string[] = changed;
const made = "create table users (id int primary key, email text); create table posts (id int primary key)";

export const alterPublication = defineOperation<"alterPublication", AlterPublication>({
  kind: "alterPublication",
  family: "foreign data & publications",
  product: false,
  summary: "publish other tables, columns, rows or changes",
  base: "high",
  baseNote: "medium when what is written does not become harder",
  reasons: [],
  payload,
  on: changed.map((attribute) => `alter publication.${attribute}`),
  claims: (change) => {
    if (change.type !== "alter" || change.before.kind !== "publication" || change.after.kind !== "publication") {
      return undefined;
    }
    return { name: change.after.name, from: shapeOf(change.before), to: shapeOf(change.after) };
  },
  absorbs: (op, change) => change.type === "alter" && change.id === idOf(op) && members.includes(change.attribute),
  describe: (op) => quoteIdent(op.name),
  emit: (op) => [together(...alterPublicationStatements(op.name, op.from, op.to))],
  invert: (op) => ({
    reversible: true,
    operations: [operation("alterPublication", { name: op.name, from: op.to, to: op.from })],
  }),
  predict: ({ name, to }, graph) =>
    editObject(graph, "publication", makeId("publication", name), (publication) =>
      withMembers(publication, {
        tables: to.tables,
        schemas: to.schemas,
        publish: to.publish,
        viaRoot: to.viaRoot,
        generatedColumns: to.generatedColumns,
        dependsOn: to.dependsOn,
      }),
    ),
  risks: ({ from, to }) => [
    finding("medium", undefined, "subscribers get other rows, and new tables once they refresh their subscriptions"),
    ...(comesMore(from, to) ? [publishingFinding(to.publish)] : []),
  ],
  examples: [
    {
      name: "one table goes, another comes",
      before: `${made}; create publication news for table users`,
      op: {
        name: "news",
        from: { tables: [{ schema: "public", table: "users" }] },
        to: { tables: [{ schema: "public", table: "posts" }] },
      },
      after: `${made}; create publication news for table posts`,
    },
    {
      name: "other changes, through the root, quoted names",
      before: `${made}; create publication "My News" for table users, posts; comment on publication "My News" is 'x'`,
      op: {
        name: "My News",
        from: {
          tables: [
            { schema: "public", table: "posts" },
            { schema: "public", table: "users" },
          ],
        },
        to: {
          tables: [
            { schema: "public", table: "posts" },
            { schema: "public", table: "users" },
          ],
          publish: ["insert", "delete"],
          viaRoot: true,
        },
      },
      after: `${made}; create publication "My News" for table users, posts with (publish = 'insert, delete', publish_via_partition_root);
        comment on publication "My News" is 'x'`,
    },
    {
      name: "nothing any more, and no change",
      before: `${made}; create publication news for table users, posts`,
      op: {
        name: "news",
        from: {
          tables: [
            { schema: "public", table: "posts" },
            { schema: "public", table: "users" },
          ],
        },
        to: { publish: [] },
      },
      after: `${made}; create publication news with (publish = '')`,
    },
    {
      name: "other columns and rows of a table, and a schema",
      before: `${made}; create schema app; create publication news for table users (id) where (id > 1), posts`,
      op: {
        name: "news",
        from: {
          tables: [
            { schema: "public", table: "posts" },
            { schema: "public", table: "users", columns: ["id"], where: "(id > 1)" },
          ],
        },
        to: {
          tables: [
            { schema: "public", table: "posts" },
            { schema: "public", table: "users", where: "(id > 2)" },
          ],
          schemas: ["app"],
          dependsOn: ["column:public.users.id"],
        },
      },
      after: `${made}; create schema app; create publication news for table users where (id > 2), posts, tables in schema app`,
      since: 150000,
    },
  ],
});

function shapeOf(publication: Publication): AlterPublication["to"] {
  const { tables, schemas, publish, viaRoot, generatedColumns, dependsOn } = publication;
  const all = { tables, schemas, publish, viaRoot, generatedColumns, dependsOn };
  return Object.fromEntries(Object.entries(all).filter(([, member]) => member !== undefined));
}

/** Whether tables come, or kinds of change. */
function comesMore(from: AlterPublication["from"], to: AlterPublication["to"]): boolean {
  const known = from.tables ?? [];
  return (
    (to.tables ?? []).some((table) => !known.some((other) => sameValue(other, table))) ||
    (to.schemas ?? []).some((schema) => !from.schemas?.includes(schema)) ||
    (from.publish !== undefined &&
      (to.publish ?? ["update", "delete"]).some((change) => !from.publish?.includes(change)))
  );
}

function idOf({ name }: AlterPublication): ObjectId {
  return makeId("publication", name);
}
