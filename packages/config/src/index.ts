// Configuration
export { loadConfig, type LoadConfigOptions } from './load-config.ts'
export { parseConfig, type ConfigResult, type ParseConfigOptions } from './parse-config.ts'
export { showConfig, type Origin, type ShownValue } from './show-config.ts'
export type { ValueOrigin } from './tree.ts'
export { configTemplate, type TemplateKind, type TemplateSource, type Templates } from './config-template.ts'

// Ingestions that were made by API
export { buildIngestion, type IngestionEntry, type IngestionResult } from './build-ingestion.ts'
export { renderIngestion, renderIngestions } from './render-ingestion.ts'
export { leavesSandbox } from './sandbox.ts'
export { withIngestions, type MergedConfig } from './with-ingestions.ts'

// What channels can be told of
export { CHANNEL_KINDS, DEFAULT_EVENTS, EVENTS } from './channel-schema.ts'
export { parseSecret } from './channel-secret.ts'

// Contracts
export { parseContract, readContract, type ContractResult } from './parse-contract.ts'
export { placeInContract } from './place-in-contract.ts'
export { renderContract, type RenderContractOptions } from './render-contract.ts'

// Problems and what editors use
export type { Problem, ProblemCode } from './problem.ts'
export { renderProblem } from './render-problem.ts'
export { configJsonSchema, contractJsonSchema } from './json-schema.ts'

// Words
export { renderYaml } from './render-yaml.ts'
export { parseYamlValue, readYamlValue, type YamlValueResult } from './parse-yaml-value.ts'
export { placesOverlap, type GlobPlace } from './glob-overlap.ts'
export { parseDuration, parseSize } from './units.ts'
export { parseDotEnv, type DotEnv } from './parse-dot-env.ts'
