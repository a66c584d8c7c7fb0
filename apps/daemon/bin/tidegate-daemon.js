#!/usr/bin/env node
// Plain JavaScript that an old Node can read: better-sqlite3 13 crashes there without a word, so say it first.
var version = process.versions.node.split('.').map(Number)
if (version[0] < 22 || (version[0] === 22 && version[1] < 22)) {
  console.error('tidegate-daemon needs Node 22.22 or newer; this is Node ' + process.versions.node + '.')
  process.exit(2)
}
const daemon = await import('../dist/main.js')
await daemon.main(process.argv.slice(2))
