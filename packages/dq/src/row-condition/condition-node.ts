import type { Comparison } from '../expression/expression.ts'

/** A condition as it was written, before it meets the columns: the same tree for all three languages. */
export type ConditionNode =
  | Placed<{ readonly kind: 'column'; readonly name: string; /** Written without quotes. */ readonly bare: boolean }>
  /** A number is kept as its digits. */
  | Placed<{ readonly kind: 'number'; readonly text: string }>
  | Placed<{ readonly kind: 'text'; readonly text: string }>
  | Placed<{ readonly kind: 'boolean'; readonly value: boolean }>
  | Placed<{ readonly kind: 'null' }>
  | Placed<{ readonly kind: 'list'; readonly items: readonly ConditionNode[] }>
  | Placed<{
      readonly kind: 'arithmetic'
      readonly operator: '+' | '-' | '*' | '/'
      readonly left: ConditionNode
      readonly right: ConditionNode
    }>
  | Placed<{ readonly kind: 'negative'; readonly item: ConditionNode }>
  | Placed<{
      readonly kind: 'compare'
      readonly operator: Comparison
      readonly left: ConditionNode
      readonly right: ConditionNode
    }>
  | Placed<{ readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly items: readonly ConditionNode[] }>
  | Placed<{ readonly kind: 'not'; readonly item: ConditionNode }>
  | Placed<{ readonly kind: 'in'; readonly item: ConditionNode; readonly values: readonly ConditionNode[] }>
  | Placed<{ readonly kind: 'is-null'; readonly item: ConditionNode }>
  | Placed<{ readonly kind: 'like'; readonly item: ConditionNode; readonly pattern: string }>
  | Placed<{
      readonly kind: 'affix'
      readonly item: ConditionNode
      readonly end: 'start' | 'end'
      readonly text: string
    }>

/** `at`: index of the character in the text; undefined where the condition came as JSON. */
type Placed<Node> = Node & { readonly at: number | undefined }

export function negated(item: ConditionNode): ConditionNode {
  return { kind: 'not', item, at: item.at }
}
