/** The questions that are asked of every kind of object; kinds.ts answers them for each. Knows no kind. */
import type { ObjectKind, ObjectOf, SchemaObject } from "./object.ts";

/** `kind:schema.table.name` with each part quoted as in SQL: unambiguous and readable. */
export type ObjectId = string;

type Conversion = readonly [before: SchemaObject, after: SchemaObject];

/** What is known of a kind of object. */
export interface KindRule<K extends ObjectKind> {
  /** what a person calls it */
  readonly label: string;
  /** creation order among objects that do not refer to each other */
  readonly rank: number;
  /** how SQL names it after COMMENT ON: `table public.users`; absent when it cannot carry a comment */
  readonly address?: (object: ObjectOf<K>) => string;
  /** the parts of its name, outermost first */
  readonly path: (object: ObjectOf<K>) => readonly string[];
  /** what tells it from others of the same name: the types of a routine's arguments */
  readonly signature?: (object: ObjectOf<K>) => string;
  /** its whole name, for what is not named by parts */
  readonly title?: (object: ObjectOf<K>) => string;
  /** the object it is a part of: it goes when the parent goes */
  readonly parent?: (object: ObjectOf<K>) => ObjectId | undefined;
  /** the object a reader looks for it under, where that is not its parent */
  readonly model?: (object: ObjectOf<K>) => ObjectId;
  /** what it is when nobody has said anything: it is neither made nor dropped, its attributes come and go */
  readonly bare?: (object: ObjectOf<K>) => SchemaObject;
  /** the object it was given to: it goes when that one goes, yet is made before it */
  readonly owner?: (object: ObjectOf<K>) => ObjectId | undefined;
  /** objects its structure names; expressions add theirs through `dependsOn` */
  readonly references?: (object: ObjectOf<K>) => readonly ObjectId[];
  /** keys of what it makes possible without being named by who uses it: a key of a table */
  readonly provides?: (object: ObjectOf<K>) => readonly string[];
  /** such keys that it cannot be without */
  readonly relies?: (object: ObjectOf<K>) => readonly string[];
  /** keys of the name spaces it occupies: two objects never hold the same key at once */
  readonly occupies?: (object: ObjectOf<K>) => readonly string[];
  /** the attribute that names another object and is given once both are there */
  readonly later?: string;
  /** whether it cannot be taken from its owner: when that one goes, it goes, and is made again if it is to stay */
  readonly clings?: true;
  /** attributes that Postgres can change in no table with rows, with the reason */
  readonly fixed?: Readonly<Record<string, string>>;
  /** attributes that are part of the hash but that no operation changes */
  readonly unchangeable?: readonly string[];
  /** whether a change of these attributes can only be made by dropping the object and making it again */
  readonly remade?: (before: ObjectOf<K>, after: ObjectOf<K>, attributes: readonly string[], server: number) => boolean;
  /** whether Postgres refuses a change of these attributes while certain objects refer to this one */
  readonly disrupts?: (before: ObjectOf<K>, after: ObjectOf<K>, attributes: readonly string[]) => boolean;
  /** whether it holds rows, so that it must never be dropped for the sake of what it refers to */
  readonly holdsRows?: (object: ObjectOf<K>) => boolean;
  /** what is left of it without its reference to an object, where that can be taken away and given back */
  readonly released?: (object: ObjectOf<K>, from: ObjectId) => SchemaObject | undefined;
  /** what such a change makes of an object that refers to this one and stays: its two forms, as others see them */
  readonly converts?: (before: ObjectOf<K>, after: ObjectOf<K>, user: SchemaObject) => Conversion | undefined;
  /** whether it is such an object, for a change to an object it refers to */
  readonly binds?: (object: ObjectOf<K>, to: ObjectKind, before: SchemaObject, after: SchemaObject) => boolean;
}
