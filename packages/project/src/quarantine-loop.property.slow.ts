// The slow lane sets TIDEGATE_LANE: the same promises, for more sequences.
import './quarantine-loop.property.test.ts'
