/** Names that a schema module leaves out: columns from keys, constraints and indexes as Postgres itself would choose them. */
import { cutIdentifier, maxIdentifierBytes } from "../../sql/identifier.ts";

/** `createdAt` → `created_at`, `userID` → `user_id`, `HTTPCode` → `http_code`; what is snake case already stays. */
export function snakeCase(key: string): string {
  return key
    .replace(/([\p{Lu}]+)([\p{Lu}][\p{Ll}])/gu, "$1_$2")
    .replace(/([\p{Ll}\p{Nd}])([\p{Lu}])/gu, "$1_$2")
    .toLowerCase();
}

/** Names already taken: of relations within a schema, of constraints within a table. */
export interface TakenNames {
  has(name: string): boolean;
}

/**
 * `<table>_<columns>_<label>` within 63 bytes, with a number after the label while the name is taken: makeObjectName and
 * ChooseRelationName in Postgres (indexcmds.c, 14–18).
 */
export function chooseName(table: string, columns: readonly string[], label: string, taken: TakenNames): string {
  const addition = columnAddition(columns);
  for (let pass = 0; ; pass++) {
    const chosen = objectName(table, addition, pass === 0 ? label : `${label}${pass}`);
    if (!taken.has(chosen)) return chosen;
  }
}

/** The longer of table and columns gives way, a byte at a time, so that the label stays whole. */
function objectName(table: string, addition: string, label: string): string {
  const room = maxIdentifierBytes - Buffer.byteLength(label) - 1 - (addition === "" ? 0 : 1);
  let tableBytes = Buffer.byteLength(table);
  let additionBytes = Buffer.byteLength(addition);
  while (tableBytes + additionBytes > room) {
    if (tableBytes > additionBytes) tableBytes--;
    else additionBytes--;
  }
  const kept = cutIdentifier(addition, additionBytes);
  return [cutIdentifier(table, tableBytes), ...(kept === "" ? [] : [kept]), label].join("_");
}

/** Column names joined by `_`; once the text is a name long, further columns are left out. */
function columnAddition(columns: readonly string[]): string {
  let addition = "";
  for (const column of columns) {
    addition += addition === "" ? column : `_${column}`;
    if (Buffer.byteLength(addition) > maxIdentifierBytes) break;
  }
  return addition;
}

/** A column, or a call of a function, either with a schema or table before it and a cast after it. */
const namedExpression = /^(?:(?:"[^"]+"|\w+)\s*\.\s*)?("[^"]+"|[a-z_]\w*)\s*(\(.*\))?\s*(?:::[\w\s[\]"]+)?$/is;

/** What an expression contributes to the name of its index: a column's name or that of the function it calls, else `expr`. */
export function expressionName(expression: string): string {
  const [, name, args] = namedExpression.exec(withoutParentheses(expression)) ?? [];
  if (name === undefined || (args !== undefined && !isBalanced(args.slice(1, -1)))) return "expr";
  return name.startsWith('"') ? name.slice(1, -1) : name.toLowerCase();
}

function withoutParentheses(expression: string): string {
  const text = expression.trim();
  const inner = text.slice(1, -1);
  return text.startsWith("(") && text.endsWith(")") && isBalanced(inner) ? withoutParentheses(inner) : text;
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    else if (character === ")" && --depth < 0) return false;
  }
  return depth === 0;
}
