/** The members that objects of several kinds share, as valibot schemas with the limits on what comes from outside. */
import * as v from "valibot";

/** Limits on documents from outside; Postgres's own are 63 bytes a name, 1 600 columns a table and 1 GB a text. */
export const limits = { nameBytes: 63, textLength: 1_000_000, listLength: 5_000 } as const;

const sendable = /^[^\0\ud800-\udfff]*$/;
const isSendable = (text: string): boolean => sendable.test(text) || (!text.includes("\0") && text.isWellFormed());

// A UTF-16 unit takes at most three bytes in UTF-8, so short names need no counting.
const fits = (text: string): boolean =>
  text.length * 3 <= limits.nameBytes || Buffer.byteLength(text) <= limits.nameBytes;

/** The name of one object, without its schema. */
export const name = v.pipe(
  v.string(),
  v.check(
    (text) => text !== "" && fits(text) && isSendable(text),
    "a name has 1 to 63 bytes, no NUL and no half of a surrogate pair",
  ),
);
/** An expression, a type, a comment: anything that is not a name. */
export const text = v.pipe(
  v.string(),
  v.check(
    (value) => value.length <= limits.textLength && isSendable(value),
    "a text has at most 1,000,000 characters, no NUL and no half of a surrogate pair",
  ),
);
export const names = v.pipe(v.array(name), v.maxLength(limits.listLength));
/** An enum's label may be empty (the same in 14 to 18). */
const label = v.pipe(
  v.string(),
  v.check(
    (text) => fits(text) && isSendable(text),
    "a label has at most 63 bytes, no NUL, no half of a surrogate pair",
  ),
);
export const labels = v.pipe(v.array(label), v.maxLength(limits.listLength));
export const texts = v.pipe(v.array(text), v.maxLength(limits.listLength));
/** There and true, or absent. */
export const flag = v.optional(v.literal(true));
export const optionalText = v.optional(text);
export const optionalNames = v.optional(names);

/** Where its files are, when not where those of the database are. */
export const tablespace = v.optional(name);

/** Members every object may have. `dependsOn` holds ids of objects its expressions or types refer to; it is not part of equality. */
export const common = { comment: optionalText, dependsOn: v.optional(texts) };
/** What names a part of a table. */
export const inTable = { schema: name, table: name, name, ...common };
