import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuckDB } from '@tidegate/duckdb'
import type { Session } from '@tidegate/core'
import { translatePattern, translateToScript } from './translate-pattern.ts'

/** Texts in which the patterns below are looked for. */
// prettier-ignore
const TEXTS: readonly string[] = [
  "", "a", "A", "abc", "ABC", "aaa", "aab", "abab", "foo bar", "foo", "foobar", "xfoo", "foo\n", "foo\n\n", "\nfoo",
  "a\nb", "b\n", "123", "12a", "\u0661\u0662\u0663", "4\u00b2", "\u00bd", "caf\u00e9", "CAF\u00c9", "e\u0301",
  "\u017f", "\u212a", "\u0130", "\u0131", "\u00df", "\u1e9e", "\u03a3\u03c3\u03c2", "_", "a_b", "a-b", "a.b", "a b",
  " a ", "\t", "\u00a0", "\u2003", "\u001c", "\u0085", "2024-01-31", "2024-13-99", "user@example.com", "not an e-mail",
  "00:1b:44:11:3a:b7", "192.168.0.1", "{1}", "[x]", "a\\b", "\ud83d\ude00", "\ud835\udfd9", "((a))", "\"q\"", "it's",
  "aXbXc", "The the cat", "<b>x</b>", "\u4e2d\u6587", "x\u00e9y", "\r\n", "a\rb", "fffff1", "DE89370400440532013000",
]

/**
 * As `re.search` of CPython 3.11.2 answers: one bit for each text, the first one highest, in hexadecimal; then the pattern.
 */
