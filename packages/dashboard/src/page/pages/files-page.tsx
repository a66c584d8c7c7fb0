import type { FileNode } from '@tidegate/monitor'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { piecesOf, sunburstOption, type TreeSource } from '../charts/tree.ts'
import { bytes, count } from '../format/amounts.ts'
import { hrefOf, hrefOfLink, hrefWith } from '../state/app.ts'
import { useShown, useView } from '../state/shown.ts'
import { PageHead } from '../ui/card.tsx'
import { Chart } from '../ui/chart.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Bytes, Count, Name, Percent, When } from '../ui/number.tsx'
import { Grid } from '../ui/slice.tsx'
import { FileList } from './file-list.tsx'
import { QuarantineCards } from './quarantine-cards.tsx'

type Measure = 'rows' | 'bytes'

export function FilesPage(): JSX.Element | null {
  const view = useView('files')
  return (
    <>
      <PageHead title="Files" summary={view.summary} />
      <Grid>
        <Explorer />
        <FileList />
        <QuarantineCards />
      </Grid>
    </>
  )
}

function Explorer(): JSX.Element | null {
  const { address } = useShown()
  const view = useView('files')
  const { params } = address
  const measure: Measure = params.get('size') === 'bytes' ? 'bytes' : 'rows'
  const trail = useMemo(() => trailTo(view.tree, params.get('source'), params.get('folder')), [view, params])
  const here = trail.at(-1) ?? view.tree
  const option = useMemo(() => {
    const roots = here.children.map((child) => sourceOf(child, measure))
    return (palette: Parameters<typeof sunburstOption>[2], summary: string) =>
      sunburstOption(piecesOf(roots), measure === 'rows' ? '@count' : '@bytes', palette, summary)
  }, [here, measure])
  return (
    <>
      <Chart
        title="Where the data is"
        span={5}
        height={380}
        points={Math.min(view.nodes, 300)}
        summary={`${count(here.files)} files with ${count(here.rowsRead)} rows, ${bytes(here.bytes)}. The angle is ${measure}, the colour the mean score from red to green; grey has none.`}
        option={option}
        table={<Level node={here} />}
      >
        <div class="segments" role="group" aria-label="Size by">
          {(['rows', 'bytes'] as const).map((one) => (
            <a key={one} href={hrefWith({ size: one })} aria-current={one === measure ? 'true' : undefined}>
              {one}
            </a>
          ))}
        </div>
      </Chart>
      <section class="card span-7" aria-label="Folders">
        <div class="card-head">
          <div>
            <h2>Folders</h2>
            <p>
              <a href={hrefOf('files', { source: null, folder: null })}>all sources</a>
              {trail.map((node) => (
                <span key={node.id}>
                  {' / '}
                  <a href={hrefOf('files', { source: node.source, folder: node.kind === 'folder' ? node.path : null })}>
                    {node.name.slice(0, 80)}
                  </a>
                </span>
              ))}
            </p>
          </div>
        </div>
        <Level node={here} />
        {view.cuts.map((cut) => (
          <p class="small muted" key={cut}>
            {cut}
          </p>
        ))}
      </section>
    </>
  )
}

function Level({ node }: { node: FileNode }): JSX.Element {
  return (
    <DataTable
      caption={`What is in ${node.kind === 'root' ? 'all sources' : node.name.slice(0, 120)}`}
      rows={node.children}
      pageRows={15}
      columns={[
        {
          label: 'Name',
          value: (row) => row.name,
          cell: (row) => (
            <Name
              text={row.kind === 'more' ? `${row.name} (not shown one by one)` : row.name}
              link={row.kind === 'more' ? undefined : row.link}
            />
          ),
        },
        { label: 'Files', kind: 'count', value: (row) => row.files, link: (row) => row.link },
        { label: 'Rows', kind: 'count', value: (row) => row.rowsRead, link: (row) => row.link },
        { label: 'Rejected', kind: 'count', value: (row) => row.rowsRejected, link: (row) => row.link },
        { label: 'Size', kind: 'number', value: (row) => row.bytes, cell: (row) => <Bytes value={row.bytes} /> },
        {
          label: 'Held',
          kind: 'number',
          value: (row) => row.held,
          cell: (row) => (
            <Count value={row.held} link={{ page: row.link.page, params: { ...row.link.params, outcome: 'held' } }} />
          ),
        },
        { label: 'Score', kind: 'number', value: (row) => row.score, cell: (row) => <Percent value={row.score} /> },
        {
          label: 'Newest',
          kind: 'nowrap',
          value: (row) => row.lastAt,
          cell: (row) => <When at={row.lastAt} relative />,
        },
      ]}
    />
  )
}

/** The nodes from the source down to the folder that the address names. */
function trailTo(root: FileNode, source: string | null, folder: string | null): readonly FileNode[] {
  if (source === null) return []
  const first = root.children.find((node) => node.source === source)
  if (first === undefined) return []
  const trail = [first]
  let here = first
  if (folder === null || folder === '') return trail
  for (;;) {
    const next = here.children.find(
      ({ kind, path }) => kind === 'folder' && (path === folder || folder.startsWith(`${path}/`)),
    )
    if (next === undefined) return trail
    trail.push(next)
    here = next
  }
}

/** Nothing of a node is made before it is drawn. */
function sourceOf(node: FileNode, measure: Measure): TreeSource {
  return {
    name: node.name,
    value: measure === 'rows' ? node.rowsRead : node.bytes,
    score: node.score,
    href: () => (node.kind === 'more' ? undefined : hrefOfLink(node.link)),
    children: () => node.children.map((child) => sourceOf(child, measure)),
  }
}
