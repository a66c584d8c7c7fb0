import { Component, type ComponentChildren } from 'preact'

interface Props {
  /** Another page is another try. */
  readonly name: string
  readonly children?: ComponentChildren
}

/** One page that breaks must not take the others with it. */
export class Guard extends Component<Props, { readonly broken: string | undefined; readonly name: string }> {
  override state = { broken: undefined as string | undefined, name: this.props.name }

  static override getDerivedStateFromProps(props: Props, state: { name: string }): object | null {
    return props.name === state.name ? null : { broken: undefined, name: props.name }
  }

  override componentDidCatch(error: unknown): void {
    this.setState({ broken: error instanceof Error ? error.message : String(error) })
  }

  override render(): ComponentChildren {
    if (this.state.broken === undefined) return this.props.children
    return (
      <section class="card" role="alert">
        <h1>This page could not be shown</h1>
        <p>{this.state.broken.slice(0, 500)}</p>
        <p class="muted">The other pages work. The same numbers are in the terminal: tidegate monitor</p>
      </section>
    )
  }
}
