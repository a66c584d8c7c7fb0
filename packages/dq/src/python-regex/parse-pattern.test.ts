import { expect, test } from 'vitest'
import { parsePattern } from './parse-pattern.ts'
import { PatternError } from './syntax.ts'
import { translatePattern } from './translate-pattern.ts'

/** As CPython 3.11.2 refuses them: position (`-`: none), pattern, message. */
const REFUSED = String.raw`
0 *  nothing to repeat
2 a**  multiple repeat
2 a|*  nothing to repeat
0 (  missing ), unterminated subpattern
1 a)  unbalanced parenthesis
0 [a  unterminated character set
0 []  unterminated character set
0 [^]  unterminated character set
1 a\  bad escape (end of pattern)
2 [a\  bad escape (end of pattern)
0 \q  bad escape \q
1 [\q]  bad escape \q
1 [z-a]  bad character range z-a
1 [\d-a]  bad character range \d-a
1 [a-\d]  bad character range a-\d
2 a{2,1}  min repeat greater than max repeat
- (?<=a+)b  look-behind requires fixed-width pattern
- (?<!a|bc)  look-behind requires fixed-width pattern
4 (?P<1a>x)  bad character in group name '1a'
4 (?P<a  missing >, unterminated name
4 (?P<>x)  missing group name
12 (?P<a>x)(?P<a>y)  redefinition of group name 'a' as group 2; was group 1
4 (?P=x)  unknown group name 'x'
1 (?Px)  unknown extension ?Px
2 (?  unexpected end of pattern
3 (?P  unexpected end of pattern
3 (?<  unexpected end of pattern
1 (?<x)  unknown extension ?<x
1 (?y)  unknown extension ?y
1 a(?i)b  global flags not at the start of the expression
2 a|(?i)b  global flags not at the start of the expression
4 (?i-)  missing flag
4 (?i-:a)  missing flag
4 (?-a:b)  bad inline flags: cannot turn off flags 'a', 'u' and 'L'
5 (?i-i:a)  bad inline flags: flag turned on and off
3 (?L)a  bad inline flags: cannot use 'L' flag with a str pattern
4 (?au)a  bad inline flags: flags 'a', 'u' and 'L' are incompatible
3 (?i  missing -, : or )
3 (?iz)  unknown flag
3 (?i  missing -, : or )
3 (?-  missing flag
4 (?-i  missing :
1 \1  invalid group reference 1
4 (a)\2  invalid group reference 2
2 (a\1)  cannot refer to an open group
10 (?P<a>(?P=a))  cannot refer to an open group
0 \x1  incomplete escape \x1
0 \u12  incomplete escape \u12
0 \U1234567  incomplete escape \U1234567
0 \U00110000  bad escape \U00110000
0 \400  octal escape value \400 outside of range 0-0o377
1 [\400]  octal escape value \400 outside of range 0-0o377
1 [\8]  bad escape \8
1 \8  invalid group reference 8
1 ^*  nothing to repeat
1 $+  nothing to repeat
2 \b*  nothing to repeat
3 a???  multiple repeat
2 a+*  multiple repeat
4 a{2}{3}  multiple repeat
0 (?#x  missing ), unterminated comment
0 (?(1)a  missing ), unterminated subpattern
3 (?(x)a)  unknown group name 'x'
3 (?(0)a)  bad group number
8 (?(1)a|b|c)  conditional backref with more than two branches
3 (?(1)a)  invalid group reference 1
9 (?<=(a)\1)  cannot refer to group defined in the same lookbehind subpattern
2 \N  missing {
3 \N{  missing character name
0 (?:a  missing ), unterminated subpattern
0 (?=a  missing ), unterminated subpattern
0 ((a)  missing ), unterminated subpattern
3 (a))  unbalanced parenthesis
- a{99999999999}  the repetition number is too large
0 \  bad escape (end of pattern)
1 *\  bad escape (end of pattern)
0 (?P<a>  missing ), unterminated subpattern
0 (?>  missing ), unterminated subpattern
0 \Qa  bad escape \Q
0 \pL  bad escape \p
0 \R  bad escape \R
0 \h  bad escape \h
0 \G  bad escape \G
0 \z  bad escape \z
1 (?<n>a)  unknown extension ?<n
1 (?|a)  unknown extension ?|
1 (?R)  unknown extension ?R
1 (?&a)  unknown extension ?&
0 \k<a>  bad escape \k
1 (?^i)  unknown extension ?^
2 é*(  missing ), unterminated subpattern
4 (?i)*  nothing to repeat
1 |+  nothing to repeat
1 (*)  nothing to repeat
3 x*+*  multiple repeat
5 a{1}?+  multiple repeat
1 [b-a]  bad character range b-a
3 [\x62-a]  bad character range \x-a
12 (?P<é>a)(?P=é  missing ), unterminated name
4 (?P=  missing group name
3 (?(a  missing ), unterminated name
1 [a--b]  bad character range a--
0 {1}  nothing to repeat
`

test.each(
  REFUSED.trim()
    .split('\n')
    .map((line) => /^(?<position>-|\d+) (?<pattern>.*?) {2}(?<message>.*)$/.exec(line)?.groups ?? {}),
)('$pattern is refused as Python refuses it, at $position', ({ pattern = '', position, message }) => {
  let refused: unknown
  try {
    parsePattern(pattern)
  } catch (error) {
    refused = error
  }
  expect(refused).toBeInstanceOf(PatternError)
  expect(refused).toMatchObject({ message, position: position === '-' ? undefined : Number(position) })
})

test.each([
  ['(?:(a)|b)\\1', 'refers to group 1, which may not have taken part'],
  ['(a)?(?(1)b|c)', 'refers to group 1, which may not have taken part'],
  ['\\N{DIGIT ONE}', 'names a character, \\N{DIGIT ONE}: write the character itself'],
  ['(?i:(a))(?=b)\\1(?i:\\1)', 'has a back-reference that ignores case in a pattern that does not'],
])('%s is a problem, though Python takes it', (pattern, message) => {
  expect(translatePattern(pattern)).toMatchObject({ kind: 'problem', message })
})

test('a pattern beyond every limit is a problem and no crash', () => {
  expect(translatePattern('('.repeat(9000) + ')'.repeat(9000)).kind).toBe('problem')
  expect(translatePattern('a'.repeat(100_000)).kind).toBe('problem')
  expect(translatePattern(`(?i)[${'\\x00-\\U0010ffff'.repeat(200)}]`).kind).toBe('engine')
})

test('the engine gets whatever it can say, JavaScript the rest', () => {
  expect(translatePattern('^\\d{4}$')).toEqual({ kind: 'engine', pattern: '(?:\\A[\\p{Nd}]{4}(?:\\n?\\z))' })
  expect(translatePattern('(?P<year>20\\d\\d)').kind).toBe('engine')
  expect(translatePattern('\\bfoo\\b').kind).toBe('engine')
  expect(translatePattern('(?<=a)b').kind).toBe('script')
  expect(translatePattern('(a+)+$').kind).toBe('engine')
  // RE2 would need too many steps for it.
  expect(translatePattern('\\w{1,900}').kind).toBe('script')
})
