import { describe, expect, it } from 'vitest'
import { hasSequences, plainText, stretches } from './terminal-sequences.ts'

describe('what programs write to terminals', () => {
  it('is dropped around the text', () => {
    expect(plainText('\u001b[31mred\u001b[0m')).toBe('red')
    expect(
      plainText('\u001b]0;title\u0007after \u001b(B\u001b[38;5;12mblue\u001b[m, \u001b]8;;http://x\u001b\\link'),
    ).toBe('after blue, link')
    expect(plainText('\u001b[2J\u001b[10;4Hmoved\u001b[?25l\u001b7\u001b[!p\u001b[2 q.')).toBe('moved.')
    expect(plainText('a \\ b [31m')).toBe('a \\ b [31m')
  })

  it('leaves what was written last of what is written over', () => {
    expect(plainText('from Windows\r')).toBe('from Windows')
    expect(plainText('\rprogress 10%\rprogress 100%\rdone')).toBe('doneress 100%')
    expect(plainText('downloading 99%\r\u001b[Kdone')).toBe('done')
  })

  it.each([
    ['\u001b[31', ''],
    ['cut\u001b', 'cut'],
    ['\u001b[31é stays', 'é stays'],
    ['\u001b[38;5 stays', ' stays'],
    ['\u001b[1\u001b[32mgreen', 'green'],
    ['\u001b]0;no end', 'no end'],
    ['\u001b]8;;http://x link', ';http://x link'],
    ['\u001bPdata stays', 'data stays'],
    ['\u001b stays', ' stays'],
  ])('takes only its own letters when it is broken: %j', (text, plain) => {
    expect(plainText(text)).toBe(plain)
  })

  it('is cut at what sets colours and styles, and at nothing that only looks like it', () => {
    expect(stretches('a\u001b[1;31mb\u001b[2Kc\u001b[md\u001b[>4;1me')).toEqual([
      { text: 'a', sgr: '1;31' },
      { text: 'bc', sgr: '' },
      { text: 'de' },
    ])
    expect(hasSequences('a line')).toBe(false)
  })
})
