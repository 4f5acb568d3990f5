/** Reads foreign data wrappers, servers and user mappings, but for values that may be secrets. */
import { makeId } from "../../model/kinds.ts";
import type { ForeignDataWrapper, ForeignServer, UserMapping } from "../../model/object.ts";
import { quoteIdent } from "../../sql/identifier.ts";
import { address, catalogOid, commentOn } from "./draft.ts";
import { type CatalogFamily, firstUserOid, isTrue, optional, value } from "./family.ts";
import { type OptionPairs, optionPairs, readOptions } from "./foreign-options.ts";

export const foreignDataWrappers: CatalogFamily = {
  name: "foreign data wrappers",
  width: 7,
  query: () => `
select w.oid, w.fdwname, hn.nspname, h.proname, vn.nspname, p.proname, ${optionPairs("w.fdwoptions")}
from pg_catalog.pg_foreign_data_wrapper w
left join pg_catalog.pg_proc h on h.oid = w.fdwhandler
left join pg_catalog.pg_namespace hn on hn.oid = h.pronamespace
left join pg_catalog.pg_proc p on p.oid = w.fdwvalidator
left join pg_catalog.pg_namespace vn on vn.oid = p.pronamespace
where w.oid >= ${firstUserOid}
order by w.oid`,
  read(rows, draft) {
    for (const row of rows) {
      const oid = value(row, 0);
      if (draft.extensionMembers.has(address(catalogOid.foreignDataWrapper, oid))) continue;
      const object: ForeignDataWrapper = {
        kind: "foreignDataWrapper",
        name: value(row, 1),
        ...readOptions(draft, pairsOf(optional(row, 6)), "foreign data wrapper", () => quoteIdent(value(row, 1))),
      };
      const [handlerSchema, handler] = [optional(row, 2), optional(row, 3)];
      const [validatorSchema, validator] = [optional(row, 4), optional(row, 5)];
      if (handlerSchema !== undefined && handler !== undefined)
        object.handler = { schema: handlerSchema, name: handler };
      if (validatorSchema !== undefined && validator !== undefined) {
        object.validator = { schema: validatorSchema, name: validator };
      }
      draft.ids.set(address(catalogOid.foreignDataWrapper, oid), makeId("foreignDataWrapper", object.name));
      const comment = commentOn(draft, catalogOid.foreignDataWrapper, oid);
      if (comment !== undefined) object.comment = comment;
      draft.objects.push(object);
    }
  },
};

export const foreignServers: CatalogFamily = {
  name: "foreign servers",
  width: 6,
  query: () => `
select s.oid, s.srvname, w.fdwname, s.srvtype, s.srvversion, ${optionPairs("s.srvoptions")}
from pg_catalog.pg_foreign_server s
join pg_catalog.pg_foreign_data_wrapper w on w.oid = s.srvfdw
where s.oid >= ${firstUserOid}
order by s.oid`,
  read(rows, draft) {
    for (const row of rows) {
      const oid = value(row, 0);
      if (draft.extensionMembers.has(address(catalogOid.foreignServer, oid))) continue;
      const object: ForeignServer = {
        kind: "foreignServer",
        name: value(row, 1),
        wrapper: value(row, 2),
        ...readOptions(draft, pairsOf(optional(row, 5)), "foreign server", () => quoteIdent(value(row, 1))),
      };
      const [type, version] = [optional(row, 3), optional(row, 4)];
      if (type !== undefined) object.type = type;
      if (version !== undefined) object.version = version;
      draft.ids.set(address(catalogOid.foreignServer, oid), makeId("foreignServer", object.name));
      const comment = commentOn(draft, catalogOid.foreignServer, oid);
      if (comment !== undefined) object.comment = comment;
      draft.objects.push(object);
    }
  },
};

/** Options are shown to superusers, to the owner of the server and to the role itself; others are told that there are none. */
export const userMappings: CatalogFamily = {
  name: "user mappings",
  width: 4,
  query: () => `
select m.srvname, case when m.umuser = 0 then 'public' else m.usename end, ${optionPairs("m.umoptions", "user mapping")},
  nullif(m.umoptions is null and not r.rolsuper and not pg_catalog.pg_has_role(s.srvowner, 'USAGE')
    and m.usename <> current_user, false)
from pg_catalog.pg_user_mappings m
join pg_catalog.pg_foreign_server s on s.oid = m.srvid
join pg_catalog.pg_roles r on r.rolname = current_user
where m.srvid >= ${firstUserOid}
order by m.srvname, m.umuser`,
  read(rows, draft) {
    for (const row of rows) {
      const [server, user] = [value(row, 0), value(row, 1)];
      const name = (): string => `${quoteIdent(user)} on server ${quoteIdent(server)}`;
      if (isTrue(row, 3)) draft.unmodelled.push({ kind: "options of user mapping that cannot be seen", name: name() });
      const object: UserMapping = {
        kind: "userMapping",
        server,
        name: user,
        ...readOptions(draft, pairsOf(optional(row, 2)), "user mapping", name),
      };
      draft.objects.push(object);
    }
  },
};

function pairsOf(json: string | undefined): OptionPairs | null {
  return json === undefined ? null : (JSON.parse(json) as OptionPairs);
}
