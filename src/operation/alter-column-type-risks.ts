/** What a reviewer should know about a change of type; the figures come from facts, the SQL from alter-column-type.ts. */
import type { Facts } from "../risk/facts.ts";
import { type Finding, finding } from "../risk/levels.ts";
import { rewriteFinding, sizedFinding } from "../risk/size.ts";
import { parseType, texts, typeChange } from "../sql/type-change.ts";
import { castWay } from "../sql/using-expression.ts";
import type { AlterColumnType } from "./alter-column-type-payload.ts";
import { inWords, onFreshTable } from "./place.ts";

/** The findings of a change of type or collation. */
export function typeRisks(op: AlterColumnType, facts: Facts): readonly Finding[] {
  if (onFreshTable(op, facts)) return [finding("safe", undefined, "the table is made in the same migration")];
  const zone = op.timeZone ?? "UTC";
  const change = typeChange(op.from.type, op.to.type, zone);
  const rewrites = change.rewrites || op.using !== undefined;
  const found: Finding[] = [natureOf(op, change.nature)];
  if (rewrites) {
    found.push(
      rewriteFinding(
        facts,
        op,
        "high",
        "the table and its indexes are written anew under a lock that stops reads and writes; zanith migrate generate --expand-contract avoids that",
      ),
    );
  } else if (op.rechecks) {
    found.push(
      sizedFinding(
        facts,
        op,
        "medium",
        undefined,
        "a check or index on it is gone through again under a lock that stops reads and writes",
      ),
    );
  }
  if (change.zoned) {
    found.push(
      finding(
        "high",
        "changes_column_type",
        `values without a zone are read as ${zone}: the statement sets TimeZone to it`,
      ),
    );
  }
  if (op.from.collation !== op.to.collation) {
    found.push(finding("medium", "changes_column_type", "rows sort and compare differently from then on"));
  }
  if (op.joined) {
    const names = op.joined.map(({ schema, name }) => inWords(schema, name)).join(", ");
    found.push(finding("medium", undefined, `foreign keys over it are made again: ${names} is locked as well`));
  }
  return found;
}

function natureOf(op: AlterColumnType, nature: ReturnType<typeof typeChange>["nature"]): Finding {
  const change = `${op.from.type} → ${op.to.type}`;
  if (op.from.type === op.to.type) {
    return finding("low", "changes_column_type", "the collation changes: every value stays as it is stored");
  }
  if (op.using !== undefined) {
    return finding("high", "changes_column_type", `${change}: values become ${op.using}`);
  }
  switch (nature) {
    case "compatible":
      return finding("low", "changes_column_type", `${change}: every value stays as it is stored`);
    case "widening":
      return finding("high", "changes_column_type", `${change}: every value fits, but is stored anew`);
    case "narrowing":
      return finding("high", "narrows_column_type", `${change}: values that do not fit are refused or rounded`);
    case "conversion": {
      const isUncast =
        (op.cast ?? castWay(op.from.type, op.to.type)) === "text" && !op.generated && !isText(op.to.type);
      const uncast = `Postgres has no cast for it, so each value is written as text and read again; if it cannot be read, the migration stops; give the step a "using" expression in the migration file to say how values are converted`;
      return finding(
        "high",
        "changes_column_type",
        `${change}: ${isUncast ? uncast : "values that cannot be converted are refused"}`,
      );
    }
  }
}

function isText(type: string): boolean {
  return texts.includes(parseType(type).base);
}
