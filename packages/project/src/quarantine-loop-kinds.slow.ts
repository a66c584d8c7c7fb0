// The slow lane sets TIDEGATE_LANE: the same promises, on every kind of target.
import './quarantine-loop-kinds.test.ts'
