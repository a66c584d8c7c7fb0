// Contract against itself and against data
export { checkIds, expectationColumns } from './compile/check-ids.ts'
export { compileContract, type CompileOptions } from './compile/compile-contract.ts'
export {
  isRowLevel,
  type CompiledCheck,
  type CompiledContract,
  type SensitiveColumns,
} from './compile/compiled-contract.ts'
export { validateExpectations, type ContractProblem } from './compile/validate-expectations.ts'
export { expectationTypes, findExpectation } from './expectations/registry.ts'
export {
  TARGET_TABLE,
  type CheckProblem,
  type ExpectationDefinition,
  type ExpectationKind,
  type Kwargs,
  type KwargSpec,
  type MetricPoint,
  type OtherTable,
} from './expectations/definition.ts'
export { isAssignable, parseType, type DataType, type TypeClass } from './expression/data-type.ts'

// Validate: data and a suite in, Great Expectations' validation result out
export { validate, validateEach, type ValidateOptions } from './validate/validate.ts'
export type { ConnectionLike } from './validate/session-of.ts'
export type { Suite } from './validate/read-suite.ts'
export type {
  ArrowData,
  ArrowField,
  ArrowTable,
  ArrowVector,
  Data,
  FilesData,
  RowsData,
  TableData,
} from './validate/data/data.ts'
export type { ResultFormat, ResultFormatName, ResultFormatSettings } from './results/result-format.ts'
export { RESULT_FORMATS, resolveResultFormat, type ResolvedFormat } from './results/result-format.ts'
export { reportOf } from './results/report-of.ts'
export { gxJson, stringifyResult } from './results/gx-value.ts'
export { columnTypes, expectationConfig, toGxResult, type GxResultOptions } from './results/gx-result.ts'
export type {
  CheckNote,
  GxExceptionInfo,
  GxExpectationResult,
  JsonObject,
  SuiteGeneration,
  ValidationMeta,
  ValidationResult,
  ValidationStatistics,
} from './results/gx-types.ts'
export {
  defineExpectation,
  type ConditionExpectation,
  type ConditionParts,
  type TestedExpectation,
} from './define-expectation.ts'
export { and, column, compare, isNull, not, or, type Comparison, type Expression } from './expression/expression.ts'

// Plan and evaluate
export type { CaptureSettings, CheckPlan, PlannedCheck, PlannedQuery, SelectItem } from './plan/check-plan.ts'
export { planChecks, type PlanOptions } from './plan/plan-checks.ts'
export { explainPlan, type ExplainedPlan, type PlanRow } from './plan/explain-plan.ts'
export type { FailingValues, ValueTest, ValueTester } from './value-tests/value-test.ts'
export { evaluateChecks, evaluatePlan, type EvaluateOptions, type Evaluation } from './evaluate/evaluate-checks.ts'

// Rows
export { failedRules, rowRules, type RowRule } from './rows/row-rules.ts'
export { splitSql, type SplitOptions } from './rows/split-sql.ts'
export { sampleFirstRows, type SampledRow } from './rows/sample-first-rows.ts'
export { sampleFailingRows, type FailingRow, type SampleRowsOptions } from './rows/sample-failing-rows.ts'
export { maskRecord, maskValue } from './evaluate/mask.ts'

// Conditions, parameters, limits, scores
export { parseRowCondition, type RowCondition } from './row-condition/parse-row-condition.ts'
export { restrict } from './row-condition/restrict.ts'
export { resolveParameters, type ResolvedArguments } from './suite-parameters/resolve-parameters.ts'
export { decideLimits, type CheckLimits } from './limits/decide-limits.ts'
export { scoreChecks, scoreText, type Score, type Scores } from './scores/score-checks.ts'

// Over time
export { normalBand, type BandOptions, type NormalBand } from './over-time/normal-band.ts'
export {
  classifySchemaDrift,
  type DriftOptions,
  type SchemaChange,
  type SchemaChangeKind,
} from './over-time/classify-schema-drift.ts'

// Gate
export { decideGate, resolveGate, type GatePolicy } from './gate/decide-gate.ts'

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

// Other formats
export type { FormatNote } from './formats/format-note.ts'
export { readGxSuite, type GxGeneration, type GxSuite, type GxSuiteResult } from './formats/gx/read-gx-suite.ts'
export { importGxSuite, type ContractImport } from './formats/gx/gx-contract.ts'
export { writeGxSuite, type GxSuiteExport } from './formats/gx/write-gx-suite.ts'
export { importDbtSchema, type DbtContract, type DbtImport } from './formats/dbt/import-dbt-schema.ts'
export { writeDbtSchema, type DbtExport } from './formats/dbt/write-dbt-schema.ts'
export { importOdcs, type OdcsContract, type OdcsImport, type OdcsOptions } from './formats/odcs/import-odcs.ts'
export { writeOdcs, type OdcsExport } from './formats/odcs/write-odcs.ts'

// Reports
export { renderJUnit, type JUnitOptions } from './outputs/render-junit.ts'
export { renderGithubAnnotations } from './outputs/render-github-annotations.ts'
export { renderGithubSummary, renderMarkdown, type MarkdownOptions } from './outputs/render-markdown.ts'
export type { ResultsReport } from './outputs/results-report.ts'
