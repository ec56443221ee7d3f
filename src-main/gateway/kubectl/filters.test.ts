import { expect, it } from 'vitest'
import { filterOf } from './filters.ts'
import { createPipeline } from './pipeline.ts'

/** What comes out of filters when text goes in as it is cut. */
function through(filters: string[][], ...parts: string[]) {
  let said = ''
  let enough = 0
  const pipeline = createPipeline(filters.map(filterOf), {
    say: (bytes) => void (said += Buffer.from(bytes).toString()),
    enough: () => void enough++,
  })
  for (const part of parts) pipeline.write(Buffer.from(part))
  const code = pipeline.end()
  return { said, code, enough }
}

const PODS = 'NAME     READY\nweb-1    1/1\nweb.2    0/1\ndb-0     1/1\n'

it.each([
  [['grep', 'web'], 'web-1    1/1\nweb.2    0/1\n'],
  [['grep', '-v', '1/1'], 'NAME     READY\nweb.2    0/1\n'],
  [['grep', '-i', 'name'], 'NAME     READY\n'],
  [['grep', '-c', '/1'], '3\n'],
  [['grep', '-F', 'web.'], 'web.2    0/1\n'],
  [['grep', '-E', '^(web)'], undefined],
  [['grep', '-E', '^db|READY$'], 'NAME     READY\ndb-0     1/1\n'],
  [['grep', '^db\\|READY$'], 'NAME     READY\ndb-0     1/1\n'],
  [['grep', 'b|R'], ''],
  [['grep', '[0-9]/1'], 'web-1    1/1\nweb.2    0/1\ndb-0     1/1\n'],
  [['grep', '-w', 'web'], 'web-1    1/1\nweb.2    0/1\n'],
  [['head', '-2'], 'NAME     READY\nweb-1    1/1\n'],
  [['head', '-n', '1'], 'NAME     READY\n'],
  [['tail', '-n1'], 'db-0     1/1\n'],
  [['wc', '-l'], '4\n'],
])('%j lets through what it does in a shell', (words, expected) => {
  if (expected === undefined) expect(() => filterOf(words)).toThrow('grep takes here simple expressions only')
  else expect(through([words], PODS).said).toBe(expected)
})

it('passes lines on as soon as they are whole, however they come', () => {
  expect(through([['grep', 'é']], 'caf', '\u00e9\nno\nth', '\u00e9 end')).toMatchObject({
    said: 'caf\u00e9\nth\u00e9 end\n',
    code: 0,
  })
  expect(through([['grep', 'none']], PODS)).toMatchObject({ said: '', code: 1 })
})

it('goes through several, and says when no more is wanted', () => {
  expect(
    through(
      [
        ['grep', '/1'],
        ['tail', '-2'],
        ['head', '-1'],
      ],
      PODS,
    ).said,
  ).toBe('web.2    0/1\n')
  expect(through([['head', '-1']], PODS, PODS).enough).toBe(1)
  expect(
    through(
      [
        ['grep', '-v', 'NAME'],
        ['wc', '-l'],
      ],
      PODS,
    ).said,
  ).toBe('3\n')
})

it('refuses other programs, and expressions that could take for ever', () => {
  expect(() => filterOf(['sh', '-c', 'rm'])).toThrow('There is no shell here, so output cannot go to sh.')
  expect(() => filterOf(['wc'])).toThrow('no shell')
  expect(() => filterOf(['head', 'file'])).toThrow('only a number of lines')
  for (const pattern of ['(a+)+$', 'a{1,9}', 'a*b*c*d*', '\\1', '['])
    expect(() => filterOf(['grep', '-E', pattern])).toThrow('grep takes here simple expressions')
  expect(() => filterOf(['grep', 'a', '/etc/passwd'])).toThrow('one pattern and no files')
})
