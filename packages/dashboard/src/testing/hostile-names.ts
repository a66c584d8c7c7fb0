/** What names may hold and pages must bear. */
export const HOSTILE_NAMES: Readonly<Record<'markup' | 'quotes' | 'long', string>> = {
  markup: `</script><img src=x onerror="globalThis.harmed=1">`,
  quotes: `"'\`$&{{x}}\u2028\u2029`,
  long: `column_${'x'.repeat(10_000)}`,
}
