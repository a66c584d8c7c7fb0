/** By code: what it means for the data, and what to do. Both end their sentences. */
export type CodeTexts = Readonly<Record<string, readonly [meaning: string, hint: string]>>
