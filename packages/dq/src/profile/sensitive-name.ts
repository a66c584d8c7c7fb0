import type { ColumnFamily } from './column-family.ts'

/**
 * The word that makes a column's name (or a field name in its nested type) speak of personal data, or undefined.
 * Columns that cannot hold such a value (flags, dates, floats) are not meant.
 */
export function sensitiveWord(name: string, type: string, family: ColumnFamily): string | undefined {
  if (family === 'nested' || /^JSON\b/i.test(type)) return findWord(name) ?? findWord(type)
  if (family === 'text' || family === 'integer' || family === 'decimal') return findWord(name)
  return undefined
}

function findWord(text: string): string | undefined {
  const words = text
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '')
  for (const [position, word] of words.entries()) {
    if (WORDS.has(word)) return word
    const pair = `${word}${words[position + 1] ?? ''}`
    if (PAIRS.has(pair)) return pair
  }
  return undefined
}

const WORDS: ReadonlySet<string> = new Set([
  'email',
  'emails',
  'mail',
  'emailaddress',
  'phone',
  'phones',
  'phonenumber',
  'telephone',
  'telefon',
  'tel',
  'mobile',
  'cellphone',
  'fax',
  'iban',
  'ssn',
])

const PAIRS: ReadonlySet<string> = new Set(['email', 'socialsecurity', 'bankaccount', 'creditcard', 'cardnumber'])
