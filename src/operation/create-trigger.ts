/** createTrigger: a trigger; in place of an old one, without a moment in between when neither is there. */
import * as v from "valibot";
import { triggerSchema } from "../model/object.ts";
import { finding } from "../risk/levels.ts";
import { type Statement, together } from "../sql/statement.ts";
import { defineOperation, operation } from "./define.ts";
import { partInWords, placeOfPart, tableIdOfPart } from "./part.ts";
import { additionOf, isPartOfReplacement } from "./replacement.ts";
import { commentStatement, commentStatements } from "./sql/comment.ts";
import { firingStatement } from "./sql/firing.ts";
import { createTriggerStatement, dropTriggerStatement, isReplaceableTrigger } from "./sql/trigger.ts";

const payload = v.strictObject({
  trigger: triggerSchema,
  /** the trigger of the same name that this one takes the place of */
  replaces: v.optional(triggerSchema),
});

type CreateTrigger = v.InferOutput<typeof payload>;

export const createTrigger = defineOperation<"createTrigger", CreateTrigger>({
  kind: "createTrigger",
  family: "routines & views",
  product: false,
  summary: "add a trigger, or put another in its place",
  base: "medium",
  baseNote: "safe on a table of the same migration, low when it does not fire",
  reasons: [],
  payload,
  on: ["create trigger", "alter trigger.*", "alter trigger.comment"],
  claims: (change) => {
    const addition = additionOf("trigger", change, () => ["firing"]);
    if (addition === undefined) return undefined;
    const { object, replaces } = addition;
    return { trigger: object, ...(replaces === undefined ? {} : { replaces }) };
  },
  absorbs: (op, change) => isPartOfReplacement(op.trigger, op.replaces, change),
  describe: (op) => partInWords(op.trigger),
  emit: (op) => [together(...statementsOf(op))],
  invert: (op) => ({
    reversible: true,
    operations: [
      op.replaces === undefined
        ? operation("dropTrigger", placeOfPart(op.trigger))
        : operation("createTrigger", { trigger: op.replaces, replaces: op.trigger }),
    ],
  }),
  predict: (op) => [{ put: op.trigger }],
  risks: ({ trigger }, facts) => {
    if (facts.isFresh(tableIdOfPart(trigger))) {
      return [finding("safe", undefined, "the table is made in the same migration")];
    }
    if (trigger.firing === "never") return [finding("low", undefined, "it does not fire until it is enabled")];
    return [
      finding("medium", undefined, "every write it is for runs its function from then on, and fails when that does"),
    ];
  },
  examples: [
    {
      name: "before each row",
      before:
        "create table users (id int); create function f() returns trigger language plpgsql as ' begin return new; end '",
      op: {
        trigger: {
          kind: "trigger",
          schema: "public",
          table: "users",
          name: "touch",
          definition:
            "CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.f()",
          dependsOn: ["function:public.f()"],
        },
      },
      after: `create table users (id int); create function f() returns trigger language plpgsql as ' begin return new; end ';
        create trigger touch before insert or update on users for each row execute function f()`,
    },
    {
      name: "of some columns, when something holds, never firing, quoted names, with a comment",
      before: `create table "User" (id int, "E Mail" varchar); create function f() returns trigger language plpgsql as ' begin return new; end '`,
      op: {
        trigger: {
          kind: "trigger",
          schema: "public",
          table: "User",
          name: "Check It",
          definition: `CREATE TRIGGER "Check It" AFTER UPDATE OF "E Mail" ON public."User" FOR EACH ROW WHEN (((old."E Mail")::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))) EXECUTE FUNCTION public.f('it''s', 'two')`,
          firing: "never",
          comment: "checks",
          dependsOn: ['column:public."User"."E Mail"', "function:public.f()"],
        },
      },
      after: `create table "User" (id int, "E Mail" varchar); create function f() returns trigger language plpgsql as ' begin return new; end ';
        create trigger "Check It" after update of "E Mail" on "User" for each row when (old."E Mail" in ('a', 'b')) execute function f('it''s', 'two');
        alter table "User" disable trigger "Check It"; comment on trigger "Check It" on "User" is 'checks'`,
    },
    {
      name: "with transition tables, in place of one for each row",
      before: `create table users (id int); create function f() returns trigger language plpgsql as ' begin return null; end ';
        create trigger touch after update on users for each row execute function f(); comment on trigger touch on users is 'x'`,
      op: {
        trigger: {
          kind: "trigger",
          schema: "public",
          table: "users",
          name: "touch",
          definition:
            "CREATE TRIGGER touch AFTER UPDATE ON public.users REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION public.f()",
          comment: "x",
          dependsOn: ["function:public.f()"],
        },
        replaces: {
          kind: "trigger",
          schema: "public",
          table: "users",
          name: "touch",
          definition: "CREATE TRIGGER touch AFTER UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.f()",
          comment: "x",
          dependsOn: ["function:public.f()"],
        },
      },
      after: `create table users (id int); create function f() returns trigger language plpgsql as ' begin return null; end ';
        create trigger touch after update on users referencing old table as before new table as after for each statement execute function f();
        comment on trigger touch on users is 'x'`,
    },
    {
      name: "a constraint trigger in place of a plain one that always fires",
      before: `create table users (id int); create function f() returns trigger language plpgsql as ' begin return null; end ';
        create trigger touch after insert on users for each row execute function f(); alter table users enable always trigger touch`,
      op: {
        trigger: {
          kind: "trigger",
          schema: "public",
          table: "users",
          name: "touch",
          definition:
            "CREATE CONSTRAINT TRIGGER touch AFTER INSERT ON public.users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.f()",
          dependsOn: ["function:public.f()"],
        },
        replaces: {
          kind: "trigger",
          schema: "public",
          table: "users",
          name: "touch",
          definition: "CREATE TRIGGER touch AFTER INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION public.f()",
          firing: "always",
          dependsOn: ["function:public.f()"],
        },
      },
      after: `create table users (id int); create function f() returns trigger language plpgsql as ' begin return null; end ';
        create constraint trigger touch after insert on users deferrable initially deferred for each row execute function f()`,
    },
  ],
});

function statementsOf({ trigger, replaces }: CreateTrigger): Statement[] {
  const { firing, comment } = trigger;
  if (replaces === undefined || !isReplaceableTrigger(replaces, trigger)) {
    return [
      ...(replaces === undefined ? [] : [dropTriggerStatement(replaces)]),
      createTriggerStatement(trigger, "new"),
      ...(firing === undefined ? [] : [firingStatement(trigger, firing)]),
      ...commentStatements(trigger),
    ];
  }
  return [
    createTriggerStatement(trigger, "replace"),
    ...(firing === undefined && replaces.firing === undefined ? [] : [firingStatement(trigger, firing)]),
    ...(comment === replaces.comment ? [] : [commentStatement(trigger, comment)]),
  ];
}
