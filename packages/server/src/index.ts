export { serveMonitor, type LiveFacts, type MonitorServer, type MonitorServerOptions } from './serve-monitor.ts'
export { openDaemon, type Daemon, type DaemonOptions, type OpenDaemonResult } from './daemon/open-daemon.ts'
export { boundHeap } from './daemon/bound-heap.ts'
export type { LogLevel } from './daemon/daemon-log.ts'

// Tokens, for commands that make them without a daemon
export { isUsable, makeToken, type MadeToken, type TokenSpec } from './access/token.ts'
