import type { Facts } from '../facts.ts'
import type { MonitorContext } from '../monitored-source.ts'
import { overview } from '../views/overview.ts'
import { count, percent } from '../wording.ts'

const MOST_SOURCES = 50
const MOST_NEEDS = 12
/** Of a name. */
const MOST_CHARACTERS = 200

/** The overview as plain HTML, for readers without JavaScript. Some kilobytes at most. */
export function overviewHtml(project: string, facts: Facts, context: MonitorContext): string {
  const view = overview(facts, context)
  const more = view.sources.length - MOST_SOURCES
  return [
    '<noscript><main style="padding:16px;max-width:70rem">',
    `<h1>${text(project)}</h1><p>${text(view.summary)}</p>`,
    list(view.gauges.map(({ summary }) => text(summary))),
    list(
      view.attention
        .slice(0, MOST_NEEDS)
        .map(({ source, text: what, command }) => `${text(source)}: ${text(what)} <code>${text(command)}</code>`),
    ),
    '<table><caption>Sources</caption><thead><tr>',
    ['Source', 'Health', 'Score', 'Rows loaded', 'Files in quarantine', 'Last run']
      .map((head) => `<th scope="col">${head}</th>`)
      .join(''),
    '</tr></thead><tbody>',
    ...view.sources
      .slice(0, MOST_SOURCES)
      .map(
        (one) =>
          `<tr><th scope="row">${text(one.source)}</th>${[
            one.health,
            percent(one.score),
            count(one.rowsLoaded),
            count(one.openQuarantine),
            one.lastRunAt ?? 'never',
          ]
            .map((cell) => `<td>${text(cell)}</td>`)
            .join('')}</tr>`,
      ),
    `</tbody></table>${more > 0 ? `<p>and ${count(more)} more sources</p>` : ''}</main></noscript>`,
  ].join('')
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`
}

function text(value: string): string {
  const short = value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}…` : value
  return short.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
