import path from 'node:path'
import type { Diagnosis } from '@tidegate/core'
import { listSource } from '@tidegate/pipeline'
import { diagnoseFile } from '@tidegate/parquet'
import { selectSources } from '@tidegate/project'
import type { CommandContext } from '../context.ts'
import { effectsFor, openCliProject } from '../open.ts'
import { emit, formatAmount, formatBytes, formatCount, renderTable } from '../render/index.ts'

interface ValidatedFile {
  readonly source: string
  readonly path: string
  readonly verdict: string
  readonly bytes: number
  readonly rows: number | null
  readonly findings: Diagnosis['findings']
}

/** Container and footer of every file of the sources. Reads a few kilobytes per file; changes nothing. */
export async function validateSource(
  args: { readonly sources?: readonly string[] },
  context: CommandContext,
): Promise<number> {
  const project = await openCliProject(context, { what: 'validate-source', readOnly: true })
  try {
    const items: ValidatedFile[] = []
    for (const source of selectSources(project.config, args.sources ?? [])) {
      for (const item of await listSource(source, project.exclude, effectsFor(source, project, context))) {
        context.signal.throwIfAborted()
        if (item.kind === 'unreadable') {
          items.push({
            source: source.name,
            path: item.path,
            verdict: item.code,
            bytes: 0,
            rows: null,
            findings: [{ code: 'PQ904', name: 'IO_ERROR', severity: 'error', message: item.message, repairable: 'no' }],
          })
          continue
        }
        const bytes = await project.store.open(item.file.uri)
        try {
          const diagnosis = await diagnoseFile(bytes, {
            name: path.basename(item.file.path),
            expected: source.format,
            level: 'footer',
          })
          items.push({
            source: source.name,
            path: item.file.path,
            verdict: diagnosis.verdict === 'not-parquet' && diagnosis.kind === 'sound' ? 'ok' : diagnosis.verdict,
            bytes: diagnosis.sizeBytes,
            rows: diagnosis.rows ?? null,
            findings: diagnosis.findings,
          })
        } finally {
          await bytes.close()
        }
      }
    }
    const bad = items.filter((item) =>
      item.findings.some((finding) => finding.severity === 'error' || finding.severity === 'fatal'),
    )
    const { style } = context
    emit(
      context.options.output,
      { schemaVersion: 1, kind: 'validate-source', files: items.length, bad: bad.length, items },
      () =>
        [
          bad.length === 0
            ? style.ok(`${formatAmount(items.length, 'file')}: container and footer are sound`)
            : `${formatAmount(items.length, 'file')}, ${style.bad(`${bad.length} cannot be read`)}`,
          ...(bad.length === 0
            ? []
            : [
                renderTable({
                  width: context.width,
                  paintHeader: (text) => style.dim(text),
                  columns: [
                    { title: 'source' },
                    { title: 'file', cut: 'middle', min: 20 },
                    { title: 'bytes', align: 'right' },
                    { title: 'rows', align: 'right' },
                    { title: 'finding' },
                    { title: 'what is wrong' },
                  ],
                  rows: bad.map((item) => [
                    item.source,
                    item.path,
                    formatBytes(item.bytes),
                    item.rows === null ? '–' : formatCount(item.rows),
                    item.findings[0]?.code ?? '',
                    item.findings[0]?.message ?? '',
                  ]),
                }),
                '',
                style.bold('Next'),
                `  tidegate explain ${bad[0]?.findings[0]?.code ?? ''}`,
              ]),
        ].join('\n'),
      context.stdout,
    )
    return bad.length === 0 ? 0 : 4
  } finally {
    await project.close()
  }
}
