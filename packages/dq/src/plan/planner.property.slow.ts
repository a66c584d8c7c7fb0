// The slow lane sets TIDEGATE_LANE: the same promises, for more cases.
import './planner.property.test.ts'
