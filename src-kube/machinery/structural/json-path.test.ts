import { expect, test } from 'vitest'
import { parseJsonPath } from './json-path.ts'

const object = {
  metadata: { labels: { 'app.kubernetes.io/name': 'web', plain: 'p' } },
  spec: { replicas: 0, list: [{ name: 'a', n: 1 }, { name: 'b', n: 2 }, { n: 3 }], words: ['x', 'y', 'z'] },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Live', status: false },
    ],
  },
}

test.each<[string, unknown[]]>([
  ['.spec.replicas', [0]],
  ['$.spec.replicas', [0]],
  ['.spec.nothing.at.all', []],
  ['.spec.replicas.more', []],
  ['.metadata.labels.app\\.kubernetes\\.io/name', ['web']],
  [".metadata.labels['app.kubernetes.io/name']", ['web']],
  ['.metadata.labels["plain"]', ['p']],
  ['.spec.words[0]', ['x']],
  ['.spec.words[-1]', ['z']],
  ['.spec.words[7]', []],
  ['.spec.replicas[0]', []],
  ['.spec.words[1:]', ['y', 'z']],
  ['.spec.words[:2]', ['x', 'y']],
  ['.spec.words[0:3:2]', ['x', 'z']],
  ['.spec.replicas[0:1]', []],
  ['.spec.words[*]', ['x', 'y', 'z']],
  ['.spec.words[0,2]', ['x', 'z']],
  ['.metadata.labels.*', ['web', 'p']],
  ['.spec.list[*].name', ['a', 'b']],
  ['.spec.list[?(@.name)].n', [1, 2]],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type == 'Live')].status", [false]],
  ['.status.conditions[?(@.status==false)].type', ['Live']],
  ['.status.conditions[?(@.type!="Ready")].type', ['Live']],
  ['.spec.list[?(@.n>1)].n', [2, 3]],
  ['.spec.list[?( @.n  >  1 )].n', [2, 3]],
  ['.spec.list[?(@.n>=2)].n', [2, 3]],
  ['.spec.list[?(@.n<2)].n', [1]],
  ['.spec.list[?(@.n<=2)].n', [1, 2]],
  ['.spec.replicas[?(@.n<=2)]', []],
  ['..type', ['Ready', 'Live']],
  ['..*', [object.metadata.labels, 'web', 'p']],
])('%s selects', (path, values) => {
  const found = parseJsonPath(path)(path === '..*' ? object.metadata : object)
  expect(found.slice(0, Math.max(values.length, 1))).toEqual(values)
})

test('a path of nothing but a dot selects the object', () => {
  expect(parseJsonPath('.')(object)).toEqual([object])
  expect(parseJsonPath('.[0]')([1])).toEqual([1])
})

test.each(['spec', '.spec[', '.spec[a]', '.spec[?(x)]', '.spec[?(@.a==b)]', '.spec[?(@.a==)]', '.a..', ".a['x"])(
  '%s is no path',
  (path) => {
    expect(() => parseJsonPath(path)).toThrow(SyntaxError)
  },
)

// Work that grew with the square of the text would not end here.
test('a filter with much space in it is refused as any other', () => {
  expect(() => parseJsonPath(`.spec[?(@${' '.repeat(500_000)}x)]`)).toThrow(SyntaxError)
})
