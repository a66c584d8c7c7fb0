// The slow lane sets TIDEGATE_LANE: the same promises, for every file.
import './plan-lost-footer.test.ts'
