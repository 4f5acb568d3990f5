/**
 * What a schema is to the generator. Objects name each other freely; whoever prints a schema leaves out what refers to
 * something that is not there, so that any change of a schema is a schema again.
 */

export interface RandomColumn {
  readonly name: string;
  type: string;
  notNull: boolean;
  default: string | undefined;
  /** of columns made from others: the arithmetic on the key */
  generated: string | undefined;
  identity: "always" | "by default" | undefined;
  comment: string | undefined;
  storage: "external" | "main" | undefined;
}

export interface RandomIndex {
  readonly name: string;
  readonly columns: string[];
  unique: boolean;
  descending: boolean;
  partial: boolean;
  expression: boolean;
  method: "btree" | "hash";
}

export interface RandomForeignKey {
  readonly name: string;
  readonly column: string;
  readonly target: string;
  onDelete: "no action" | "cascade" | "set null" | "restrict";
  deferrable: boolean;
}

export interface RandomCheck {
  readonly name: string;
  readonly column: string;
  form: number;
}

export interface RandomTrigger {
  readonly name: string;
  event: string;
  timing: "before" | "after";
  state: "enable" | "disable" | "enable always" | "enable replica";
}

export interface RandomPolicy {
  readonly name: string;
  command: "all" | "select" | "insert" | "update" | "delete";
  permissive: boolean;
  value: number;
}

export interface RandomTable {
  readonly kind: "table";
  readonly schema: string;
  readonly name: string;
  readonly columns: RandomColumn[];
  /** the key is on the column id; absent keys make foreign keys to the table disappear */
  hasKey: boolean;
  readonly uniques: { readonly name: string; readonly columns: string[] }[];
  readonly checks: RandomCheck[];
  readonly foreignKeys: RandomForeignKey[];
  readonly indexes: RandomIndex[];
  readonly triggers: RandomTrigger[];
  readonly policies: RandomPolicy[];
  rowSecurity: boolean;
  unlogged: boolean;
  fillfactor: number | undefined;
  comment: string | undefined;
  /** partitions by the upper border of the key; a table with some is divided by ranges of it */
  readonly partitions: number[];
  readonly isDivided: boolean;
  /** rows stand in it, so that what rows can refuse is not done to it */
  readonly hasRows: boolean;
}

export interface RandomView {
  readonly kind: "view";
  readonly schema: string;
  readonly name: string;
  readonly of: string;
  readonly columns: string[];
  materialized: boolean;
  barrier: boolean;
  minimum: number;
  comment: string | undefined;
}

export interface RandomType {
  readonly kind: "enum" | "domain" | "composite";
  readonly schema: string;
  readonly name: string;
  /** labels, or attributes, or the number in the domain's check */
  readonly members: string[];
  limit: number;
  comment: string | undefined;
}

export interface RandomFunction {
  readonly kind: "function";
  readonly schema: string;
  readonly name: string;
  factor: number;
  volatility: "immutable" | "stable";
  strict: boolean;
  comment: string | undefined;
}

export interface RandomSequence {
  readonly kind: "sequence";
  readonly schema: string;
  readonly name: string;
  increment: number;
  maximum: number | undefined;
  cycle: boolean;
}

export interface RandomSchema {
  readonly schemas: string[];
  readonly types: RandomType[];
  readonly sequences: RandomSequence[];
  readonly functions: RandomFunction[];
  readonly tables: RandomTable[];
  readonly views: RandomView[];
}
