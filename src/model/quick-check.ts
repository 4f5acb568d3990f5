/**
 * A predicate made once from a valibot schema: says only whether a value fits, many times faster than collecting issues.
 * Whoever gets `false` asks valibot itself for the reason, so the schemas stay the one definition.
 */
import * as v from "valibot";

type Predicate = (value: unknown) => boolean;

/** What is read of valibot's schema and action objects; anything else is left to valibot. */
interface Described {
  readonly type: string;
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly wrapped?: v.GenericSchema;
  readonly item?: v.GenericSchema;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly pipe?: readonly (v.GenericSchema & { readonly requirement?: unknown })[];
}

/** The predicate of a schema. Accepts exactly what valibot accepts; transforming schemas are not for it. */
export function quickCheck(schema: v.GenericSchema): Predicate {
  const { pipe } = schema as unknown as Described;
  if (pipe === undefined) return plain(schema);
  const [first, ...actions] = pipe;
  const checks = actions.map(actionCheck);
  if (first === undefined || checks.includes(undefined)) return (value) => v.is(schema, value);
  return (checks as Predicate[]).reduce((before, check) => (value) => before(value) && check(value), plain(first));
}

function plain(schema: v.GenericSchema): Predicate {
  const described = schema as unknown as Described;
  switch (described.type) {
    case "string":
    case "number":
    case "boolean":
      return ofType(described.type);
    case "literal":
      return (value) => value === described.literal;
    case "picklist": {
      const options = new Set(described.options);
      return (value) => options.has(value);
    }
    case "optional": {
      const inner = quickCheck(described.wrapped as v.GenericSchema);
      return (value) => value === undefined || inner(value);
    }
    case "array": {
      const item = quickCheck(described.item as v.GenericSchema);
      return (value) => Array.isArray(value) && value.every(item);
    }
    case "strict_object":
      return strictObject(described.entries ?? {});
    default:
      return (value) => v.is(schema, value);
  }
}

function ofType(type: "string" | "number" | "boolean"): Predicate {
  // valibot's number refuses NaN, which JSON cannot hold.
  return type === "number"
    ? (value) => typeof value === "number" && !Number.isNaN(value)
    : (value) => typeof value === type;
}

function strictObject(entries: Readonly<Record<string, v.GenericSchema>>): Predicate {
  const members = new Map(Object.entries(entries).map(([name, member]) => [name, quickCheck(member)]));
  const required = Object.entries(entries)
    .filter(([, member]) => (member as unknown as Described).type !== "optional")
    .map(([name]) => name);
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const record = value as Record<string, unknown>;
    for (const name in record) {
      const check = members.get(name);
      if (check === undefined || !check(record[name])) return false;
    }
    for (const name of required) if (record[name] === undefined) return false;
    return true;
  };
}

function actionCheck(action: { readonly type: string; readonly requirement?: unknown }): Predicate | undefined {
  const { type, requirement } = action;
  if (type === "check" || type === "integer") {
    return typeof requirement === "function" ? (value) => requirement(value) === true : undefined;
  }
  if (typeof requirement !== "number") return undefined;
  switch (type) {
    case "min_value":
      return (value) => (value as number) >= requirement;
    case "max_value":
      return (value) => (value as number) <= requirement;
    case "max_length":
      return (value) => (value as { length: number }).length <= requirement;
    default:
      return undefined;
  }
}
