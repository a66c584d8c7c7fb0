import { messageOf, TidegateError, type ByteSource } from '@tidegate/core'
import { localStore } from '@tidegate/storage'

import { schemaFromFile, type SchemaSource } from '../../assemble/schema-sources.ts'
import { integerIn, isStruct, itemsIn, structIn, textIn, type TypedStruct } from '../../thrift/thrift-value.ts'
import { parseThrift } from '../../thrift/parse-thrift.ts'
import { readFooter } from '../../read-footer.ts'

export type FileSchema =
  | { readonly kind: 'schema'; readonly schema: SchemaSource }
  /** One clause, for people. */
  | { readonly kind: 'refused'; readonly because: string; readonly isMissing: boolean }

/**
 * The schema of a sound file, or of `_metadata` (which also lists the row groups of the file at `partPath`, below its folder).
 * Reads its footer only. Never throws because of the file: one that is missing, damaged or encrypted is refused.
 */
export async function schemaOfFile(
  path: string,
  from: 'sibling' | '_metadata',
  partPath?: string,
): Promise<FileSchema> {
  let source: ByteSource
  try {
    source = await localStore().open(path)
  } catch (error) {
    if (error instanceof TidegateError)
      return { kind: 'refused', because: messageOf(error), isMissing: error.code === 'SOURCE_GONE' }
    throw error
  }
  try {
    const outcome = await readFooter(source)
    const problem = outcome.findings.find(({ severity }) => severity === 'error' || severity === 'fatal')
    if (outcome.kind === 'bad' || problem !== undefined)
      return refused(
        `it is damaged itself (${problem?.code ?? 'PQ201'}: ${(problem?.message ?? '').replace(/\.$/, '')})`,
      )
    if (outcome.footer.encrypted) return refused('it is encrypted')
    const schema = await schemaFromFile(source, from)
    if (schema === undefined) return refused('its footer holds no schema that can be used')
    const { footerOffset, footerBytes } = outcome.footer
    const rows =
      partPath === undefined
        ? undefined
        : rowsOfPart(parseThrift(await source.read(footerOffset, footerBytes)).struct, partPath)
    return { kind: 'schema', schema: rows === undefined ? schema : { ...schema, rows } }
  } catch (error) {
    // A disk that fails under the sibling is no reason to give up the file.
    if (error instanceof TidegateError) return refused(messageOf(error))
    throw error
  } finally {
    await source.close()
  }
}

function refused(because: string): FileSchema {
  return { kind: 'refused', because, isMissing: false }
}

/** Rows of the row groups that `_metadata` lists for a file. */
function rowsOfPart(footer: TypedStruct, partPath: string): number | undefined {
  const groups = itemsIn(footer, 4).filter((item): item is TypedStruct => isStruct(item))
  const own = groups.filter((group) => {
    const [chunk] = itemsIn(group, 1)
    return isStruct(chunk) && structIn(chunk, 3) !== undefined && textIn(chunk, 1) === partPath
  })
  return own.length === 0 ? undefined : own.reduce((sum, group) => sum + (integerIn(group, 3) ?? 0), 0)
}
