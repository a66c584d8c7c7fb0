import type { ExpectationDefinition, KwargSpec } from './definition.ts'
import { problem } from './problems.ts'
import { judgeRows } from './row-judgement.ts'

/** Expectations that Great Expectations once had. Their suites still name them; nobody can answer them any more. */
export const REMOVED_EXPECTATIONS: readonly ExpectationDefinition[] = [
  removed(
    'expect_column_chisquare_test_p_value_to_be_greater_than',
    ['column', 'partition_object', 'p', 'tail_weight_holdout'],
    'Use expect_column_kl_divergence_to_be_less_than with the same partition_object.',
  ),
  removed(
    'expect_column_bootstrapped_ks_test_p_value_to_be_greater_than',
    ['column', 'partition_object', 'p', 'bootstrap_samples', 'bootstrap_sample_size'],
    'Use expect_column_kl_divergence_to_be_less_than or expect_column_quantile_values_to_be_between.',
  ),
  removed(
    'expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than',
    ['column', 'distribution', 'p_value', 'params'],
    'Use expect_column_mean_to_be_between, expect_column_stdev_to_be_between and expect_column_quantile_values_to_be_between.',
  ),
  removed(
    'expect_column_pair_cramers_phi_value_to_be_less_than',
    ['column_A', 'column_B', 'bins_A', 'bins_B', 'n_bins_A', 'n_bins_B', 'threshold', 'ignore_row_if'],
    'Use expect_column_pair_values_to_be_in_set, or unexpected_rows_expectation with SQL of your own.',
  ),
]

function removed(type: string, names: readonly string[], instead: string): ExpectationDefinition {
  const any: KwargSpec = { type: 'any' }
  return {
    type,
    kind: type.includes('_pair_') ? 'pair-map' : 'column-aggregate',
    dimension: 'consistency',
    label: 'removed',
    kwargs: Object.fromEntries(names.map((name) => [name, any])),
    compile: () => problem('CHECK_REMOVED', `Great Expectations removed ${type}, which never worked in 1.0`, instead),
    judge: judgeRows,
  }
}
