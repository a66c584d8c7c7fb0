// The slow lane sets TIDEGATE_LANE: the same promise, for more cells.
import './matrix.test.ts'
