// The slow lane sets TIDEGATE_LANE: the same commands, each in a process of its own.
import './commands.test.ts'
