/** createPublication: what other servers may follow from then on. */
import * as v from "valibot";
import { type Publication, publicationSchema } from "../model/object.ts";
import { type Finding, finding } from "../risk/levels.ts";
import { quoteIdent } from "../sql/identifier.ts";
import { together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { commentStatements } from "./sql/comment.ts";
import { createPublicationStatement } from "./sql/publication.ts";

const payload = v.strictObject({ publication: publicationSchema });

type CreatePublication = v.InferOutput<typeof payload>;

export const createPublication = defineOperation<"createPublication", CreatePublication>({
  kind: "createPublication",
  family: "foreign data & publications",
  product: false,
  summary: "publish tables to subscribers",
  base: "high",
  baseNote: "low when neither UPDATE nor DELETE is published",
  reasons: [],
  payload,
  on: ["create publication"],
  claims: (change) =>
    change.type === "create" && change.after.kind === "publication" ? { publication: change.after } : undefined,
  describe: ({ publication }) => quoteIdent(publication.name),
  emit: ({ publication }) => [together(createPublicationStatement(publication), ...commentStatements(publication))],
  invert: ({ publication }) => ({
    reversible: true,
    operations: [operation("dropPublication", { name: publication.name })],
  }),
  predict: ({ publication }) => [{ put: publication }],
  risks: ({ publication }) => [publishingFinding(publication.publish)],
  examples: [
    {
      name: "of one table",
      before: "create table users (id int primary key)",
      op: {
        publication: { kind: "publication", name: "news", tables: [{ schema: "public", table: "users" }] },
      },
      after: "create table users (id int primary key); create publication news for table users",
    },
    {
      name: "of all tables, of some changes, with a comment, quoted names",
      before: "",
      op: {
        publication: {
          kind: "publication",
          name: "All News",
          allTables: true,
          publish: ["insert", "truncate"],
          viaRoot: true,
          comment: "it's all",
        },
      },
      after: `create publication "All News" for all tables with (publish = 'insert, truncate', publish_via_partition_root = true);
        comment on publication "All News" is 'it''s all'`,
    },
    {
      name: "of nothing yet",
      before: "",
      op: { publication: { kind: "publication", name: "news" } },
      after: "create publication news",
    },
    {
      name: "of columns and rows of tables, that inherit from each other",
      before: `create table "User" (id int primary key, "E Mail" text, secret text); create table special (n int) inherits ("User")`,
      op: {
        publication: {
          kind: "publication",
          name: "news",
          tables: [
            { schema: "public", table: "User", columns: ["E Mail", "id"], where: "(id > 10)" },
            { schema: "public", table: "special", where: "(n IS NOT NULL)" },
          ],
          publish: ["insert"],
          dependsOn: ["column:public.special.n"],
        },
      },
      after: `create table "User" (id int primary key, "E Mail" text, secret text); create table special (n int) inherits ("User");
        create publication news for table only "User" (id, "E Mail") where (id > 10), special where (n is not null) with (publish = 'insert')`,
      since: 150000,
    },
    {
      name: "of schemas and a table",
      before: `create schema "App"; create schema b; create table users (id int primary key)`,
      op: {
        publication: {
          kind: "publication",
          name: "news",
          tables: [{ schema: "public", table: "users" }],
          schemas: ["App", "b"],
        },
      },
      after: `create schema "App"; create schema b; create table users (id int primary key);
        create publication news for table users, tables in schema b, "App"`,
      since: 150000,
    },
    {
      name: "with generated columns",
      before: "create table users (id int primary key, g int generated always as (id + 1) stored)",
      op: {
        publication: {
          kind: "publication",
          name: "news",
          tables: [{ schema: "public", table: "users" }],
          generatedColumns: "stored",
        },
      },
      after: `create table users (id int primary key, g int generated always as (id + 1) stored);
        create publication news for table users with (publish_generated_columns = stored)`,
      since: 180000,
    },
  ],
});

/** What publishing does to who writes the tables. */
export function publishingFinding(publish: Publication["publish"]): Finding {
  const changes = publish ?? ["update", "delete"];
  if (!changes.some((change) => change === "update" || change === "delete")) {
    return finding("low", undefined, "subscribers get what is written from then on");
  }
  return finding(
    "high",
    undefined,
    "UPDATE and DELETE fail on tables of it without a primary key or a replica identity",
  );
}
