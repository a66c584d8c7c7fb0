// `owner`: tells who it is and waits to be killed. `fight <file>`: on every message tries to get the lease, for an hour.
import { currentOwner, openState } from '../index.ts'

// Whoever started it may be killed, too.
process.on('disconnect', () => process.exit(1))

const [how, path = ''] = process.argv.slice(2)
const owner = currentOwner('fighting')

if (how === 'owner') {
  process.send?.(owner.id)
  setInterval(() => undefined, 1000)
} else {
  const state = await openState({ path, nowMs: Date.now })
  process.on('message', () => {
    void state.acquireLease('flights', owner, Date.now(), 3_600_000).then((outcome) => process.send?.(outcome))
  })
  process.send?.('ready')
}
