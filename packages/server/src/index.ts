export { serveMonitor, type MonitorServer, type MonitorServerOptions } from './serve-monitor.ts'
