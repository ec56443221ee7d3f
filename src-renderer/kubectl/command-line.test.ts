import { expect, it } from 'vitest'
import { quoted, readLine, wordAtEnd } from './command-line.ts'

const read = (text: string) => readLine(text, '/home/me')
const wordsOf = (text: string) => {
  const written = read(text)
  return written.state === 'whole' ? written.commands.map(({ words }) => words) : written
}

it.each([
  ['get pods -n shop', ['get', 'pods', '-n', 'shop']],
  ['kubectl get po', ['get', 'po']],
  ['  k   get\tpo  ', ['get', 'po']],
  [`get po -o jsonpath='{.items[*].metadata.name}'`, ['get', 'po', '-o', 'jsonpath={.items[*].metadata.name}']],
  ['annotate po web "a b=c \\" d" e\\ f', ['annotate', 'po', 'web', 'a b=c " d', 'e f']],
  [`label po 'it'"'"'s'`, ['label', 'po', `it's`]],
  ['patch deploy web -p \'{"a": 1}\'', ['patch', 'deploy', 'web', '-p', '{"a": 1}']],
  ['apply -f ~/x.yaml --from=~/x', ['apply', '-f', '/home/me/x.yaml', '--from=~/x']],
  ['get po # what is there', ['get', 'po']],
  ['get po \\\n  -o wide', ['get', 'po', '-o', 'wide']],
  ['get po -l "a in (b)"', ['get', 'po', '-l', 'a in (b)']],
  [`get po ''`, ['get', 'po', '']],
  ['get --raw /api?x=1', ['get', '--raw', '/api?x=1']],
  ["get po -o custom-columns='$.x'", ['get', 'po', '-o', 'custom-columns=$.x']],
])('%s is one command', (text, words) => expect(wordsOf(text)).toEqual([words]))

it('reads several commands', () => {
  expect(wordsOf('get po\n\nkubectl get no; get ns && get svc\n')).toEqual([
    ['get', 'po'],
    ['get', 'no'],
    ['get', 'ns'],
    ['get', 'svc'],
  ])
  expect(read('get ns &&\nget svc')).toMatchObject({
    commands: [
      { line: 'get ns', onSuccess: false },
      { line: 'get svc', onSuccess: true },
    ],
  })
  expect(wordsOf('   \n # nothing\n')).toEqual([])
})

it('takes what output goes through apart', () => {
  expect(read('get po -A | grep -i "a b" | head -5')).toEqual({
    state: 'whole',
    commands: [
      {
        line: 'get po -A | grep -i "a b" | head -5',
        program: 'kubectl',
        words: ['get', 'po', '-A'],
        filters: [
          ['grep', '-i', 'a b'],
          ['head', '-5'],
        ],
        onSuccess: false,
      },
    ],
  })
})

it('takes documents that stand in the text, as the documentation writes them', () => {
  const yaml = 'kind: Pod\n  a: "b"\n'
  expect(read(`kubectl apply -f - <<EOF\n${yaml}EOF\nget po`)).toMatchObject({
    commands: [
      { words: ['apply', '-f', '-'], input: yaml, line: `kubectl apply -f - <<EOF\n${yaml}EOF` },
      { words: ['get', 'po'], line: 'get po' },
    ],
  })
  expect(read(`cat <<'EOF' | kubectl apply -f -\n${yaml}$HOME\nEOF`)).toMatchObject({
    commands: [{ words: ['apply', '-f', '-'], input: `${yaml}$HOME\n` }],
  })
  expect(read('apply -f - <<-END\n\ta: 1\n\tEND')).toMatchObject({ commands: [{ input: 'a: 1\n' }] })
  expect(read('echo "a: 1" | kubectl apply -f -')).toMatchObject({
    commands: [{ words: ['apply', '-f', '-'], input: 'a: 1\n' }],
  })
  expect(read('apply -f - <<EOF\n$HOME\nEOF')).toEqual({ state: 'wish', wish: 'expansion' })
})

it.each(["get 'po", 'get "po', 'get po \\', 'apply -f - <<EOF\na: 1', 'apply -f - <<EOF'])('%j goes on', (text) =>
  expect(read(text)).toEqual({ state: 'open' }),
)

it.each([
  ['get po > x', 'redirect'],
  ['get po 2>&1', 'redirect'],
  ['apply -f - < x', 'redirect'],
  ['get po $NAME', 'expansion'],
  ['get po "$(whoami)"', 'expansion'],
  ['get `whoami`', 'expansion'],
  ['get po &', 'background'],
  ['get po || get no', 'or'],
  ['cat x.yaml | kubectl apply -f -', 'source'],
])('%s wants a shell', (text, wish) => expect(read(text)).toEqual({ state: 'wish', wish }))

it('finds the word that is being written', () => {
  const at = (text: string) => wordAtEnd(text, '/home/me')
  expect(at('get po')).toEqual({ program: 'kubectl', words: ['get', 'po'], start: 4 })
  expect(at('kubectl get po ')).toEqual({ program: 'kubectl', words: ['get', 'po', ''], start: 15 })
  expect(at('kub')).toEqual({ program: 'kubectl', words: ['kub'], start: 0 })
  expect(at('')).toEqual({ program: 'kubectl', words: [''], start: 0 })
  expect(at('get ns; get "web')).toEqual({ program: 'kubectl', words: ['get', 'web'], start: 12 })
  expect(at('get a\\ ')).toEqual({ program: 'kubectl', words: ['get', 'a '], start: 4 })
  expect(at('get po | gr')).toBeUndefined()
  expect(at('get po > x')).toBeUndefined()
})

it('writes words so that they are read as they are', () => {
  for (const word of ['web-1', 'a b', `it's`, '', '{"a":1}', 'a$b'])
    expect(wordsOf(`x ${quoted(word)}`)).toEqual([['x', word]])
})

it('runs helm by its name, and completes what helm is told', () => {
  const read = (line: string) => {
    const written = readLine(line, '/home/me')
    return written.state === 'whole' ? written.commands.map(({ program, words }) => [program, ...words]) : written
  }
  expect(read('helm list -A; k get po && kubectl helm')).toEqual([
    ['helm', 'list', '-A'],
    ['kubectl', 'get', 'po'],
    ['kubectl', 'helm'],
  ])
  expect(read('helm template x | kubectl apply -f -')).toEqual({ state: 'wish', wish: 'source' })
  expect(wordAtEnd('helm sta', '~')).toEqual({ program: 'helm', words: ['sta'], start: 5 })
  expect(wordAtEnd('hel', '~')).toEqual({ program: 'kubectl', words: ['hel'], start: 0 })
})
