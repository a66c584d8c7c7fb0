import { readFileSync } from 'node:fs'

/**
 * How much of this machine's processor time its host gave to others meanwhile, 0 to 1: on a shared host it explains a figure that
 * nothing here explains. Linux only (`steal` in proc(5), /proc/stat); elsewhere 0.
 */
export function watchStolenTime(): { end(): number } {
  const begin = readTicks()
  return {
    end() {
      const end = readTicks()
      const total = end.total - begin.total
      return total <= 0 ? 0 : (end.stolen - begin.stolen) / total
    },
  }
}

function readTicks(): { readonly total: number; readonly stolen: number } {
  try {
    // user nice system idle iowait irq softirq steal; guest times are in user and nice already.
    const ticks = /^cpu +(.+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]?.split(' ').map(Number) ?? []
    return { total: ticks.slice(0, 8).reduce((sum, one) => sum + one, 0), stolen: ticks[7] ?? 0 }
  } catch {
    return { total: 0, stolen: 0 }
  }
}
