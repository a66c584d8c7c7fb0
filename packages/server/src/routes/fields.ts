/** Parts that the schemas of several resources share. Times are UTC, ISO 8601; durations are milliseconds. */
import { z } from 'zod'
import { flagParameter, listParameter, wholeParameter } from '../api/schemas.ts'

export const MOST_ITEMS = 1000

export function instant(description: string): z.ZodISODateTime {
  return z.iso.datetime().meta({ description, examples: ['2026-11-21T08:15:00.000Z'] })
}

/** Of a reply: null where it has not happened. */
export function maybe<Schema extends z.ZodType>(schema: Schema): z.ZodNullable<Schema> {
  return z.nullable(schema)
}

export function count(description: string): z.ZodInt {
  return z.int().min(0).meta({ description })
}

export function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}

export function isoOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : isoOf(ms)
}

/** A time in a query, as Unix milliseconds. */
export function instantParameter(description: string): z.ZodOptional<z.ZodType<number, string>> {
  return z.iso
    .datetime({ offset: true })
    .meta({ description, examples: ['2026-11-21T00:00:00Z'] })
    .transform((text) => Date.parse(text))
    .optional()
}

/** A name given once or several times. */
export function namesParameter(description: string): z.ZodOptional<z.ZodType<readonly string[]>> {
  return listParameter(z.string().min(1).max(400)).meta({ description }).optional()
}

export function choicesParameter<const Choice extends string>(
  choices: readonly Choice[],
  description: string,
): z.ZodOptional<z.ZodType<readonly Choice[]>> {
  return listParameter(z.enum(choices)).meta({ description }).optional()
}

export function flag(description: string): z.ZodOptional<z.ZodType<boolean>> {
  return flagParameter().meta({ description }).optional()
}

/** `limit` and `after` of every list. */
export const PAGE_PARAMETERS: {
  readonly limit: z.ZodDefault<z.ZodType<number>>
  readonly after: z.ZodOptional<z.ZodString>
} = {
  limit: wholeParameter(1, MOST_ITEMS).meta({ description: 'Items on one page.' }).default(100),
  after: z.string().min(1).max(2000).optional().meta({ description: '`next` of the page before.' }),
}

/** A page of a list: `next` is given back as `after`; null at the end. */
export function pageSchema<Item extends z.ZodType>(
  id: string,
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; next: z.ZodNullable<z.ZodString> }> {
  return z
    .object({
      items: z.array(item),
      next: z.string().nullable().meta({ description: 'Give it as `after` to get the next page; null at the end.' }),
    })
    .meta({ id, description: 'A page of a list.' })
}
