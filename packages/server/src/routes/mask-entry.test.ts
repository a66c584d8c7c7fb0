import { expect, test } from 'vitest'
import { MASK, maskEntry, maskText, restoreEntry } from './mask-entry.ts'

test.each([
  'secret',
  'client_secret',
  'password',
  'Token',
  'sas_token',
  'credentials',
  'api_key',
  'apiKey',
  'authorization',
  'cookie',
  'headers',
])('what stands under %s is a secret, whatever it is and however deep', (key) => {
  for (const value of ['hunter2', 7, ['hunter2'], { a: 'hunter2' }])
    expect(maskEntry({ options: { deep: [{ [key]: value }] } })).toEqual({ options: { deep: [{ [key]: MASK }] } })
  // Whether there is one is none.
  expect(maskEntry({ [key]: null, other: true })).toEqual({ [key]: null, other: true })
})

test.each([
  ['postgres://admin:hun@ter/2@db:5432/x?sslmode=require', 'postgres://***@db:5432/x?***'],
  ['postgresql://db/x', 'postgresql://db/x'],
  ['https://user:hunter2@host/a/b?sig=hunter2', 'https://***@host/a/b?***'],
  ['see https://host/a?sig=hunter2 and s3://key:hunter2@bucket/x', 'see https://host/a?*** and s3://***@bucket/x'],
  ['landing/orders/*.csv', 'landing/orders/*.csv'],
])('of the text %s the page sees %s', (text, shown) => {
  expect(maskText(text)).toBe(shown)
})

test('what was shown can be sent back, and stands for what is kept', () => {
  const kept = { target: { url: 'postgres://a:hunter2@db/x', table: 't' }, token: 'hunter2', list: ['https://u:p@h/a'] }
  const shown = maskEntry(kept)
  expect(JSON.stringify(shown)).not.toMatch(/hunter2|u:p/)
  expect(restoreEntry(shown, kept)).toEqual(kept)
  expect(restoreEntry({ ...shown, target: { url: 'postgres://***@other/x', table: 't' } }, kept)).toMatchObject({
    // Of another server nothing is kept: the secret does not go to an address that somebody made up.
    target: { url: 'postgres://***@other/x' },
  })
})
