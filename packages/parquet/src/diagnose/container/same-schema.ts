import { ThriftError } from '../../read-thrift.ts'
import { parseThrift } from '../../thrift/parse-thrift.ts'
import { dropFields } from '../../thrift/patch-thrift.ts'
import { isStruct, itemsIn, type TypedStruct } from '../../thrift/thrift-value.ts'
import { writeThrift } from '../../thrift/write-thrift.ts'
import type { FooterSite } from './footer-site.ts'

const NAME = 4
const FIELD_ID = 9

/**
 * True where the chunks of one file can stand under the schema of the other: names, types, annotations and nesting are the
 * same to the byte. The name of the table and the ids of fields do not count.
 */
export function sameSchema(sites: readonly Pick<FooterSite, 'bytes'>[]): boolean {
  const keys = sites.map(({ bytes }) => keyOf(bytes))
  return keys.every((key) => key !== undefined && key === keys[0])
}

function keyOf(bytes: Uint8Array): string | undefined {
  try {
    return schemaKey(parseThrift(bytes).struct)
  } catch (error) {
    if (error instanceof ThriftError) return undefined
    throw error
  }
}

function schemaKey(footer: TypedStruct): string {
  return itemsIn(footer, 2)
    .map((element, index) => {
      if (!isStruct(element)) return ''
      const plain = index === 0 ? dropFields(element, NAME, FIELD_ID, 3) : dropFields(element, FIELD_ID)
      return Buffer.from(writeThrift(plain)).toString('latin1')
    })
    .join('\u0000')
}
