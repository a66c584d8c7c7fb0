#!/usr/bin/env node
// Plain JavaScript that an old Node can read: better-sqlite3 13 crashes there without a word, so say it first.
var version = process.versions.node.split('.').map(Number)
if (version[0] < 22 || (version[0] === 22 && version[1] < 22)) {
  console.error('tidegate needs Node 22.22 or newer; this is Node ' + process.versions.node + '.')
  process.exit(2)
}
Promise.all([import('node:module'), import('node:fs')])
  .then(function (builtin) {
    keepCompiled(builtin[0].default, builtin[1])
    return import('../dist/main.js')
  })
  .then(function (tidegate) {
    return tidegate.main(process.argv.slice(2))
  })

// Hundreds of modules need not be compiled at each start. Not where Node would keep them, a folder of /tmp whose name anybody
// can guess: what lies there is run. Where this folder cannot be written, Node goes on without it.
function keepCompiled(module, fs) {
  var env = process.env
  if (typeof module.enableCompileCache !== 'function' || env.NODE_COMPILE_CACHE || env.NODE_DISABLE_COMPILE_CACHE)
    return
  var caches =
    env.XDG_CACHE_HOME || (process.platform === 'win32' ? env.LOCALAPPDATA : env.HOME && env.HOME + '/.cache')
  if (!caches || !/^(\/|[a-z]:)/i.test(caches)) return
  var folder = caches + '/tidegate/compiled'
  // Made here, step by step: where a folder cannot be made for an odd reason (below /proc), Node's own way never ends.
  try {
    if (!fs.existsSync(caches)) fs.mkdirSync(caches)
    if (!fs.existsSync(caches + '/tidegate')) fs.mkdirSync(caches + '/tidegate')
    if (!fs.existsSync(folder)) fs.mkdirSync(folder)
    fs.accessSync(folder, fs.constants.W_OK)
  } catch (_) {
    return
  }
  // Node's words for: it works now, or did before. The children (engine, doctor) use it, too.
  var status = module.enableCompileCache(folder).status
  if (status === module.constants.compileCacheStatus.ENABLED) env.NODE_COMPILE_CACHE = folder
}
