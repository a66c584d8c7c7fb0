import type { SchedulerOptions } from './scheduler-types.ts'

/** Looks for files that go on beside the loop: a slow listing holds no other schedule up. */
export interface FileLooks {
  /** The answer of a look that ended, given once. Undefined: it goes on, or was started by this call, or waits for its turn. */
  ask(schedule: string, source: string): boolean | undefined
  close(): void
}

/** @param onAnswer called when the answer for this schedule can be asked for */
export function openFileLooks(
  options: Pick<SchedulerOptions, 'lookForFiles' | 'report'>,
  onAnswer: (schedule: string) => void,
): FileLooks {
  const answers = new Map<string, boolean>()
  const running = new Set<string>()
  const closing = new AbortController()

  async function look(schedule: string, source: string): Promise<void> {
    let found = false
    try {
      found = await options.lookForFiles(source, closing.signal)
    } catch (error) {
      if (!closing.signal.aborted) options.report(error, schedule)
    }
    running.delete(schedule)
    if (closing.signal.aborted) return
    answers.set(schedule, found)
    onAnswer(schedule)
  }

  return {
    ask(schedule, source) {
      const answer = answers.get(schedule)
      answers.delete(schedule)
      if (answer === undefined && !running.has(schedule) && running.size < AT_ONCE) {
        running.add(schedule)
        void look(schedule, source)
      }
      return answer
    },
    close: () => closing.abort(),
  }
}

const AT_ONCE = 4
