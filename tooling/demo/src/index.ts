export { layArrivals, layLandingZone, type Manifest } from './landing-zone.ts'
export { firstDayOf, flightsPath, WEEKS } from './lay-flights.ts'
export type { LandedFile } from './landed-file.ts'
export { DemoFailed, openStage, tidegateBin, type CommandExpectation, type CommandResult, type Stage } from './acts.ts'
