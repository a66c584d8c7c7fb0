// The slow lane sets TIDEGATE_LANE: the same promises, at every moment.
import './quarantine-loop-crash.test.ts'
