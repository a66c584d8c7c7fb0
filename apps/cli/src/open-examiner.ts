import type { Diagnosis } from '@tidegate/core'
import { diagnose, openDoctor, type DiagnoseRequest, type Doctor } from '@tidegate/parquet'

export interface Examiner {
  diagnose(absolute: string, request: DiagnoseRequest, onBytes: (bytes: number) => void): Promise<Diagnosis>
  isStopped(): boolean
  close(): Promise<void>
}

/**
 * Container and footer are read here: a few kilobytes, bounded. Pages of files that nobody trusts are decoded in the
 * doctor's child process, which is started for the first of them.
 */
export function openExaminer(signal: AbortSignal): Examiner {
  let doctor: Doctor | undefined
  return {
    async diagnose(absolute, request, onBytes) {
      if (request.level === 'container' || request.level === 'footer')
        return await diagnose({ path: absolute }, { ...request, signal })
      doctor ??= openDoctor()
      return await doctor.diagnose(absolute, request, { signal, onProgress: ({ bytes }) => onBytes(bytes) })
    },
    isStopped: () => signal.aborted,
    close: async () => await doctor?.close(),
  }
}
