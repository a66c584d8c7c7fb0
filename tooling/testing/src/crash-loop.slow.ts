// The slow lane sets TIDEGATE_LANE: the same promises, with more kills.
import './crash-loop.test.ts'
