/** The process that answers questions of the desk. It has no state and changes none, and it dies with its parent. */
import { toJson } from '@tidegate/core'
import { answerQuestion } from './answer-question.ts'
import { toPlainError, type FromDesk, type ToDesk } from './desk-protocol.ts'

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('SIGINT', () => {})
process.on('message', (order: ToDesk) => void answer(order))

async function answer(order: ToDesk): Promise<void> {
  let message: FromDesk
  try {
    message = { kind: 'answer', id: order.id, answer: toJson(await answerQuestion(order)) }
  } catch (error) {
    message = { kind: 'error', id: order.id, error: toPlainError(error) }
  }
  process.send?.(message)
}
