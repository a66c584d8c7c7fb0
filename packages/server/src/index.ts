export { serveMonitor, type LiveFacts, type MonitorServer, type MonitorServerOptions } from './serve-monitor.ts'
