/** The value of a column as another type, for who keeps or copies both. Where a zone decides it is UTC, as for a change in place. */
import { toolError } from "../../base/errors.ts";
import type { Column } from "../../model/object.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { parseType, typeChange } from "../../sql/type-change.ts";
import { usingExpression } from "../../sql/using-expression.ts";
import { columnInWords } from "../place.ts";

const [local, aware, awareOfDay] = [
  "timestamp without time zone",
  "timestamp with time zone",
  "time with time zone",
] as const;

/**
 * The expression for a column, called `name`, as a type.
 * @throws ToolError not_supported where the TimeZone of whoever writes would decide
 */
export function converted(from: Column, name: string, type: string): string {
  const column = quoteIdent(name);
  const [was, now] = [parseType(from.type).base, parseType(type).base];
  const ofDay = was !== now && (was === awareOfDay || now === awareOfDay);
  if (!typeChange(from.type, type).zoned && !ofDay) return usingExpression(name, from.type, type) ?? column;
  if (was === aware && now === local) return `${column} at time zone 'UTC'`;
  if (was === aware && now === "date") return `(${column} at time zone 'UTC')::date`;
  if (was === local && now === aware) return `${column} at time zone 'UTC'`;
  if (was === "date" && now === aware) return `${column}::timestamp at time zone 'UTC'`;
  throw toolError({
    code: "not_supported",
    what: `cannot have ${columnInWords(from)} follow as ${type}`,
    why: `how ${from.type} reads as ${type} depends on the TimeZone of whoever writes`,
    state: "nothing was written",
    next: "write a migration with splitColumn, whose expressions say the zone",
  });
}
