import { expectRepairs } from '../expect-repairs.ts'

expectRepairs(1)
