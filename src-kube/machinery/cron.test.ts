import { describe, expect, it } from 'vitest'
import { type CronFields, parseCron } from './cron.ts'

function fieldsOf(text: string): CronFields {
  const cron = parseCron(text)
  if (!('fields' in cron)) throw new Error(`${text} has no fields`)
  return cron.fields
}

describe('a schedule', () => {
  it.each([
    ['minutes', '*/20 * * * *', [0, 20, 40]],
    ['hours', '* 0-2,20 * * *', [0, 1, 2, 20]],
    ['days', '* * 25/3 * *', [25, 28, 31]],
    ['months', '* * * JAN-mar,12 *', [1, 2, 3, 12]],
    ['weekdays', '* * * * sun,1-5/2', [0, 1, 3, 5]],
    ['months', '@yearly', [1]],
  ] as const)('names the %s of %s', (field, text, expected) => {
    expect([...fieldsOf(text)[field].has]).toEqual(expected)
  })

  it('says "any" with a star or a question mark, and not with steps', () => {
    const { days, weekdays, minutes } = fieldsOf('*/2 * ? * *')
    expect([days.any, weekdays.any, minutes.any]).toEqual([true, true, false])
  })

  it.each([
    ['@every 1h30m', 5_400_000],
    ['@every 1900ms', 1000],
    ['@every 10ms', 1000],
  ])('%s is due every %i ms', (text, every) => {
    expect(parseCron(text)).toEqual({ every })
  })

  it.each([
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['*/x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['constructor', 'expected exactly 5 fields, found 1: [constructor]'],
    ['@never', 'unrecognized descriptor: @never'],
    ['@every', 'unrecognized descriptor: @every'],
    ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
    ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
    ['@every 1d', 'failed to parse duration @every 1d: time: unknown unit "d" in duration "1d"'],
    ['@every 1.2.3s', 'failed to parse duration @every 1.2.3s: time: missing unit in duration "1.2.3s"'],
  ])('%s is refused: %s', (text, words) => {
    expect(() => parseCron(text)).toThrow(new Error(words))
  })

  // Work that grew with the square of the text would not end here.
  it('refuses a very long span as any other', () => {
    expect(() => parseCron(`@every ${'1'.repeat(1_000_000)}`)).toThrow('time: missing unit')
  })
})
