import { describe, expect, it } from 'vitest'
import { latestDue } from './due.ts'
import { parseSchedule } from './schedule.ts'
import { timeZone } from './zone.ts'

const utc = timeZone(undefined)
const at = (text: string) => Date.parse(text)
/** The next few times, in UTC. */
const times = (schedule: string, from: string, count = 2, zone?: string): string[] => {
  const parsed = parseSchedule(schedule, timeZone(zone))
  const found: string[] = []
  for (let time: number | undefined = at(from); found.length < count;) {
    time = parsed.next(time)
    if (time === undefined) return [...found, 'never']
    found.push(new Date(time).toISOString().slice(0, 16))
  }
  return found
}

describe('a schedule', () => {
  it.each([
    ['* * * * *', '2026-01-01T00:00:30Z', ['2026-01-01T00:01', '2026-01-01T00:02']],
    ['*/20 * * * *', '2026-01-01T00:20:00Z', ['2026-01-01T00:40', '2026-01-01T01:00']],
    ['5,10-12 3 * * *', '2026-01-01T03:05:00Z', ['2026-01-01T03:10', '2026-01-01T03:11']],
    ['30 10/6 * * *', '2026-01-01T00:00:00Z', ['2026-01-01T10:30', '2026-01-01T16:30']],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['0 0 30 2 *', '2026-01-01T00:00:00Z', ['never']],
    ['0 12 * jan,MAR mon', '2026-01-20T00:00:00Z', ['2026-01-26T12:00', '2026-03-02T12:00']],
    ['0 0 13 * fri', '2026-02-01T00:00:00Z', ['2026-02-06T00:00', '2026-02-13T00:00']],
    ['0 0 */10 * 1', '2026-01-02T00:00:00Z', ['2026-01-05T00:00', '2026-01-11T00:00']],
    ['0 0 ? * 1', '2026-01-02T00:00:00Z', ['2026-01-05T00:00', '2026-01-12T00:00']],
    ['@hourly', '2026-01-01T00:00:00Z', ['2026-01-01T01:00', '2026-01-01T02:00']],
    ['@daily', '2026-01-01T00:00:00Z', ['2026-01-02T00:00', '2026-01-03T00:00']],
    ['@midnight', '2026-01-01T00:00:00Z', ['2026-01-02T00:00', '2026-01-03T00:00']],
    ['@weekly', '2026-01-01T00:00:00Z', ['2026-01-04T00:00', '2026-01-11T00:00']],
    ['@monthly', '2026-01-01T00:00:00Z', ['2026-02-01T00:00', '2026-03-01T00:00']],
    ['@yearly', '2026-01-01T00:00:00Z', ['2027-01-01T00:00', '2028-01-01T00:00']],
    ['@annually', '2026-06-01T00:00:00Z', ['2027-01-01T00:00', '2028-01-01T00:00']],
    ['@every 1h30m', '2026-01-01T00:10:00Z', ['2026-01-01T01:40', '2026-01-01T03:10']],
  ])('%s after %s is due at %j', (schedule, from, expected) => {
    expect(times(schedule, from)).toEqual(expected)
  })

  it.each([
    ['New York', '0 9 * * *', 'America/New_York', '2026-01-01T00:00:00Z', ['2026-01-01T14:00', '2026-01-02T14:00']],
    ['half an hour off', '0 0 * * *', 'Asia/Kolkata', '2026-01-01T00:00:00Z', ['2026-01-01T18:30', '2026-01-02T18:30']],
    // Clocks go from 02:00 to 03:00 on 29 March 2026 and from 03:00 to 02:00 on 25 October.
    [
      'what is skipped',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T00:00:00Z',
      ['2026-03-28T01:30', '2026-03-30T00:30'],
    ],
    ['what repeats', '30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', ['2026-10-25T00:30', '2026-10-25T01:30']],
    // Midnight is skipped in Beirut on 29 March 2026 and repeated in Havana on 1 November.
    [
      'days without midnight',
      '0 5 * * *',
      'Asia/Beirut',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T02:00', '2026-03-30T02:00'],
    ],
    [
      'midnight twice',
      '30 0 * * *',
      'America/Havana',
      '2026-10-31T12:00:00Z',
      ['2026-11-01T04:30', '2026-11-01T05:30'],
    ],
  ])('reads the clock on the wall: %s', (_what, schedule, zone, from, expected) => {
    expect(times(schedule, from, 2, zone)).toEqual(expected)
  })

  it('refuses what is no schedule', () => {
    expect(() => parseSchedule('* * * *', utc)).toThrow('expected exactly 5 fields, found 4: [* * * *]')
  })

  it('runs no more often than once a second', () => {
    expect(parseSchedule('@every 10ms', utc).next(1500)).toBe(2000)
  })
})

describe('the time that is due', () => {
  const due = (schedule: string, earliest: string, now: string) => {
    const { latest, many } = latestDue(parseSchedule(schedule, utc), at(earliest), at(now))
    return [latest === undefined ? 'none' : new Date(latest).toISOString().slice(0, 19), many]
  }
  it.each([
    ['0 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:59:59Z', ['none', false]],
    ['0 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z', ['2026-01-01T01:00:00', false]],
    ['0 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T05:30:00Z', ['2026-01-01T05:00:00', false]],
    ['* * * * *', '2026-01-01T00:00:00Z', '2026-03-01T05:30:10Z', ['2026-03-01T05:30:00', true]],
    ['0 10 1 * *', '1980-01-01T00:00:00Z', '2026-03-01T05:30:10Z', ['2026-02-01T10:00:00', true]],
    ['@every 7s', '2026-01-01T00:00:00Z', '2026-01-02T00:00:03Z', ['2026-01-02T00:00:01', true]],
    ['0 0 30 2 *', '2026-01-01T00:00:00Z', '2026-03-01T05:30:10Z', ['none', false]],
  ])('of %s since %s at %s is %j', (schedule, earliest, now, expected) => {
    expect(due(schedule, earliest, now)).toEqual(expected)
  })
})

it.each([
  [undefined, '2026-01-02T03:04:05Z'],
  ['Europe/Berlin', '2026-01-02T04:04:05+01:00'],
  ['America/St_Johns', '2026-01-01T23:34:05-03:30'],
])('times are written with the offset of %s', (zone, expected) => {
  expect(timeZone(zone).format(at('2026-01-02T03:04:05.678Z'))).toBe(expected)
})
