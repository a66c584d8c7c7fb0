export { countInstants, instantsBetween, nextInstant } from './calendar.ts'
export { jobIdOf } from './job-of.ts'
export { openScheduler } from './open-scheduler.ts'
export { planTicks, type TickPlan, type TickQuestion } from './plan-ticks.ts'
export { schedulesOf } from './schedules-of.ts'
export {
  SCHEDULER_TIMING,
  type Scheduler,
  type SchedulerHealth,
  type SchedulerOptions,
  type SchedulerStore,
  type SchedulerTiming,
  type WantedSchedule,
} from './scheduler-types.ts'