const FOUND = String.raw`
04000000000000000 abc
15e868801f01c49c4 a|b
04000000000000000 ^abc$
20000000000000000 ^$
3ffffffffffffffff $
3ffffffffffffffff ^
11000800000000000 a$
00168000000000000 foo$
00148000000000000 foo\Z
00030000000000000 foo\n$
00020000000000000 foo$\n
00138000000000000 (?m)^foo$
00178000000000000 (?m)foo$
2003a000000000008 (?m)^$
3ffffffffffffffff (?m)$
00006000000000000 (?m)^b
003b0000000000000 \Afoo
10000000000000000 \Aa\Z
1ffffffffffffffff .
1800211fa0f803008 ^.$
00000220000000020 ^..$
1800211fa0f803008 (?s)^.$
008040001e0044104 (?s)a.b
008000001e0044104 a.b
008040001e0044104 (?s:a.)b
00001e00000671003 \d
00001400000001000 ^\d+$
00001400000000000 ^\d{3}$
1fffebfffffffefff \D
3fffe1fffff98effc ^\D*$
1fffffffff07fdff7 \w
1fde3fdff00001133 ^\w+$
0023e0200ffffeecc \W
0000000000f802008 ^\W+$
0023e00003f88008c \s
0000000000f800008 ^\s+$
1fffffffff07ffff7 \S
1fde3ffffc077ff73 ^\S+$
00001000000000000 (?a)^\d+$
1fde3800300000103 (?a)^\w+$
00000000008000008 (?a)^\s+$
0023e7ffcfffffefc (?a)\W
1fffffffff7fffff7 (?a)\S
1fffeffffffffffff (?a)\D
07ff9ac01007e0393 (?a:\w)\w
00338000000000000 \bfoo\b
003b8000000000000 \bfoo
00378000000000000 foo\b
1fffffffff07fdff7 \b
07ffbee051fffaffb \B
1fffffffff07fdff7 \b\b
00378000000000000 o\b
15c040001f0084904 \ba
110048000f0044804 a\b
1fffffffff07fdff7 \b\w+\b
00000000000000000 \bcaf\b
00000000000000000 caf\b
00000080000000000 (?a)caf\b
07ffbfffd1fffbfeb (?a)\B
00080000000000000 (?a)foo\B
00080000000000000 foo\B
003f8000000000000 \Boo
003f8000000180000 \Bo
00000000100000000 \B_
04c00000000000000 a\Bb
00000000000000000 a\bb
00000000080000000 a\b-b
00000000080000000 -\bb
00001400000020000 \b\d{3}\b
00000000000008040 x\b
00040000000008050 \bx|y\b
003b8000000000000 (\bfoo|bar\b)
00338000000000000 (?:\bfoo\b)+
00338000000000000 \b(?:foo|bar)\b
002000200f07fcec4 .\b.
15e868801f01c49c4 [abc]
0a3ffffffffffffff [^abc]
15e868801f01c49c4 [a-c]+
15e848801f01cc984 []a]
0efffffffffffffff [^]a]
15e848801f07c4984 [a-]
15e848801f07c4984 [-a]
15e848801f07c4984 [a\-z]
00001e000806f1003 [\d-]
00000000000100000 [\w.]+@
1fffebfffffffefff [^\d]
0023e0200ffffeecc [^\w]
1fde21dfc00000130 ^[^\W\d_]+$
1fffffffdf07fdff7 [^\W_]
0efffffffe07fd7f7 [^\Wa]
0023fe200fffffecf [\W\d]
00001e00000671003 [^\W\D]
1fffffffff07ffff7 [\S]
0023e00003f88008c [^\S]
00000000000000000 [^\s\S]
1ffffffffffffffff [\s\S]
00000000000000000 [\b]
0003e000000000008 [\n]
0a000040000000000 [\x41-\x43]
00000006000000000 [\u0130-\u0131]
00000000000002000 [\U0001F600]
0a000040000000000 [\101]
0a000040000000000 \101
15e848801f01c4984 \x61
15e848801f01c4984 \u0061
00000000000002000 \U0001f600
00000000000000000 \0
00000000000000000 \07
00000000000008000 [[]x
00000000000000000 [[:alpha:]]
15e868801f01c49c4 [a&&b]
15e868801f01c49c4 [a||b]
06000000000000000 (?i)abc
000000c0000000000 (?i)CAFÉ
000000c0000000010 (?i)é
000000c0000000010 (?i)[é-ê]
00000008000000000 (?i)k
00000010000100200 (?i)s
00000000000000000 (?i)ss
00000001800000000 (?i)ß
00000006000080200 (?i)i
00000006000000000 (?i)^I$
00000006000080200 (?i)İ
00000006000080200 (?i)ı
00000000400000000 (?i)σ
06fffffffffffffff (?i)[^a]
0017973fe0fe3b63b (?i)^[^a-c]+$
1fde201e000000100 (?i)^[a-z]+$
00000000000000000 (?ai)k
00000080000000010 (?ai)é
02000000000000000 (?i:a)B
04c00000000000000 (?i:a)b
04c00000000000000 (?-i:a)b
04c00000000000000 (?i)a(?-i:b)
1fffffffff07fdff7 (?i)\w
00138000000000000 (?im)^FOO$
04000000000000000 (?x) a b c # no
00000000020000000 (?x)a\ b
00000000010080000 (?x)[ ]a
00000000020000000 (?x: a ) b
00000000000600000 (?P<y>\d{4})-(?P<m>\d\d)
00000000000000400 (?P<q>['"]).*?(?P=q)
00000000000000000 (a)(b)\2\1
01800000000000000 (a)\1
01800000000000000 (a|b)\1
01800000000000000 (?:(a)|b)\1
01800000000000000 (?i)(a)\1
00000000000000080 (?i)\b(\w+) \1\b
00000000000000040 <(\w)>.*</\1>
00000800000040002 ^(?=.*\d)(?=.*[a-z])
11a848801f01c4984 a(?!b)
04c00000000000000 a(?=b)
04c00000000000000 (?<=a)b
002860001e0044144 (?<!a)b
00000800000040000 (?<=\d)a
00338000000000000 (?<!\w)foo(?!\w)
15c040001e0004104 (?<=^)a
3ffffffffffffffff (?=$)
00000000000000000 (?!)
3ffffffffffffffff (?=)
3ffffffffffffffff (?!a)
3fc4fffffffffffff ^(?!foo)
3ffe3ffffffefffff ^(?!.*@).*$
04000000000000000 (?<=a|b)c
00000000100000000 (?<=(?:a|b)_)b
04c00000000000000 (?>a+)b
00000000000000000 (?>a|ab)c
00000000000000000 (?>a+)a
04c00000000000000 a++b
00000000000000000 a++a
00000000000000000 a*+a
01800000000000000 a?+a
00400000000000000 (?:ab)?+ab
01000000000000000 a{1,2}+a
01800000000000000 a{2}
01800000000000000 a{2,}
3ffffffffffffffff a{,2}
30000000000000000 ^a{,2}$
3ffffffffffffffff a{,}
00000000000000000 a{}
00000000000000000 a{
00000000000000000 a{x}
00000000000000000 a{1
04e860001e0044144 a{0}b
3ffffffffffffffff x{0,0}
01800000000000000 (a{2}){1,2}
3ffffffffffffffff a*?
11000000000000000 ^a+?$
10000000000000000 ^a??a$
3ffffffffffffffff (|a)+
3ffffffffffffffff (a*)*
3ffffffffffffffff (a*)+
04e860001e0044144 (?:a?)*b
3ffffffffffffffff ()
3ffffffffffffffff (?:)
3ffffffffffffffff |
3ffffffffffffffff a|
15e848801f01c4984 (?#comment)a
3ffffffffffffffff a(?#c)*
15e848801f01c4984 (?:(?:a))
15e848801f01c4984 ((a))
00000000000000800 \(\(
00000000040120000 \.
00000000000100000 ^\S+@\S+\.\S+$
00000000000100000 ^[\w.+-]+@[\w-]+\.[\w.-]+$
00000000000600000 ^\d{4}-\d{2}-\d{2}$
00000000000400000 ^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$
00000000000040000 ^([0-9a-f]{2}:){5}[0-9a-f]{2}$
00000000000020000 ^((25[0-5]|2[0-4]\d|1?\d?\d)(\.|$)){4}$
00000000000020000 ^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$
00000000000000001 ^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$
00000000000000000 (\d+)\.\1
00002000100000000 (?:^|_)b
11002800000000000 a$|^b
15e868001e0044144 (a$|b)
3ffffffffffffffff (?:a$)?
3ffffffffffffffff (a$)*
15c040001e0004104 (^a)+
15c060001e0004104 ^a|b$
15c060001e0004104 ^(a|b$)
1ffefffffffffffff [^\n]$
00032000000000008 \n$
00032000000000008 \n\Z
00000000000000008 \r$
3ffffffffffffffff $\Z
15c040001e0004104 ^^a
11000800000000000 a$$
11c068001e0004004 (?:a|b)$
00000000000008000 [\]]
00000000000008000 \[x\]
00000000000004000 [\\]
00000000000004000 \\
00000000000004000 a\\b
00000000000000400 "
00000000000000200 '
00000080000000010 é
00000000000000020 中
00000000000000020 [一-龥]
00000000000000020 \u4e2d
000007ffc06803030 [^\x00-\x7f]
1ffffffffffffcfff [\x00-\uffff]
1ffe38003f07fcfc3 ^[\x20-\x7e]+$
00000000000000000 [\ud800-\udfff]
00000000008000000 \t
00000000000000000 \v
00000000000000000 \f
00000000000000000 \a
00000000000000008 \r\n
00000000080680000 \-
00000000000000040 \/
00000000000100000 \@
00000080000000010 \é
1fffffffff07fdff7 (?u)\w
04c00000000000000 (?:(?P<a>a))(?(a)b|c)
15e848801f01c4984 (?=(a))\1
04c00000000000000 (?=(a+))\1b
00400000000000000 (?<=(a))b\1
00400000000000000 (?:(a)b)+\1
3ffffffffffffffff (?s).*$
3ffffffffffffffff (?s)\A.*\Z
1ffffffffffffffff (?s).
00001e00000671003 \d+(?:\.\d+)?
00001e00000671003 [+-]?\d+
00000000000000080 (?i)the (?i:the)
00000000000000080 (?i)(?P<w>\w+)\s+(?P=w)
1fffffffff07fdff7 \w{1,40}
00000000000000000 \w{2,500}x
00000000000000000 a{1001}
00000000000000000 (?:a{100}){20}
00000000000100000 [^@]+@[^@]+
`

