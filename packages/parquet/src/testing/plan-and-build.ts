import type { ByteSource } from '@tidegate/core'

import { closeFile } from '../assemble/footer-builder.ts'
import { planContainer, type ContainerOptions } from '../repair/container/plan-container.ts'
import { planFooter, type FooterOptions } from '../repair/footer/plan-footer.ts'
import type { ContainerPlan, FooterPlan } from '../repair/stages.ts'
import { viewOf } from '../source/pieces.ts'
import { bytesSource } from './byte-source.ts'

export interface Planned {
  readonly container: ContainerPlan
  /** Undefined where the container gives no view. */
  readonly footer: FooterPlan | undefined
  /** The file by these two plans alone; undefined where there is none. */
  readonly bytes: Uint8Array | undefined
}

/** Plans container and footer of damaged bytes, and builds the file that they mean. */
export async function planAndBuild(
  bytes: Uint8Array,
  options: ContainerOptions & FooterOptions = {},
): Promise<Planned> {
  const source = bytesSource(bytes)
  const container = await planContainer(source, options)
  if (container.kind !== 'view') return { container, footer: undefined, bytes: undefined }
  const view = viewOf(source, container.pieces)
  const footer = await planFooter(view, options)
  return { container, footer, bytes: footer.kind === 'footer' ? await build(view, footer) : undefined }
}

async function build(view: ByteSource, plan: Extract<FooterPlan, { kind: 'footer' }>): Promise<Uint8Array> {
  if (plan.steps.length === 0) return await view.read(0, view.sizeBytes)
  return Buffer.concat([await view.read(0, plan.footer.footerOffset), closeFile(plan.tree)])
}
