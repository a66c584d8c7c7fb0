/** Which files make the reading of a whole fail. Pure but for `attempt`. */
export interface Culprit<File> {
  readonly file: File
  readonly error: unknown
}

/**
 * Halves `files`, of which it is known that something fails, until each one to blame is alone. Empty where the halves are
 * all right by themselves: then only all of them together fail.
 *
 * @param attempt reads these files as they would be loaded, and leaves nothing behind
 */
export async function findCulprits<File>(
  files: readonly File[],
  attempt: (files: readonly File[]) => Promise<unknown>,
): Promise<readonly Culprit<File>[]> {
  if (files.length < 2) return []
  const middle = Math.ceil(files.length / 2)
  const found: Culprit<File>[] = []
  for (const half of [files.slice(0, middle), files.slice(middle)]) {
    const error = await attempt(half)
    if (error === undefined) continue
    const [file] = half
    if (half.length === 1 && file !== undefined) found.push({ file, error })
    else found.push(...(await findCulprits(half, attempt)))
  }
  return found
}
