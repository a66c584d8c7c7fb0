import { codeOf, messageOf } from '@tidegate/core'
import { pino, type Logger } from 'pino'
import type { AlertLoopEvent } from '../alerts/open-alert-loop.ts'
import type { RunnerEvent } from '../runs/runner-event.ts'
import type { ConfigFileEvent } from './config-file.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Where credentials would stand, should somebody log what holds them. */
const SECRETS = ['authorization', 'cookie', 'token', 'secret', 'password', 'csrf', 'headers'].flatMap((name) => [
  name,
  `*.${name}`,
])

/** JSON lines: `time` in UTC ISO 8601, `level` as a word, `event`, then what belongs to it. Never a secret or a value of data. */
export function openLog(level: LogLevel, writeLog: (line: string) => void): Logger {
  return pino(
    {
      level,
      base: null,
      messageKey: 'event',
      redact: { paths: SECRETS, censor: '[hidden]' },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => failureOf(error) },
    },
    { write: writeLog },
  )
}

/** Of an error what is ours to tell: its code and its sentence. */
function failureOf(error: unknown): { readonly code: string; readonly message: string } {
  return { code: codeOf(error) ?? 'INTERNAL', message: messageOf(error) }
}

export function logRunner(log: Logger, event: RunnerEvent): void {
  switch (event.kind) {
    case 'started': {
      const { kind: _kind, ...fields } = event
      return log.info(fields, 'attempt started')
    }
    case 'ended': {
      const { kind: _kind, ...fields } = event
      return event.state === 'dead' ? log.error(fields, 'attempt ended') : log.info(fields, 'attempt ended')
    }
    case 'adopted':
      return log.warn({ job: event.job, attempts: event.attempts }, 'run of another daemon goes on here')
    case 'lost':
      return log.warn({ job: event.job, attempt: event.attempt }, 'run was taken over by another daemon')
    case 'set-aside':
      return log.warn({ job: event.job, until: new Date(event.notBeforeMs).toISOString() }, 'run was killed too often')
    case 'line':
      return log.info({ job: event.job, attempt: event.attempt, line: event.text }, 'attempt says')
    case 'trouble':
      return log.warn({ what: event.what, err: event.error }, 'runner: the state did not answer')
  }
}

export function logAlerts(log: Logger, event: AlertLoopEvent): void {
  switch (event.kind) {
    case 'told':
      // Each run that ends says that something may be over: mostly nobody has to be told.
      return log[event.notices > 0 ? 'info' : 'debug'](
        { signals: event.signals, notices: event.notices },
        'alerts folded',
      )
    case 'not-delivered': {
      const { kind: _kind, event: about, isGivenUp, ...fields } = event
      return log.warn({ ...fields, about, givenUp: isGivenUp }, 'notice not delivered')
    }
    case 'failed':
      return log.error({ err: event.error }, 'alerts: a step failed')
  }
}

export function logConfigFile(log: Logger, event: ConfigFileEvent): void {
  switch (event.kind) {
    case 'read':
      return log.info({ sources: event.sources }, 'configuration was edited: in force')
    case 'refused':
      return log.error({ message: event.message }, 'configuration was edited: refused, what was in force stays')
    case 'warning':
      return log.warn({ message: event.message }, 'configuration')
  }
}
