/** createAggregate: makes an aggregate of functions that are there. */
import { createRoutineKind } from "./routine-kind.ts";

export const createAggregate = createRoutineKind("aggregate", [
  {
    name: "of built-in functions, with a comment",
    before: "",
    op: {
      routine: {
        kind: "aggregate",
        schema: "public",
        name: "total",
        arguments: "integer",
        parameters: [{ type: "integer" }],
        returns: "integer",
        definition:
          "create aggregate public.total(integer) (sfunc = pg_catalog.int4pl, stype = integer, initcond = '0', parallel = safe)",
        comment: "adds up",
      },
    },
    after:
      "create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0', parallel = safe); comment on aggregate total(int) is 'adds up'",
  },
  {
    name: "of functions of its own, without arguments, quoted names",
    before: `create function "Next One"(int) returns int language sql as 'select $1 + 1';
      create function done(int) returns text language sql as 'select $1::text'`,
    op: {
      routine: {
        kind: "aggregate",
        schema: "public",
        name: "How Many",
        arguments: "",
        returns: "text",
        definition: `create aggregate public."How Many"(*) (sfunc = public."Next One", stype = integer, finalfunc = public.done, initcond = '0')`,
        dependsOn: ['function:public."Next One"(integer)', "function:public.done(integer)"],
      },
    },
    after: `create function "Next One"(int) returns int language sql as 'select $1 + 1';
      create function done(int) returns text language sql as 'select $1::text';
      create aggregate "How Many"(*) (sfunc = "Next One", stype = int, finalfunc = done, initcond = '0')`,
  },
  {
    name: "over an ordered set",
    before: "",
    op: {
      routine: {
        kind: "aggregate",
        schema: "public",
        name: "at",
        arguments: "double precision, anyelement",
        parameters: [
          { type: "double precision", name: "place" },
          { type: "anyelement", name: "of" },
        ],
        returns: "anyelement",
        definition:
          "create aggregate public.at(place double precision ORDER BY of anyelement) (sfunc = pg_catalog.ordered_set_transition, stype = internal, finalfunc = pg_catalog.percentile_disc_final, finalfunc_extra)",
      },
    },
    after: `create aggregate at(place float8 order by of anyelement)
      (sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra)`,
  },
]);
