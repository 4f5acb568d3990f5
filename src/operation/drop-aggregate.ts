/** dropAggregate: removes an aggregate; the functions it was made of stay. */
import { dropRoutineKind } from "./routine-kind.ts";

export const dropAggregate = dropRoutineKind("aggregate", [
  {
    name: "with a comment",
    before: "create aggregate total(int) (sfunc = int4pl, stype = int); comment on aggregate total(int) is 'x'",
    op: { schema: "public", name: "total", arguments: "integer" },
    after: "",
  },
  {
    name: "without arguments, its function stays",
    before: `create function next_one(int) returns int language sql as 'select $1 + 1';
      create aggregate "How Many"(*) (sfunc = next_one, stype = int)`,
    op: { schema: "public", name: "How Many", arguments: "" },
    after: "create function next_one(int) returns int language sql as 'select $1 + 1'",
  },
  {
    name: "over an ordered set",
    before: `create aggregate at(float8 order by anyelement)
      (sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra)`,
    op: { schema: "public", name: "at", arguments: "double precision, anyelement" },
    after: "",
  },
]);
