import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openDesk } from '../desk/open-desk.ts'
import { openApiWorld } from '../testing/api-world.ts'

test('what the real desk answers is what the routes promise: files, rows, time and money, of entries too', async () => {
  const world = await openApiWorld()
  const desk = openDesk({ place: { directory: world.directory } })
  world.answer = async (question) => desk.ask(question)
  try {
    writeFileSync(path.join(world.directory, 'landing/orders/a.csv'), 'id,amount\n1,10\n2,20\n')
    mkdirSync(path.join(world.directory, 'landing/new'))
    writeFileSync(path.join(world.directory, 'landing/new/b.csv'), 'id\n1\n')
    const entry = {
      path: 'landing/new/*.csv',
      ready: { settle: '0s' },
      on_missing_contract: 'admit',
      schedule: { cron: '0 6 * * *' },
    }
    expect(await world.call('POST', '/api/v1/ingestions/test', { body: { id: 'new', entry } })).toMatchObject({
      status: 200,
      body: { source: 'new', filesToDo: 1, judged: [{ path: 'b.csv', rows: 1 }] },
    })
    expect(await world.call('POST', '/api/v1/ingestions/orders/test')).toMatchObject({
      status: 200,
      body: { filesSeen: 1 },
    })
    expect(await world.call('POST', '/api/v1/ingestions/estimate', { body: { id: 'new', entry } })).toMatchObject({
      status: 200,
      body: { files: 1, bytes: 5, run: { runs: 0 } },
    })
    expect(await world.get('/api/v1/engines')).toMatchObject({ status: 200, body: { items: [{ name: 'duckdb' }] } })
    expect(await world.call('POST', '/api/v1/engines/duckdb/test')).toMatchObject({ status: 200, body: { ok: true } })
  } finally {
    desk.close()
    await world.close()
  }
}, 30_000)
