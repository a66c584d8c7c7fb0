import { computed } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { hasOperations, readSession } from '../operations/api.ts'
import { SignIn } from '../operations/sign-in.tsx'
import { PAGE_COMPONENTS } from '../pages/pages.ts'
import { address, announcement, loading, needsSignIn, problem, report } from '../state/app.ts'
import { busy } from '../state/in-turn.ts'
import { Empty } from '../ui/card.tsx'
import { Guard } from '../ui/guard.tsx'
import { FilterBar } from './filter-bar.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { listenToKeys } from './keys.ts'
import { Nav, PAGE_TITLES } from './nav.tsx'

/** Given to the attribute as it is, so that nothing else is rendered when it changes. */
const isBusy = computed(() => (loading.value || busy.value ? 'true' : 'false'))

export function Shell(): JSX.Element {
  const [help, setHelp] = useState(false)
  const main = useRef<HTMLElement>(null)
  const { page } = address.value
  useEffect(() => listenToKeys(() => setHelp(true)), [])
  const offers = hasOperations.value
  useEffect(() => {
    // Who is not known may read, and is offered nothing more.
    if (offers) readSession().catch(() => {})
  }, [offers])
  const before = useRef(page)
  useEffect(() => {
    document.title = `${PAGE_TITLES[page]} · ${(report.value?.project ?? 'Tidegate').slice(0, 80)}`
    if (before.current === page) return
    before.current = page
    main.current?.focus()
    scrollTo(0, 0)
  }, [page, report.value])
  return (
    <>
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        Skip to content
      </a>
      <div class="shell">
        <Nav />
        <FilterBar onHelp={() => setHelp(true)} />
        <main ref={main} id="content" tabIndex={-1} aria-busy={isBusy}>
          <Content />
        </main>
      </div>
      <HelpDialog open={help} onClose={() => setHelp(false)} />
      <div class="visually-hidden" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </>
  )
}

function Content(): JSX.Element {
  if (needsSignIn.value) return <SignIn />
  if (problem.value !== undefined && report.value === undefined) {
    return (
      <section class="card" role="alert">
        <h1>This page has nothing to show</h1>
        <p>{problem.value}</p>
      </section>
    )
  }
  if (report.value === undefined) return <Empty title="Reading the report…" />
  const Page = PAGE_COMPONENTS[address.value.page]
  return (
    <>
      {problem.value === undefined ? null : (
        <p class="notice" role="alert">
          {problem.value} What is shown is from before.
        </p>
      )}
      {report.value.trimmed.length === 0 ? null : (
        <p class="notice">To keep this file small it has only {report.value.trimmed.join(', ')}. All sums are whole.</p>
      )}
      <Guard name={address.value.page}>
        <Page />
      </Guard>
    </>
  )
}
