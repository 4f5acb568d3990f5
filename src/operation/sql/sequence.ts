/** The SQL of sequences that stand for themselves. Identity columns' sequences are part of their column. */
import type { Sequence, SequenceOptions } from "../../model/object.ts";
import { qualified, quoteIdent } from "../../sql/identifier.ts";
import { quoteLiteral } from "../../sql/literal.ts";
import { type Statement, statement } from "../../sql/statement.ts";
import { sequenceOptionWords } from "./column.ts";

export interface SequencePlace {
  readonly schema: string;
  readonly name: string;
}

/** CREATE SEQUENCE without an owner. */
export function createSequenceStatement(sequence: Omit<Sequence, "ownedBy">): Statement {
  const words = [...(sequence.type === undefined ? [] : [`as ${sequence.type}`]), ...sequenceOptionWords(sequence)];
  return statement(["create sequence", sequenceName(sequence), ...words].join(" "));
}

/** ALTER SEQUENCE with every option as it will be; a sequence whose value is out of its new range is refused. */
export function alterSequenceStatement(
  sequence: SequencePlace & SequenceOptions & { readonly type?: string | undefined },
): Statement {
  const { type = "bigint", increment = "1", min, max, cache = "1", cycle } = sequence;
  const words = [
    `as ${type}`,
    `increment by ${increment}`,
    min === undefined ? "no minvalue" : `minvalue ${min}`,
    max === undefined ? "no maxvalue" : `maxvalue ${max}`,
    `start with ${sequence.start ?? defaultStart(increment, min, max)}`,
    `cache ${cache}`,
    cycle ? "cycle" : "no cycle",
  ];
  const name = sequenceName(sequence);
  return statement(`alter sequence ${name} ${words.join(" ")}`, "share row exclusive", [name]);
}

/** ALTER SEQUENCE … OWNED BY a column of the same schema, or nothing. */
export function ownSequenceStatement(sequence: SequencePlace, owner: string): Statement {
  const name = sequenceName(sequence);
  return statement(`alter sequence ${name} owned by ${owner}`, "share row exclusive", [name]);
}

/** Sets a sequence behind the largest number of a column; nothing happens to it when there is none above 0. */
export function continueSequenceStatement(
  sequence: SequencePlace,
  from: { readonly schema: string; readonly table: string; readonly column: string },
): Statement {
  const table = qualified(from.schema, from.table);
  const largest = `pg_catalog.max(${quoteIdent(from.column)})`;
  const name = sequenceName(sequence);
  return statement(
    `select pg_catalog.setval(${quoteLiteral(name)}::pg_catalog.regclass, ${largest}) from ${table} having ${largest} > 0`,
    "access share",
    [table],
    "scan",
  );
}

/** A sequence as SQL names it. */
export function sequenceName(sequence: SequencePlace): string {
  return qualified(sequence.schema, sequence.name);
}

/** Where a sequence starts unless told: at its minimum when it ascends, at its maximum when it descends. */
function defaultStart(increment: string, min: string | undefined, max: string | undefined): string {
  return increment.startsWith("-") ? (max ?? "-1") : (min ?? "1");
}
