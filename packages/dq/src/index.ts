// Contract against itself and against data
export { checkIds, expectationColumns } from './check-ids.ts'
export { compileContract, type CompileOptions } from './compile-contract.ts'
export { isRowLevel, type CompiledCheck, type CompiledContract, type SensitiveColumns } from './compiled-contract.ts'
export { validateExpectations, type ContractProblem } from './validate-expectations.ts'
export { expectationTypes, findExpectation } from './expectations/registry.ts'
export type {
  CheckProblem,
  ExpectationDefinition,
  ExpectationKind,
  Kwargs,
  KwargSpec,
} from './expectations/definition.ts'
export { isAssignable, parseType, type DataType, type TypeClass } from './data-type.ts'

// Plan and evaluate
export type { CheckPlan, PlannedCheck, PlannedQuery, SelectItem } from './check-plan.ts'
export { planChecks, type PlanOptions } from './plan-checks.ts'
export { explainPlan, type PlanRow } from './explain-plan.ts'
export { evaluateChecks, type EvaluateOptions } from './evaluate-checks.ts'

// Rows
export { failedRules, rowRules, type RowRule } from './row-rules.ts'
export { splitSql, type SplitOptions } from './split-sql.ts'
export { sampleFailingRows, type FailingRow, type SampleRowsOptions } from './sample-failing-rows.ts'
export { maskRecord, maskValue } from './mask.ts'

// Gate
export { decideGate, resolveGate, type GatePolicy } from './decide-gate.ts'

// Profile → contract

// Learning
export { profileRelation, type ProfileOptions } from './profile/profile-relation.ts'
export type {
  ColumnProfile,
  ColumnTotals,
  FileFacts,
  Profile,
  ProfiledFile,
  ProfiledSlice,
  SliceFacts,
  ValueCount,
} from './profile/profile-types.ts'
export type { ColumnFamily } from './profile/column-family.ts'
export type { TextClass } from './profile/text-class.ts'
export { selectSlices, slicesOfFiles } from './profile/select-slices.ts'
export { splitForLearning } from './profile/split-for-learning.ts'
export { learnContract, type LearnedContract, type LearnOptions } from './profile/learn-contract.ts'
export {
  formatExpectation,
  formatSuggestion,
  formatSuggestionBasis,
  suggestionFor,
  type DroppedSuggestion,
  type HoldOut,
  type Suggestion,
} from './profile/suggestion.ts'
export { findOddFiles } from './profile/find-odd-files.ts'
export type { OddFile } from './profile/oddity.ts'
export { diffContracts, type ChangeKind, type ContractChange } from './profile/diff-contracts.ts'
export { wilsonInterval, type Interval } from './profile/wilson.ts'
