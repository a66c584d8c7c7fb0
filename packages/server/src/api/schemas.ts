import { z } from 'zod'

/** Parameters of an address are text: these read it, say what is wrong in words, and stand typed in the OpenAPI document. */

/** A whole number, written with digits only. */
export function wholeParameter(least: number, most: number): z.ZodType<number> {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
    z
      .int({ error: `is a whole number from ${least} to ${most}` })
      .min(least)
      .max(most),
  )
}

/** `true` or `false`. */
export function flagParameter(): z.ZodType<boolean> {
  return z.preprocess(
    (value) => (value === 'true' ? true : value === 'false' ? false : value),
    z.boolean({ error: 'is true or false' }),
  )
}

/** May be given several times. */
export function listParameter<Item extends z.ZodType>(item: Item, most = 200): z.ZodType<readonly z.output<Item>[]> {
  return z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item).max(most))
}

/** Problem details as every answer from 400 on has them (RFC 9457). */
export const problemSchema: z.ZodType = z
  .object({
    type: z.string().meta({ description: 'Where the code is explained.' }),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable; programs compare this.', examples: ['HTTP_PARAMETER'] }),
    detail: z.string(),
    instance: z.string().optional().meta({ description: 'The path that was asked.' }),
    request: z.string().optional().meta({ description: 'Id of the request; the log has it too.' }),
    hint: z.string().optional(),
    dataNow: z.string().optional().meta({ description: 'What this means for the data now.' }),
    retryable: z.boolean().optional().meta({ description: 'The same request may succeed later.' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'The fields that are wrong: `body.name`, `query.limit`.' }),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457).' })
