import { describe, expect, test } from 'vitest'
import { safeParagraphs, safeText } from './safe-text.ts'
import { padText, textWidth, truncateText } from './text-width.ts'

describe('safeText', () => {
  test('shows what a terminal would act on', () => {
    expect(safeText('a\u001b[2Jb\r\n\tc\u0007')).toBe(String.raw`a\x1b[2Jb\r\n\tc\x07`)
    expect(safeText('\u009b31m\u007f')).toBe(String.raw`\x9b31m\x7f`)
  })

  test('shows what reorders or hides text, but keeps what scripts and emoji need', () => {
    expect(safeText('gpj\u202eexe')).toBe(String.raw`gpj\u{202e}exe`)
    expect(safeText('a\u200bb\ufeff\u2066\u{e0041}')).toBe(String.raw`a\u{200b}b\u{feff}\u{2066}\u{e0041}`)
    expect(safeText('👩‍👩‍👧 é می‌خواهم ½ \\')).toBe('👩‍👩‍👧 é می‌خواهم ½ \\')
  })

  test('shows half a surrogate pair', () => {
    expect(safeText('x\ud83d')).toBe(String.raw`x\u{d83d}`)
  })

  test('paragraphs keep their lines and nothing else', () => {
    expect(safeParagraphs('a\r\nb\u001b[0m\rc')).toBe('a\nb\\x1b[0m\\rc')
  })
})

describe('textWidth', () => {
  test('wide characters take two cells, marks none, clusters what they show', () => {
    expect(textWidth('abc')).toBe(3)
    expect(textWidth('日本')).toBe(4)
    expect(textWidth('한글')).toBe(4)
    expect(textWidth('ｱ')).toBe(1)
    expect(textWidth('Ａ')).toBe(2)
    expect(textWidth('e\u0301')).toBe(1)
    expect(textWidth('👍🏽')).toBe(2)
    expect(textWidth('👩‍👩‍👧')).toBe(2)
    expect(textWidth('🇩🇪')).toBe(2)
    expect(textWidth('файл')).toBe(4)
    expect(textWidth('')).toBe(0)
  })
})

describe('truncateText', () => {
  test('cuts to the width and marks the place', () => {
    expect(truncateText('abcdef', 6)).toBe('abcdef')
    expect(truncateText('abcdef', 5)).toBe('abcd…')
    expect(truncateText('abcdefgh', 5, 'middle')).toBe('ab…gh')
    expect(truncateText('abcdef', 1)).toBe('…')
    expect(truncateText('abcdef', 0)).toBe('')
  })

  test('never cuts a wide character or a cluster in two', () => {
    expect(truncateText('日本語', 4)).toBe('日…')
    expect(truncateText('a🇩🇪b', 3)).toBe('a…')
    expect(truncateText('日本語日本語', 8, 'middle')).toBe('日本…語')
  })

  test('padding counts cells, not characters', () => {
    expect(padText('日', 4)).toBe('日  ')
    expect(padText('日', 4, 'right')).toBe('  日')
    expect(padText('long', 2)).toBe('long')
  })
})
