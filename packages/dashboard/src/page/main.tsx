import { render } from 'preact'
import { Shell } from './shell/shell.tsx'
import { embeddedSource } from './source/embedded-source.ts'
import { httpSource } from './source/http-source.ts'
import { openSource } from './state/open-source.ts'
import { prefetchViews } from './state/prefetch.ts'
import './styles/index.css'

const embedded = document.querySelector('#report-data')
const root = document.querySelector('#app')
if (root !== null) {
  const opened = openSource(embedded === null ? httpSource('/views/') : embeddedSource(embedded))
  render(<Shell />, root)
  prefetchViews()
  void opened
}
