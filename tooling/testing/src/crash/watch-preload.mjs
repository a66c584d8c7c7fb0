// Loaded into the product by `NODE_OPTIONS=--import=…` (see kill-run.ts). Carries out one order: at a moment that the order
// names it writes down where it is and kills the whole process group, as a power cut would. It can also keep a record of what
// was made durable, so that lost-writes.ts can take away the rest. Plain JavaScript: it runs inside the product's process.
import { subscribe } from 'node:diagnostics_channel'
import fs from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { isMainThread } from 'node:worker_threads'

const { TIDEGATE_KILL: text, TIDEGATE_KILL_REPORT: report, TIDEGATE_CRASH_LEADER: leader } = process.env
// Children inherit NODE_OPTIONS; only the leader of the group carries out the order.
const order = text && isMainThread && String(process.pid) === leader ? JSON.parse(text) : undefined

/** The wall clock as this process sees it, its children too. */
const { TIDEGATE_CLOCK_OFFSET_MS: offset } = process.env
if (offset) {
  const now = Date.now.bind(Date)
  Date.now = () => now() + Number(offset)
}

let dying = false

function die(moment) {
  if (dying) return
  if (order.before === 'SIGTERM') return askFirst(moment)
  dying = true
  fs.appendFileSync(report, `${JSON.stringify({ pid: process.pid, ...moment })}\n`)
  // Stopped and not killed: whoever gave the order does something meanwhile and lets it go on.
  if (order.pause) return process.kill(process.pid, 'SIGSTOP')
  process.kill(-process.pid, 'SIGKILL')
  // Nothing may happen between the order and the death.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

/** Asks to stop, and kills at the next thing that happens. */
function askFirst(moment) {
  order.before = 'asked'
  process.kill(process.pid, 'SIGTERM')
  subscribe('tidegate:phase', ({ phase }) => die({ ...moment, thenAt: phase }))
  setTimeout(() => die({ ...moment, thenAt: 'nothing more' }), 400).unref()
}

/** Counts what matches and dies at the nth. */
function counter(nth) {
  let count = 0
  return (moment) => {
    count += 1
    if (count === nth) die({ ...moment, nth })
  }
}

function watchPhases() {
  const hit = counter(order.nth)
  let steps = 0
  let counts = order.after === undefined
  subscribe('tidegate:phase', (message) => {
    if (!counts) {
      counts = message.phase === order.after
      return
    }
    if (order.on === 'phase' && message.phase === order.phase) hit(message)
    if (order.on === 'step') {
      steps += 1
      if (steps === order.nth || message.phase === order.until) die({ ...message, step: steps })
    }
    if (order.on === 'list') fs.appendFileSync(report, `${JSON.stringify(message)}\n`)
    if (order.on === 'open' && message.phase === 'pinned') lookForOpenFile()
    if (order.on === 'file' && message.phase === 'staging-created') watchFolder(message)
  })
}

/** Dies while the engine has a landing file open. */
function lookForOpenFile() {
  if (dying) return
  for (const pid of childrenOf(process.pid)) {
    for (const name of filesOf(pid)) {
      if (name.startsWith(order.below)) return die({ open: path.basename(name), by: 'engine' })
    }
  }
  setImmediate(lookForOpenFile).unref()
}

function childrenOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  } catch {
    return []
  }
}

function filesOf(pid) {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [fs.readlinkSync(`/proc/${pid}/fd/${fd}`)]
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}

/** Dies when a Parquet file is below the staging folder whose footer is not written yet. */
function watchFolder({ folder }) {
  const attempt = `${path.sep}${path.normalize(folder)}${path.sep}`
  const look = () => {
    if (dying) return
    for (const file of filesBelow(order.below)) {
      if (!file.endsWith('.parquet.sealed') || !file.includes(attempt)) continue
      const bytes = fs.readFileSync(file)
      // Longer than the magic at its start: rows are in it.
      if (bytes.length > 4 && bytes.subarray(-4).toString('latin1') !== 'PAR1')
        return die({ file: path.basename(file), bytes: bytes.length, footer: false })
    }
    setImmediate(look).unref()
  }
  look()
}

function filesBelow(folder) {
  try {
    return fs.readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name))
  } catch {
    // Not there yet, or a part of it just went.
    return []
  }
}

