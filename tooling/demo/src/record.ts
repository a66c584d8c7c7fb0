import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Puts transcripts of this very run between the markers `<!-- recording:NAME -->` and `<!-- /recording -->` of the README.
 * NAME is a word of an act's title, lower-case; recorded is what follows the act's first command. Lines are cut at 130
 * characters; nothing else is changed.
 */
export function recordIntoReadme(file: string, transcripts: ReadonlyMap<string, string>): void {
  const text = readFileSync(file, 'utf8')
  const recorded = text.replaceAll(
    /<!-- recording:([a-z]+) -->[\s\S]*?<!-- \/recording -->/g,
    (whole: string, name: string) => {
      const title = [...transcripts.keys()].find((candidate) => candidate.toLowerCase().includes(name))
      if (title === undefined) return whole
      const transcript = transcripts.get(title) ?? ''
      const lines = transcript
        .slice(Math.max(0, transcript.indexOf('$ ')))
        .trimEnd()
        .split('\n')
      const shown = lines.map((line) => (line.length > 130 ? `${line.slice(0, 129)}…` : line))
      return `<!-- recording:${name} -->\n\`\`\`text\n${shown.join('\n')}\n\`\`\`\n<!-- /recording -->`
    },
  )
  writeFileSync(file, recorded)
}
