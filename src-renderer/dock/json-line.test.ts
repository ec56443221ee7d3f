import { describe, expect, it } from 'vitest'
import { jsonParts } from './json-line.ts'

const words = (line: string): string | undefined =>
  jsonParts(line)
    ?.map(({ text }) => text)
    .join('')

describe('a line that is one JSON object', () => {
  it.each([
    // zap, slog, pino, logstash, hclog, structlog
    ['{"level":"info","ts":1767225600.123,"msg":"ready","port":8080}', '00:00:00.123 INFO  ready port=8080'],
    ['{"time":"2026-01-01T08:00:00.5+08:00","level":"WARN","msg":"slow"}', '00:00:00.500 WARN  slow'],
    ['{"level":50,"time":1767225600123,"pid":1,"msg":"no"}', '00:00:00.123 ERROR no pid=1'],
    [
      '{"@timestamp":"2026-01-01T00:00:00Z","message":"m","log.level":"debug","ecs":{"version":"1.6"}}',
      '00:00:00.000 DEBUG m ecs={"version":"1.6"}',
    ],
    ['{"@level":"trace","@message":"m","@module":"raft"}', 'TRACE m @module=raft'],
    ['{"event":"started","level":"critical"}', 'CRITICAL started'],
    ['{"timestamp":1767225600123456789,"severity":"NOTICE"}', '00:00:00.123 NOTICE'],
    ['{"ts":"noon","a":null,"b":[1,2],"c":true}', 'noon a=null b=[1,2] c=true'],
  ])('says when, how bad and what, then the rest: %s', (line, expected) => {
    expect(words(line)).toBe(expected)
  })

  it('shows where a value ends', () => {
    expect(words('{"a":"two words","b":"","c":"x=1","d":"say \\"hi\\"","e":"plain"}')).toBe(
      String.raw`a="two words" b="" c="x=1" d="say \"hi\"" e=plain`,
    )
  })

  it('keeps numbers as they were written', () => {
    expect(words('{"trace":12345678901234567890,"v":1.0,"in":{"id":9007199254740993}}')).toBe(
      'trace=12345678901234567890 v=1.0 in={"id":"9007199254740993"}',
    )
  })

  it('tells levels apart', () => {
    const as = (level: string) => jsonParts(`{"level":${level}}`)?.[0]?.as
    expect(['"error"', '"Fatal"', '60', '"warning"', '40', '"info"', '"debug"', '20', '"odd"'].map(as)).toEqual([
      'failed',
      'failed',
      'failed',
      'warning',
      'warning',
      'info',
      'debug',
      'debug',
      'info',
    ])
  })

  it('leaves a field among the others when it is no word', () => {
    expect(words('{"message":{"a":1},"level":null,"msg":"m"}')).toBe('m message={"a":1} level=null')
  })

  it('drops colours inside it', () => {
    expect(words(String.raw`{"msg":"\u001b[32mgreen\u001b[0m"}`)).toBe('green')
  })
})

it.each(['{}', '[1]', '{"a":1', '{"a":1} and more', 'plain', '', '{not json}', '"text"'])('leaves %j alone', (line) => {
  expect(jsonParts(line)).toBeUndefined()
})