interface Fact {
  readonly pattern: string
  /** One `0` or `1` for each text. */
  readonly found: string
}

const FACTS: readonly Fact[] = FOUND.trim()
  .split('\n')
  .map((line) => {
    const space = line.indexOf(' ')
    const found = BigInt(`0x${line.slice(0, space)}`)
      .toString(2)
      .padStart(TEXTS.length, '0')
    return { pattern: line.slice(space + 1), found }
  })

/** Python takes it, and no engine here can say the same. */
const UNTRANSLATABLE: ReadonlySet<string> = new Set(['(?:(a)|b)\\1'])

let session: Session
beforeAll(async () => {
  session = await openDuckDB({ threads: 1 })
})
afterAll(() => session.close())

test('DuckDB finds what Python finds, wherever a pattern is given to it', async () => {
  const differences: string[] = []
  let byEngine = 0
  for (const { pattern, found } of FACTS) {
    const translated = translatePattern(pattern)
    if (translated.kind !== 'engine') continue
    byEngine += 1
    const answer = await findInEngine(translated.pattern)
    if (answer !== found) differences.push(`${pattern} as ${translated.pattern}: ${differing(answer, found)}`)
  }
  expect(differences).toEqual([])
  expect(byEngine).toBeGreaterThan(200)
})

test('JavaScript finds what Python finds', () => {
  const differences = FACTS.flatMap(({ pattern, found }) => {
    const translated = translateToScript(pattern)
    if (translated.kind === 'problem') return UNTRANSLATABLE.has(pattern) ? [] : [`${pattern} ${translated.message}`]
    const compiled = new RegExp(translated.source, translated.flags)
    const answer = TEXTS.map((text) => (compiled.test(text) ? '1' : '0')).join('')
    return answer === found ? [] : [`${pattern} as ${translated.source}: ${differing(answer, found)}`]
  })
  expect(differences).toEqual([])
})

async function findInEngine(pattern: string): Promise<string> {
  const { dialect } = session
  const rows = TEXTS.map((text, index) => `(${index}, ${dialect.literal(text)})`).join(', ')
  const found = `CASE WHEN ${dialect.regexSearch('t', pattern)} THEN '1' ELSE '0' END`
  const result = await session.query(`SELECT string_agg(${found}, '' ORDER BY i) FROM (VALUES ${rows}) v(i, t)`)
  return String(result.rows[0]?.[0])
}

function differing(answer: string, found: string): string {
  return TEXTS.filter((_, index) => answer[index] !== found[index])
    .map((text) => JSON.stringify(text))
    .join(' ')
}
