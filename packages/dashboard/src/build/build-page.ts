/**
 * One bundle, two hosts: dist/report-template.html is a single file with everything inside and a policy that lets nothing out;
 * dist/live/ is the same bundle as files for a server.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const DIST = path.join(ROOT, 'dist')

const { script, style } = await bundle()
const themeScript = readFileSync(path.join(ROOT, 'src/page/theme-boot.js'), 'utf8').replace(/^\/\/.*\n/, '')
writeTemplate()
writeLive()

async function bundle(): Promise<{ readonly script: string; readonly style: string }> {
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['tidegate:source', 'module', 'browser', 'production'] },
    define: { 'process.env.NODE_ENV': '"production"' },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      target: 'es2022',
      cssCodeSplit: false,
      modulePreload: false,
      sourcemap: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2000,
      rolldownOptions: {
        input: path.join(ROOT, 'src/page/main.tsx'),
        output: { format: 'iife', entryFileNames: 'page.js', assetFileNames: 'page[extname]' },
      },
    },
  })
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) => ('output' in one ? one.output : []))
  const chunk = outputs.find((one) => one.type === 'chunk')
  const sheet = outputs.find((one) => one.type === 'asset' && one.fileName.endsWith('.css'))
  if (chunk?.type !== 'chunk' || sheet?.type !== 'asset') throw new Error('the bundle lacks its script or its style')
  // Nothing in the script may end the element that it stands in.
  const script = chunk.code
    .trim()
    .replaceAll(/<\/(script)/gi, String.raw`<\/$1`)
    .replaceAll('<!--', String.raw`<\!--`)
  return { script, style: String(sheet.source).trim() }
}

function writeTemplate(): void {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(themeScript)} ${hashOf(script)}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  write(
    'report-template.html',
    page({
      head: `<meta http-equiv="Content-Security-Policy" content="${policy}">
<script>${themeScript}</script>
<style>${style}</style>`,
      body: `<script type="application/json" id="report-data"></script>
<script>${script}</script>`,
    }),
  )
}

function writeLive(): void {
  rmSync(path.join(DIST, 'live'), { recursive: true, force: true })
  const name = (kind: string, text: string, ending: string): string => `assets/${kind}-${shortHash(text)}.${ending}`
  const [theme, main, sheet] = [
    name('theme', themeScript, 'js'),
    name('page', script, 'js'),
    name('page', style, 'css'),
  ]
  write(path.join('live', theme), themeScript)
  write(path.join('live', main), script)
  write(path.join('live', sheet), style)
  write(
    path.join('live', 'index.html'),
    page({
      head: `<script src="/${theme}"></script>
<link rel="stylesheet" href="/${sheet}">`,
      body: `<script src="/${main}"></script>`,
    }),
  )
}

function page({ head, body }: { readonly head: string; readonly body: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Tidegate</title>
<link rel="icon" href="data:,">
${head}
</head>
<body>
<div id="app"></div>
<noscript>This page draws its figures with JavaScript. The same numbers without it: <code>tidegate monitor</code></noscript>
${body}
</body>
</html>
`
}

function write(relative: string, text: string): void {
  const file = path.join(DIST, relative)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
