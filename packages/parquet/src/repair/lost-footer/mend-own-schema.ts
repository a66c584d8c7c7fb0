import { buildFooter } from '../../assemble/footer-builder.ts'
import { leavesOf, type SchemaSource } from '../../assemble/schema-sources.ts'
import { decodeFooter } from '../../decode-footer.ts'
import { checkSchema, type SchemaFacts } from '../../diagnose/footer/check-schema.ts'
import type { ParquetFooter } from '../../footer.ts'
import { isStruct, itemsIn, listField, struct, TYPE, type TypedStruct } from '../../thrift/thrift-value.ts'
import { writeThrift } from '../../thrift/write-thrift.ts'
import { isWellTyped } from '../footer/is-well-typed.ts'
import { mendSchema } from '../footer/mend-schema.ts'

/**
 * What is left of a damaged footer, as far as it does not contradict itself. Row groups from the first on of which some
 * field is not of its type are left out: damage goes on behind it. Where two or more row groups agree on what the schema
 * says otherwise, they are right; of one nobody can tell, so the pages decide instead of it.
 */
export function mendOwnSchema(schema: SchemaSource): SchemaSource {
  const own = schema.ownGroups ?? []
  const bad = own.findIndex((group) => !isWellTyped(struct({ 4: listField(TYPE.STRUCT, [group]) })))
  const ownGroups = bad < 0 ? own : own.slice(0, bad)
  if (ownGroups.length === 0) return { ...schema, ownGroups }
  const tree = buildFooter({ schema: schema.elements, rowGroups: ownGroups })
  const facts = factsOf(tree)
  if (facts?.facts.findings.length === 0) return { ...schema, ownGroups }
  if (facts === undefined || ownGroups.length === 1) return { ...schema, ownGroups: [] }
  const mended = mendSchema(tree, facts.footer, facts.facts).tree
  const elements = itemsIn(mended, 2)
  const leaves = leavesOf(elements)
  if (leaves === undefined || factsOf(mended)?.facts.findings.length !== 0) return { ...schema, ownGroups: [] }
  const groups = itemsIn(mended, 4).filter((group): group is TypedStruct => isStruct(group))
  return { ...schema, elements, leaves, ownGroups: groups }
}

function factsOf(tree: TypedStruct): { readonly footer: ParquetFooter; readonly facts: SchemaFacts } | undefined {
  const decoded = decodeFooter(writeThrift(tree), { footerOffset: 0, trailingBytes: 0 })
  return decoded.kind === 'ok' ? { footer: decoded.footer, facts: checkSchema(decoded.footer) } : undefined
}
