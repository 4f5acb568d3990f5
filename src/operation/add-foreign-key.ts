/** addForeignKey: a foreign key that is enforced at once and validated while reads and writes go on. */
import * as v from "valibot";
import { getObject } from "../model/graph.ts";
import { type ForeignKey, foreignKeySchema } from "../model/object.ts";
import { type Finding, finding } from "../risk/levels.ts";
import { sizedFinding } from "../risk/size.ts";
import { defineOperation, operation } from "./define.ts";
import { droppedForeignKey } from "./drop-foreign-key.ts";
import { partInWords, tableIdOfPart } from "./part.ts";
import { additionOf, isPartOfReplacement } from "./replacement.ts";
import { alterableInPlace } from "./sql/constraint-change.ts";
import { orphansProbe } from "./sql/key-probe.ts";
import { addStaged, replaceAtOnce } from "./sql/staged-constraint.ts";

const payload = v.strictObject({
  foreignKey: foreignKeySchema,
  /** the foreign key of the same name that this one takes the place of */
  replaces: v.optional(foreignKeySchema),
  /** it is on or to a partitioned table, for whose partitions Postgres names parts of it after it: it never has another name */
  divided: v.optional(v.literal(true)),
});

type AddForeignKey = v.InferOutput<typeof payload>;

export const addForeignKey = defineOperation<"addForeignKey", AddForeignKey>({
  kind: "addForeignKey",
  family: "index & constraint",
  product: true,
  summary: "add a foreign key, not valid at first, then validate it",
  base: "medium",
  baseNote: "safe between tables of the same migration",
  reasons: ["adds_foreign_key"],
  payload,
  shares: true,
  on: ["create foreignKey", "alter foreignKey.*", "alter foreignKey.comment"],
  claims: (change, { after }) => {
    const addition = additionOf("foreignKey", change, alterableInPlace);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    if (replaces === undefined) return { foreignKey: object };
    const target = getObject(after, "table", tableIdOfPart(object.references));
    const divided = object.partitioned || target?.partitionBy !== undefined;
    return { foreignKey: object, replaces, ...(divided ? { divided: true as const } : {}) };
  },
  absorbs: (op, change) => isPartOfReplacement(op.foreignKey, op.replaces, change),
  describe: (op) => partInWords(op.foreignKey),
  emit: (op, context) =>
    op.divided && op.replaces !== undefined
      ? replaceAtOnce(op.foreignKey, op.replaces, context)
      : addStaged(op.foreignKey, op.replaces, context),
  invert: (op) => ({
    reversible: true,
    operations: [
      op.replaces === undefined
        ? operation("dropForeignKey", droppedForeignKey(op.foreignKey))
        : operation("addForeignKey", {
            foreignKey: op.replaces,
            replaces: op.foreignKey,
            ...(op.divided ? { divided: true as const } : {}),
          }),
    ],
  }),
  predict: (op) => [{ put: op.foreignKey }],
  risks: (op, facts): Finding[] => {
    const { foreignKey } = op;
    const { references } = foreignKey;
    if (facts.isFresh(tableIdOfPart(foreignKey)) && facts.isFresh(tableIdOfPart(references))) {
      return [finding("safe", "adds_foreign_key", "both tables are made in the same migration")];
    }
    if (facts.isFresh(tableIdOfPart(foreignKey))) {
      return [finding("medium", "adds_foreign_key", "writes to the referenced table stop for a moment")];
    }
    if (foreignKey.notEnforced) {
      return [finding("low", "adds_foreign_key", "nothing checks it; writes to both tables stop for a moment")];
    }
    if (foreignKey.notValid) {
      return [finding("medium", "adds_foreign_key", "checks new rows only; writes to both tables stop for a moment")];
    }
    if (op.divided && foreignKey.partitioned) {
      const message = "reads and writes of both tables stop while every row is checked";
      return [sizedFinding(facts, foreignKey, "high", "adds_foreign_key", message)];
    }
    const message = "writes to both tables stop for a moment; then every row is checked while they go on";
    return [sizedFinding(facts, foreignKey, "medium", "adds_foreign_key", message)];
  },
  probes: (op) =>
    op.foreignKey.notValid || op.foreignKey.notEnforced || op.foreignKey.period ? [] : [orphansProbe(op.foreignKey)],
  examples: [
    {
      name: "to a primary key",
      before: "create table users (id int primary key); create table posts (id int, author int)",
      op: { foreignKey: foreignKey("posts", "posts_author_fkey", ["author"], "users", ["id"]) },
      after: "create table users (id int primary key); create table posts (id int, author int references users)",
    },
    {
      name: "composite, with actions, deferrable, MATCH FULL and a comment",
      before: `create table "Room" (house int, "No" int, primary key (house, "No")); create table bed (house int, room int)`,
      op: {
        foreignKey: {
          ...foreignKey("bed", "bed in room", ["house", "room"], "Room", ["house", "No"]),
          match: "full",
          onUpdate: "cascade",
          onDelete: "set null",
          deferrable: true,
          initiallyDeferred: true,
          comment: "where it stands",
        },
      },
      after: `create table "Room" (house int, "No" int, primary key (house, "No"));
        create table bed (house int, room int, constraint "bed in room" foreign key (house, room) references "Room" match full
          on update cascade on delete set null deferrable initially deferred);
        comment on constraint "bed in room" on bed is 'where it stands'`,
    },
    {
      name: "over a period",
      before: `create table rooms (no int4range, during daterange, primary key (no, during without overlaps));
        create table bookings (room int4range, nights daterange)`,
      op: {
        foreignKey: {
          ...foreignKey("bookings", "in_room", ["room", "nights"], "rooms", ["no", "during"]),
          period: true,
        },
      },
      after: `create table rooms (no int4range, during daterange, primary key (no, during without overlaps));
        create table bookings (room int4range, nights daterange,
          constraint in_room foreign key (room, period nights) references rooms (no, period during))`,
      since: 180000,
    },
    {
      name: "not valid, to the table itself",
      before: "create table staff (id int primary key, boss int)",
      op: { foreignKey: { ...foreignKey("staff", "staff_boss", ["boss"], "staff", ["id"]), notValid: true } },
      after: `create table staff (id int primary key, boss int);
        alter table staff add constraint staff_boss foreign key (boss) references staff not valid`,
    },
    {
      name: "setting one of its columns to NULL",
      before: "create table a (x int, y int, primary key (x, y)); create table b (x int, y int)",
      op: {
        foreignKey: {
          ...foreignKey("b", "b_a", ["x", "y"], "a", ["x", "y"]),
          onDelete: "set null",
          onDeleteColumns: ["y"],
        },
      },
      after: `create table a (x int, y int, primary key (x, y));
        create table b (x int, y int, constraint b_a foreign key (x, y) references a on delete set null (y))`,
      since: 150000,
    },
    {
      name: "in place of one with another action, its comment changed",
      before: `create table users (id int primary key); create table posts (id int, author int constraint by references users);
        comment on constraint by on posts is 'who'`,
      op: {
        foreignKey: {
          ...foreignKey("posts", "by", ["author"], "users", ["id"]),
          onDelete: "cascade",
          comment: "who wrote it",
        },
        replaces: { ...foreignKey("posts", "by", ["author"], "users", ["id"]), comment: "who" },
      },
      after: `create table users (id int primary key); create table posts (id int, author int constraint by references users on delete cascade);
        comment on constraint by on posts is 'who wrote it'`,
    },
    {
      name: "in place of one to a partitioned table",
      before: `create table users (id int primary key) partition by hash (id);
        create table users_0 partition of users for values with (modulus 1, remainder 0);
        create table posts (id int, author int constraint by references users)`,
      op: {
        foreignKey: { ...foreignKey("posts", "by", ["author"], "users", ["id"]), onDelete: "cascade" },
        replaces: foreignKey("posts", "by", ["author"], "users", ["id"]),
        divided: true,
      },
      after: `create table users (id int primary key) partition by hash (id);
        create table users_0 partition of users for values with (modulus 1, remainder 0);
        create table posts (id int, author int constraint by references users on delete cascade)`,
    },
    {
      name: "in place of one of a partitioned table",
      before: `create table users (id int primary key);
        create table posts (id int, author int constraint by references users) partition by hash (id);
        create table posts_0 partition of posts for values with (modulus 1, remainder 0)`,
      op: {
        foreignKey: {
          ...foreignKey("posts", "by", ["author"], "users", ["id"]),
          onDelete: "cascade",
          partitioned: true,
        },
        replaces: { ...foreignKey("posts", "by", ["author"], "users", ["id"]), partitioned: true },
        divided: true,
      },
      after: `create table users (id int primary key);
        create table posts (id int, author int constraint by references users on delete cascade) partition by hash (id);
        create table posts_0 partition of posts for values with (modulus 1, remainder 0)`,
    },
  ],
});

/** A foreign key of the examples. */
function foreignKey(table: string, name: string, columns: string[], to: string, toColumns: string[]): ForeignKey {
  const references = { schema: "public", table: to, columns: toColumns };
  return { kind: "foreignKey", schema: "public", table, name, columns, references };
}
