// The slow lane sets TIDEGATE_LANE: the same promises, for every file.
import './mutate.test.ts'
