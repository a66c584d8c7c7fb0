import { openDuckDB } from '@tidegate/duckdb'
import { compileContract, planChecks, evaluateChecks } from './index.ts'
const s = await openDuckDB({ threads: 2 })
await s.query(`COPY (select (random()*1000)::int a, random() b, case when random()<0.01 then null else 'x'||(i%5000) end c, (random()*100)::bigint d, (random()*100)::decimal(9,2) e, date '2024-01-01' + (i%365)::int f, timestamp '2024-01-01' + to_seconds(i%100000) g, i h from range(2000000) r(i)) TO '/tmp/dqx/t.parquet' (FORMAT parquet)`)
const relation = { sql: `read_parquet(['/tmp/dqx/t.parquet'], filename='__tg_file', file_row_number=true)`, columns: (await s.query(`describe select * from '/tmp/dqx/t.parquet'`)).rows.map((r) => ({ name: String(r[0]), type: String(r[1]) })), fileColumn: '__tg_file', rowColumn: 'file_row_number', files: [{ key: '/tmp/dqx/t.parquet', path: 't' }] }
const E: any[] = []
for (const c of 'abcdefgh') E.push({ type: 'expect_column_values_to_not_be_null', kwargs: { column: c, mostly: 0.9 } })
for (const c of 'abdeh') { E.push({ type: 'expect_column_values_to_be_between', kwargs: { column: c, min_value: 0, max_value: 1000000000, strict_min: false } }, { type: 'expect_column_mean_to_be_between', kwargs: { column: c, min_value: 0 } }, { type: 'expect_column_max_to_be_between', kwargs: { column: c, min_value: 0 } }, { type: 'expect_column_min_to_be_between', kwargs: { column: c, min_value: 0 } }) }
for (const c of 'fg') E.push({ type: 'expect_column_values_to_be_between', kwargs: { column: c, min_value: '2024-01-01', max_value: '2030-01-01' } })
E.push({ type: 'expect_column_values_to_match_regex', kwargs: { column: 'c', regex: '^x[0-9]+$' } }, { type: 'expect_column_value_lengths_to_be_between', kwargs: { column: 'c', min_value: 2, max_value: 8 } })
E.push({ type: 'expect_column_values_to_be_in_set', kwargs: { column: 'd', value_set: Array.from({ length: 101 }, (_, i) => i) } })
const contract = { contract: 't', version: 1, schema: { columns: {} }, expectations: E }
const plan = planChecks(compileContract(contract, relation.columns), relation, s.dialect)
console.log(plan.queries.map((q) => q.id + ' ' + q.answers.length)); console.log(plan.queries[0]!.sql.slice(0, 3000))
const P = [...'abcdefgh'].map(c=>`count(*) - count(${c})`)
for (const c of 'abdeh') P.push(`count_if(${c} < 0 or ${c} > 1000000000)`, `avg(${c})`, `max(${c})`, `min(${c})`)
P.push(`count_if(f < date '2024-01-01' or f > date '2030-01-01')`, `count_if(g < timestamp '2024-01-01' or g > timestamp '2030-01-01')`, `count_if(not regexp_matches(c, '^x[0-9]+$'))`, `count_if(length(c) < 2 or length(c) > 8)`, `count_if(d not in (${Array.from({ length: 101 }, (_, i) => i)}))`)
const hand = `select count(*), ${P} from read_parquet('/tmp/dqx/t.parquet')`
let a = 1e9, b = 1e9
for (let i = 0; i < 6; i++) { let t = performance.now(); await s.query(hand); a = Math.min(a, performance.now() - t); t = performance.now(); const r = await evaluateChecks(s, plan); b = Math.min(b, performance.now() - t); if (i === 0) console.log([...r.values()][0]!.filter((x) => x.outcome !== 'passed')) }
console.log('hand', a, 'ours', b, b / a)
await s.close()
