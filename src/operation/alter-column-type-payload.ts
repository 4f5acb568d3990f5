/** The payload of alterColumnType: the old and the new type with what the change needs to know of the column. */
import * as v from "valibot";
import { columnSchema } from "../model/object.ts";
import { alsoMember } from "./also.ts";
import { columnPlace, tablePlace } from "./place.ts";

const { type, collation, default: expression, identity, dependsOn } = columnSchema.entries;
const typed = v.strictObject({ type, collation, default: expression });
const flag = v.optional(v.literal(true));

export const alterColumnTypePayload = v.strictObject({
  ...columnPlace,
  from: typed,
  to: typed,
  /** how values are carried over; absent: by Postgres's assignment cast, or by an explicit cast where there is none */
  using: v.optional(v.pipe(v.string(), v.minLength(1))),
  /** which cast that is, where the types' names alone do not tell: a domain's is that of what it is a domain of */
  cast: v.optional(v.picklist(["assignment", "direct", "text"])),
  /** the zone in which values without one are read; absent: UTC */
  timeZone: v.optional(v.pipe(v.string(), v.minLength(1))),
  /** it is a generated column: its expression gives the values */
  generated: flag,
  /** the identity that has to end before the type can change */
  identity,
  /** where its long values go, unless that is where those of the new type go: a new type forgets it */
  storage: columnSchema.entries.storage,
  /** it becomes nullable once that identity has ended */
  nullable: flag,
  /** a check or an index on it is gone through again under the lock */
  rechecks: flag,
  /** tables joined to it by foreign keys over this column: locked as well */
  joined: v.optional(v.array(v.strictObject(tablePlace))),
  /** checks and indexes on it whose texts Postgres prints with other casts afterwards */
  also: alsoMember,
  dependsOn,
});

export type AlterColumnType = v.InferOutput<typeof alterColumnTypePayload>;
