import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { zhSentences } from '../../src-renderer/i18n/zh-cn-sentences.ts'

const root = join(import.meta.dirname, '../..')
/** What the app lets people do to clusters says these sentences; the rest of the cluster folder speaks to terminals. */
const parts = [
  'src-main/gateway/**/*.ts',
  'src-main/cluster/{data-directory,detached-host,end-host,node-operations,open,ready,refuse-etcd,teardown,up-steps}.ts',
  'src-main/cluster/{docker,snapshot,steps}/*.ts',
]
const files = globSync(parts, { cwd: root }).filter((file) => !/\.test\.ts$|\/testing\//.test(file))

/** Said otherwise, or to nobody who uses the app. */
const others = new Set([
  // HTTP answers to what is no window of the app; those that a person may meet bring their Chinese along.
  'Not found.',
  'Only GET.',
  'Open Drydock by the link it printed; `npx drydock status` gives a new one.',
  'This server answers only to 127.0.0.1 and localhost.',
  'Requests from other sites are refused.',
  // Mistakes of the app itself.
  'Preferences are texts by key.',
  '{} preferences at once are too many: at most {}.',
  '"{}" is no key of a preference.',
  'The preference "{}" must be a text.',
  'The preference "{}" has {} characters: at most {} are kept.',
  // Names of nodes are chosen from a list.
  '{}There is {}.',
  // Made of pieces.
  '{}: {}.',
  '{}: {}{}.',
])

const textOf = (node: ts.Node): string | undefined => {
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isTemplateExpression(node)) return undefined
  return [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join('{}')
}

/** From a capital, a quote or a place to a full stop or colon. */
const isSentence = (text: string): boolean => /^["A-Z{](?!rror: )/.test(text) && / /.test(text) && /[.:]$/.test(text)

/** What sentences are filled with and logs of tasks say; these are addressed to programs or to nobody in the app. */
const otherPieces = new Set([
  // Commands.
  'etcdctl {} snapshot save FILE',
  'etcdutl snapshot restore FILE',
  'etcdctl {} del --prefix {}',
  'brew install kubectl',
  'winget install -e --id Kubernetes.kubectl',
  'curl -fL --create-dirs -o ~/.local/bin/kubectl {} && chmod +x ~/.local/bin/kubectl',
  'brew install helm',
  'winget install Helm.Helm',
  'curl -fsSL https://raw.githubusercontent.com/helm/helm/main/scripts/get-helm-4 | bash',
  // Forms of files and headers.
  'drydock snapshot {}\n',
  "style-src 'self' 'unsafe-inline'",
  // Beside the names of nodes, in a list of them.
  'it never registered',
  'it was Ready before and has not been heard of since',
  'it reports no condition',
  // Mistakes of programs, and logs of the gateway itself.
  'not an IPv4 network: {}',
  'not a message of this protocol',
  '{} is not a path of the API',
  '{} (and undoing it failed {} times)',
  'a file could not be served',
  'a request of the app failed',
  'the connection of a window failed',
  '{} cannot be read: {}',
])

/** Three words or more that begin small and end without a stop. */
const isPiece = (text: string): boolean =>
  text.split(' ').length > 2 && /^[a-z{]/.test(text) && /[a-z]{2} /.test(text) && !/[.:]$/.test(text)

function textsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const text = textOf(node)
    if (text !== undefined) found.push(text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const known = new Set(Object.keys(zhSentences).map((sentence) => sentence.replace(/\{\w+\}/g, '{}')))

it('every sentence that the gateway says to people is there in Chinese', () => {
  const said = new Set(files.flatMap(textsOf).filter(isSentence))
  expect(said.size).toBeGreaterThan(100)
  expect([...said].filter((sentence) => !known.has(sentence) && !others.has(sentence))).toEqual([])
  expect([...others].filter((sentence) => !said.has(sentence))).toEqual([])
})

it('so is what sentences are filled with, and what tasks say on the way', () => {
  const said = new Set(files.flatMap(textsOf).filter(isPiece))
  expect([...said].filter((piece) => !known.has(piece) && !otherPieces.has(piece))).toEqual([])
  expect([...otherPieces].filter((piece) => !said.has(piece))).toEqual([])
})

it('a sentence has the same places in both languages', () => {
  const placesOf = (text: string): string => [...new Set(text.match(/\{\w+\}/g))].sort().join()
  expect(Object.entries(zhSentences).filter(([from, to]) => placesOf(from) !== placesOf(to))).toEqual([])
})
