/** A share, 0–1, with what the sample lets one say of it. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * Wilson's 95% interval for the share behind `successes` of `trials`. With no trials nothing is known: 0 to 1.
 */
export function wilsonInterval(successes: number, trials: number): Interval {
  if (trials <= 0) return { low: 0, high: 1 }
  const share = successes / trials
  const z2 = Z * Z
  const centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
  const half = (Z / (1 + z2 / trials)) * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials))
  // At the ends the formula gives 0 and 1 up to rounding; say so exactly.
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
  }
}

const Z = 1.959963984540054
