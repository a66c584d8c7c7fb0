import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'

export interface QuarantinePaper {
  /** Absolute. */
  readonly file: string
  /** Its text for papers (`.json`), null for data. */
  readonly text: string | null
}

/** Everything in the quarantine folder that belongs to one held file: its copy, its reasons, its rejected rows. */
export async function readQuarantinePapers(
  folder: string,
  quarantinePath: string,
): Promise<readonly QuarantinePaper[]> {
  const prefix = path.join(folder, quarantinePath)
  const directory = path.dirname(prefix)
  const names = await readdir(directory).catch(() => [])
  const papers: QuarantinePaper[] = []
  for (const name of names.filter((candidate) => candidate.startsWith(path.basename(prefix))).sort()) {
    const file = path.join(directory, name)
    papers.push({ file, text: name.endsWith('.reasons.json') ? await readFile(file, 'utf8') : null })
  }
  return papers
}