function watchStatements() {
  const like = new RegExp(order.like, 'i')
  const hit = counter(order.nth)
  const meet = (statement, at) => {
    if (at === (order.at ?? 'after') && like.test(statement))
      hit({ statement: statement.slice(0, 80).replace(/\s+/g, ' '), at })
  }
  if (order.sqlite) {
    const { prototype } = createRequire(import.meta.url)(order.sqlite)
    const { prepare, exec } = prototype
    prototype.exec = function (statement) {
      meet(statement, 'before')
      const result = exec.call(this, statement)
      meet(statement, 'after')
      return result
    }
    prototype.prepare = function (statement, ...more) {
      const prepared = prepare.call(this, statement, ...more)
      for (const name of ['run', 'all', 'get']) {
        const original = prepared[name]
        prepared[name] = function (...values) {
          meet(statement, 'before')
          const result = original.apply(this, values)
          meet(statement, 'after')
          return result
        }
      }
      return prepared
    }
  }
  if (order.pg) {
    const { prototype } = createRequire(import.meta.url)(order.pg).Client
    const { query } = prototype
    prototype.query = function (config, ...more) {
      const statement = typeof config === 'string' ? config : (config?.text ?? '')
      meet(statement, 'before')
      const result = query.call(this, config, ...more)
      // The statement is on its way and its answer is not here yet.
      if (order.at === 'sent' && like.test(statement)) setTimeout(() => meet(statement, 'sent'), order.afterMs ?? 0)
      if (typeof result?.then === 'function')
        result.then(
          () => meet(statement, 'after'),
          () => undefined,
        )
      return result
    }
  }
}

/** Watches calls of the file system; with `order.record` also writes down what they made durable. */
function watchFiles() {
  const { promises } = fs
  const hit = counter(order.nth)
  const meet = (op, name, at) => {
    if (order.on === 'fs' && order.op === op && order.at === at && String(name).includes(order.path))
      hit({ op, path: path.basename(String(name)), at })
  }
  const real = { ...promises }
  let failures = 0
  /** Fails `order.times` calls from the nth on, as the file system would. */
  const fail = (op, name) => {
    if (order.on !== 'fail' || order.op !== op || !String(name).includes(order.path)) return
    failures += 1
    if (failures < order.nth || failures >= order.nth + order.times) return
    fs.appendFileSync(
      report,
      `${JSON.stringify({ pid: process.pid, op, path: path.basename(String(name)), code: order.code })}\n`,
    )
    throw Object.assign(new Error(`${order.code}: made by a test, ${op} '${name}'`), {
      code: order.code,
      syscall: op,
      path: String(name),
    })
  }
  const wrap = (op, before) => {
    promises[op] = async function (...args) {
      fail(op, args[0])
      meet(op, args[0], 'before')
      before?.(...args)
      const result = await real[op](...args)
      meet(op, args[0], 'after')
      return result
    }
  }
  for (const op of ['readdir', 'mkdir', 'link', 'copyFile', 'rmdir']) wrap(op)
  wrap('rename', (_from, to) => bury(to))
  wrap('unlink', bury)
  wrap('rm', bury)
  promises.open = async function (name, ...more) {
    fail('open', name)
    meet('open', name, 'before')
    const handle = await real.open(name, ...more)
    const { sync } = handle
    const { writeFile } = handle
    handle.writeFile = async function (...args) {
      fail('write', name)
      return writeFile.apply(handle, args)
    }
    handle.sync = async function () {
      fail('sync', name)
      meet('sync', name, 'before')
      await sync.call(handle)
      noteDurable(String(name))
      meet('sync', name, 'after')
    }
    return handle
  }
  syncBuiltinESMExports()
}

/** What is deleted is kept aside under its inode: without a sync of its folder it may come back. */
function bury(name) {
  if (!order.record) return
  const info = fs.lstatSync(name, { throwIfNoEntry: false })
  if (info?.isDirectory()) for (const child of fs.readdirSync(name)) bury(path.join(name, child))
  if (!info?.isFile()) return
  const grave = path.join(order.record, 'graves', String(info.ino))
  if (!fs.existsSync(grave)) fs.linkSync(name, grave)
}

function noteDurable(name) {
  if (!order.record) return
  const info = fs.lstatSync(name)
  const names = info.isDirectory()
    ? fs
        .readdirSync(name, { withFileTypes: true })
        .map((entry) => [entry.name, entry.isDirectory() ? 'folder' : fs.lstatSync(path.join(name, entry.name)).ino])
    : undefined
  const line = { path: path.resolve(name), ...(names ? { names } : { ino: info.ino, size: info.size }) }
  fs.appendFileSync(path.join(order.record, 'durable.ndjson'), `${JSON.stringify(line)}\n`)
}

if (order) {
  watchPhases()
  if (order.on === 'sql') watchStatements()
  if (order.on === 'fs' || order.on === 'fail' || order.record) watchFiles()
}
