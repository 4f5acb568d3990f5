/** Every operation kind, by family and there by name. Shared code finds a kind here and asks it; it never branches on one. */
import { toolError } from "../base/errors.ts";
import { addCheck } from "./add-check.ts";
import { addColumn } from "./add-column.ts";
import { addDomainCheck } from "./add-domain-check.ts";
import { addEnumValue } from "./add-enum-value.ts";
import { addExclusion } from "./add-exclusion.ts";
import { addForeignKey } from "./add-foreign-key.ts";
import { addGeneratedColumn } from "./add-generated-column.ts";
import { addIndex } from "./add-index.ts";
import { addInheritance } from "./add-inheritance.ts";
import { addPrimaryKey } from "./add-primary-key.ts";
import { addUnique } from "./add-unique.ts";
import { alterColumnDefault } from "./alter-column-default.ts";
import { alterColumnExpression } from "./alter-column-expression.ts";
import { alterColumnNullable } from "./alter-column-nullable.ts";
import { alterColumnType } from "./alter-column-type.ts";
import { alterConstraintDeferral } from "./alter-constraint-deferral.ts";
import { alterConstraintEnforcement } from "./alter-constraint-enforcement.ts";
import { alterDefaultPrivileges } from "./alter-default-privileges.ts";
import { alterDomain } from "./alter-domain.ts";
import { alterForeignDataWrapper } from "./alter-foreign-data-wrapper.ts";
import { alterForeignTable } from "./alter-foreign-table.ts";
import { alterPolicy } from "./alter-policy.ts";
import { alterPublication } from "./alter-publication.ts";
import { alterSequence } from "./alter-sequence.ts";
import { alterServer } from "./alter-server.ts";
import { alterTextSearchConfiguration } from "./alter-text-search-configuration.ts";
import { alterTextSearchDictionary } from "./alter-text-search-dictionary.ts";
import { alterTypeAttributes } from "./alter-type-attributes.ts";
import { archiveColumn } from "./archive-column.ts";
import { archiveTable } from "./archive-table.ts";
import { attachIndex } from "./attach-index.ts";
import { attachPartition } from "./attach-partition.ts";
import { backfill } from "./backfill.ts";
import { contractColumn } from "./contract-column.ts";
import { createAggregate } from "./create-aggregate.ts";
import { createCollation } from "./create-collation.ts";
import { createDomain } from "./create-domain.ts";
import { createEnum } from "./create-enum.ts";
import { createEventTrigger } from "./create-event-trigger.ts";
import { createExtension } from "./create-extension.ts";
import { createForeignDataWrapper } from "./create-foreign-data-wrapper.ts";
import { createForeignTable } from "./create-foreign-table.ts";
import { createFunction } from "./create-function.ts";
import { createMaterializedView } from "./create-materialized-view.ts";
import { createPolicy } from "./create-policy.ts";
import { createProcedure } from "./create-procedure.ts";
import { createPublication } from "./create-publication.ts";
import { createRule } from "./create-rule.ts";
import { createSchema } from "./create-schema.ts";
import { createSequence } from "./create-sequence.ts";
import { createServer } from "./create-server.ts";
import { createStatistics } from "./create-statistics.ts";
import { createTable } from "./create-table.ts";
import { createTextSearchConfiguration } from "./create-text-search-configuration.ts";
import { createTextSearchDictionary } from "./create-text-search-dictionary.ts";
import { createTrigger } from "./create-trigger.ts";
import { createType } from "./create-type.ts";
import { createUserMapping } from "./create-user-mapping.ts";
import { createView } from "./create-view.ts";
import type { AnyOperationKind } from "./define.ts";
import { detachPartition } from "./detach-partition.ts";
import { disableRls } from "./disable-rls.ts";
import { dropAggregate } from "./drop-aggregate.ts";
import { dropCheck } from "./drop-check.ts";
import { dropCollation } from "./drop-collation.ts";
import { dropColumn } from "./drop-column.ts";
import { dropColumnExpression } from "./drop-column-expression.ts";
import { dropDomain } from "./drop-domain.ts";
import { dropDomainCheck } from "./drop-domain-check.ts";
import { dropEnum } from "./drop-enum.ts";
import { dropEventTrigger } from "./drop-event-trigger.ts";
import { dropExclusion } from "./drop-exclusion.ts";
import { dropExtension } from "./drop-extension.ts";
import { dropForeignDataWrapper } from "./drop-foreign-data-wrapper.ts";
import { dropForeignKey } from "./drop-foreign-key.ts";
import { dropForeignTable } from "./drop-foreign-table.ts";
import { dropFunction } from "./drop-function.ts";
import { dropIndex } from "./drop-index.ts";
import { dropInheritance } from "./drop-inheritance.ts";
import { dropMaterializedView } from "./drop-materialized-view.ts";
import { dropPolicy } from "./drop-policy.ts";
import { dropPrimaryKey } from "./drop-primary-key.ts";
import { dropProcedure } from "./drop-procedure.ts";
import { dropPublication } from "./drop-publication.ts";
import { dropRule } from "./drop-rule.ts";
import { dropSchema } from "./drop-schema.ts";
import { dropSequence } from "./drop-sequence.ts";
import { dropServer } from "./drop-server.ts";
import { dropStatistics } from "./drop-statistics.ts";
import { dropTable } from "./drop-table.ts";
import { dropTextSearchConfiguration } from "./drop-text-search-configuration.ts";
import { dropTextSearchDictionary } from "./drop-text-search-dictionary.ts";
import { dropTrigger } from "./drop-trigger.ts";
import { dropType } from "./drop-type.ts";
import { dropUnique } from "./drop-unique.ts";
import { dropUserMapping } from "./drop-user-mapping.ts";
import { dropView } from "./drop-view.ts";
import { enableRls } from "./enable-rls.ts";
import { expandColumn } from "./expand-column.ts";
import { grant } from "./grant.ts";
import { mergeColumns } from "./merge-columns.ts";
import { purgeArtifact } from "./purge-artifact.ts";
import { rawSql } from "./raw-sql.ts";
import { rebuildEnum } from "./rebuild-enum.ts";
import { rebuildTable } from "./rebuild-table.ts";
import { rebuildType } from "./rebuild-type.ts";
import { refreshMaterializedView } from "./refresh-materialized-view.ts";
import { renameColumn } from "./rename-column.ts";
import { renameConstraint } from "./rename-constraint.ts";
import { renameEnumValue } from "./rename-enum-value.ts";
import { renameIndex } from "./rename-index.ts";
import { renameSchema } from "./rename-schema.ts";
import { renameSequence } from "./rename-sequence.ts";
import { renameTable } from "./rename-table.ts";
import { renameType } from "./rename-type.ts";
import { replaceAggregate } from "./replace-aggregate.ts";
import { replaceFunction } from "./replace-function.ts";
import { replaceProcedure } from "./replace-procedure.ts";
import { replaceView } from "./replace-view.ts";
import { reseedColumn } from "./reseed-column.ts";
import { restoreColumn } from "./restore-column.ts";
import { restoreTable } from "./restore-table.ts";
import { revoke } from "./revoke.ts";
import { setClustering } from "./set-clustering.ts";
import { setColumnStatistics } from "./set-column-statistics.ts";
import { setColumnStorage } from "./set-column-storage.ts";
import { setComment } from "./set-comment.ts";
import { setFiring } from "./set-firing.ts";
import { setForeignOptions } from "./set-foreign-options.ts";
import { setIdentity } from "./set-identity.ts";
import { setNotNullConstraint } from "./set-not-null-constraint.ts";
import { setOwner } from "./set-owner.ts";
import { setReplicaIdentity } from "./set-replica-identity.ts";
import { setSequenceOwner } from "./set-sequence-owner.ts";
import { setStatisticsTarget } from "./set-statistics-target.ts";
import { setTableOptions } from "./set-table-options.ts";
import { setTablePersistence } from "./set-table-persistence.ts";
import { setTablespace } from "./set-tablespace.ts";
import { setViewColumnComments } from "./set-view-column-comments.ts";
import { softDropColumn } from "./soft-drop-column.ts";
import { softDropTable } from "./soft-drop-table.ts";
import { splitColumn } from "./split-column.ts";
import { stopSync } from "./stop-sync.ts";
import { validateConstraint } from "./validate-constraint.ts";
import { validateDomainCheck } from "./validate-domain-check.ts";

