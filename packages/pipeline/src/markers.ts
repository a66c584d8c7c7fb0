/** Names of markers and control files: `_SUCCESS`, `{name}.done`, `{stem}.ctl`. What has such a name is never data. */
import type { ReadyConfig } from '@tidegate/core'
import { fileName, folderOf, stemOf } from './dataset-of.ts'

/** The path of the file that a template names for a data file, in the same folder. */
export function besideOf(template: string, path: string): string {
  const name = fileName(path)
  // In one go: a name may hold braces itself.
  const own = template.replaceAll(/\{(?:name|stem)\}/g, (key) => (key === '{name}' ? name : stemOf(name)))
  const folder = folderOf(path)
  return folder === '' ? own : `${folder}/${own}`
}

/** Tells paths that are markers or control files of a source. */
export function markerTest({ marker, control }: ReadyConfig): (path: string) => boolean {
  const tests = [marker, control].flatMap((template) => (template === undefined ? [] : [templateTest(template)]))
  return tests.length === 0 ? () => false : (path) => tests.some((test) => test(fileName(path)))
}

function templateTest(template: string): (name: string) => boolean {
  const parts = template.split(/\{(?:name|stem)\}/)
  if (parts.length === 1) return (name) => name === template
  const pattern = new RegExp(`^${parts.map((part) => RegExp.escape(part)).join('.+')}$`, 's')
  return (name) => pattern.test(name)
}
