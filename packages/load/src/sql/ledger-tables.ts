/** Schema of ours in the target's database. Several target tables share it. */
export const HOME_SCHEMA = '_tidegate'

/** Hidden column of a target table: number of the part that the row belongs to. NULL: a row that is not ours. */
export const PART_COLUMN = '_tidegate_part'

/** Version of the tables below. A reader refuses a higher one. */
export const TABLES_FORMAT = 1

export const LEDGER: string = `"${HOME_SCHEMA}"."ledger"`
export const PART: string = `"${HOME_SCHEMA}"."part"`
export const REJECTED_ROW: string = `"${HOME_SCHEMA}"."rejected_row"`
export const FORMAT: string = `"${HOME_SCHEMA}"."format"`

/**
 * Statements that make the tables, each harmless where they are. `part` has the live parts: one per file version and staged
 * file, whose rows carry its id. `rejected_row` keeps what was rejected for good, whatever became of it in quarantine.
 */
export function createTables(types: { readonly text: string; readonly json: string }): readonly string[] {
  const { text, json } = types
  return [
    `CREATE SCHEMA IF NOT EXISTS "${HOME_SCHEMA}"`,
    `CREATE TABLE IF NOT EXISTS ${FORMAT} (version INTEGER PRIMARY KEY)`,
    `INSERT INTO ${FORMAT} SELECT ${TABLES_FORMAT} WHERE NOT EXISTS (SELECT 1 FROM ${FORMAT})`,
    `CREATE TABLE IF NOT EXISTS ${LEDGER} (table_name ${text} NOT NULL, seq BIGINT NOT NULL, batch ${text} NOT NULL, ` +
      `entry ${text} NOT NULL, PRIMARY KEY (table_name, seq), UNIQUE (table_name, batch))`,
    `CREATE TABLE IF NOT EXISTS ${PART} (table_name ${text} NOT NULL, id BIGINT NOT NULL, visible ${text} NOT NULL, ` +
      `file ${text} NOT NULL, rows BIGINT NOT NULL, PRIMARY KEY (table_name, id))`,
    `CREATE TABLE IF NOT EXISTS ${REJECTED_ROW} (table_name ${text} NOT NULL, seq BIGINT NOT NULL, batch ${text} NOT NULL, ` +
      `visible ${text} NOT NULL, file ${text} NOT NULL, number BIGINT NOT NULL, "row" ${json} NOT NULL, rules ${json})`,
  ]
}