/** One line a kind. */
export const operationKinds: readonly AnyOperationKind[] = [
  // create
  addColumn,
  addGeneratedColumn,
  createExtension,
  createTable,
  // index & constraint
  addCheck,
  addExclusion,
  addForeignKey,
  addIndex,
  addPrimaryKey,
  addUnique,
  alterConstraintDeferral,
  attachIndex,
  createStatistics,
  dropCheck,
  dropExclusion,
  dropForeignKey,
  dropIndex,
  dropPrimaryKey,
  dropStatistics,
  dropUnique,
  renameConstraint,
  renameIndex,
  alterConstraintEnforcement,
  setNotNullConstraint,
  setStatisticsTarget,
  validateConstraint,
  // alter
  addInheritance,
  alterColumnDefault,
  alterColumnExpression,
  alterColumnNullable,
  alterColumnType,
  attachPartition,
  detachPartition,
  dropColumnExpression,
  dropInheritance,
  renameColumn,
  renameTable,
  setClustering,
  setColumnStatistics,
  setColumnStorage,
  setIdentity,
  setReplicaIdentity,
  setTableOptions,
  setTablePersistence,
  setTablespace,
  // drop
  dropColumn,
  dropExtension,
  dropTable,
  // security
  alterDefaultPrivileges,
  alterPolicy,
  createPolicy,
  disableRls,
  dropPolicy,
  enableRls,
  grant,
  revoke,
  setOwner,
  // recovery & advanced
  archiveColumn,
  archiveTable,
  backfill,
  contractColumn,
  expandColumn,
  mergeColumns,
  purgeArtifact,
  reseedColumn,
  restoreColumn,
  restoreTable,
  softDropColumn,
  softDropTable,
  rebuildTable,
  splitColumn,
  stopSync,
  // escape hatch
  rawSql,
  // types & sequences
  addDomainCheck,
  addEnumValue,
  alterDomain,
  alterTypeAttributes,
  alterTextSearchConfiguration,
  alterTextSearchDictionary,
  createTextSearchConfiguration,
  createTextSearchDictionary,
  dropTextSearchConfiguration,
  dropTextSearchDictionary,
  createCollation,
  createDomain,
  createType,
  dropCollation,
  dropDomain,
  dropDomainCheck,
  dropType,
  rebuildType,
  validateDomainCheck,
  alterSequence,
  createEnum,
  createSequence,
  dropEnum,
  dropSequence,
  rebuildEnum,
  renameEnumValue,
  renameSequence,
  renameType,
  setSequenceOwner,
  // schemas & comments
  createSchema,
  dropSchema,
  renameSchema,
  setComment,
  // routines & views
  createAggregate,
  createEventTrigger,
  createFunction,
  createMaterializedView,
  createProcedure,
  createRule,
  createTrigger,
  createView,
  dropAggregate,
  dropEventTrigger,
  dropFunction,
  dropMaterializedView,
  dropProcedure,
  dropRule,
  dropTrigger,
  dropView,
  refreshMaterializedView,
  replaceAggregate,
  replaceFunction,
  replaceProcedure,
  replaceView,
  setFiring,
  setViewColumnComments,
  // foreign data & publications
  alterForeignDataWrapper,
  alterForeignTable,
  alterPublication,
  alterServer,
  createForeignDataWrapper,
  createForeignTable,
  createPublication,
  createServer,
  createUserMapping,
  dropForeignDataWrapper,
  dropForeignTable,
  dropPublication,
  dropServer,
  dropUserMapping,
  setForeignOptions,
];

const byName: ReadonlyMap<string, AnyOperationKind> = new Map(operationKinds.map((kind) => [kind.kind, kind]));

/** The kind of that name; throws `name_unknown` when there is none. */
export function kindOf(name: string): AnyOperationKind {
  const kind = byName.get(name);
  if (kind !== undefined) return kind;
  throw toolError({
    code: "name_unknown",
    what: `${JSON.stringify(name)} is not an operation kind`,
    why: "this version knows no operation of that name",
    next: "zanith --help ops",
  });
}

/** Whether the ledger may hold operations of that name without a file; names that this version does not know may not. */
export function isCommanded(name: string): boolean {
  return byName.get(name)?.commanded === true;
}
