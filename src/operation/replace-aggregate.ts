/** replaceAggregate: other functions or options for an aggregate that goes on returning the same type. */
import { replaceRoutineKind } from "./routine-kind.ts";

export const replaceAggregate = replaceRoutineKind("aggregate", [
  {
    name: "another initial value, the comment stays",
    before:
      "create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0'); comment on aggregate total(int) is 'x'",
    op: {
      routine: {
        kind: "aggregate",
        schema: "public",
        name: "total",
        arguments: "integer",
        parameters: [{ type: "integer" }],
        returns: "integer",
        definition:
          "create aggregate public.total(integer) (sfunc = pg_catalog.int4pl, stype = integer, initcond = '100')",
      },
    },
    after:
      "create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '100'); comment on aggregate total(int) is 'x'",
  },
  {
    name: "another function, under a view of nothing",
    before: `create aggregate "Top"(int) (sfunc = int4larger, stype = int)`,
    op: {
      routine: {
        kind: "aggregate",
        schema: "public",
        name: "Top",
        arguments: "integer",
        parameters: [{ type: "integer" }],
        returns: "integer",
        definition:
          'create aggregate public."Top"(integer) (sfunc = pg_catalog.int4smaller, stype = integer, sortop = operator(pg_catalog.<))',
      },
    },
    after: `create aggregate "Top"(int) (sfunc = int4smaller, stype = int, sortop = operator(pg_catalog.<))`,
  },
  {
    name: "with a moving form",
    before: "create aggregate total(int) (sfunc = int4pl, stype = int)",
    op: {
      routine: {
        kind: "aggregate",
        schema: "public",
        name: "total",
        arguments: "integer",
        parameters: [{ type: "integer" }],
        returns: "integer",
        definition:
          "create aggregate public.total(integer) (sfunc = pg_catalog.int4pl, stype = integer, sspace = 64, combinefunc = pg_catalog.int4pl, msfunc = pg_catalog.int4pl, minvfunc = pg_catalog.int4mi, mstype = integer)",
      },
    },
    after: `create aggregate total(int) (sfunc = int4pl, stype = int, sspace = 64, combinefunc = int4pl,
      msfunc = int4pl, minvfunc = int4mi, mstype = int)`,
  },
]);
