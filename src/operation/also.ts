/** The payload member `also`: objects that an operation changes beside its own, because Postgres prints their texts anew. */
import * as v from "valibot";
import { objectSchemas, type SchemaObject } from "../model/object.ts";

const anyObject = v.variant("kind", Object.values(objectSchemas) as never) as unknown as v.GenericSchema<
  unknown,
  SchemaObject
>;

/** The objects as they read afterwards. */
export const alsoMember = v.optional(v.array(anyObject));
