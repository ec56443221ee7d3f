import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { channel } from '../../../src-wire/gateway/frames.ts'
import type { ClusterConnection } from '../cluster-actions.ts'
import { createConsoles, type Consoles, type ConsolesOptions } from './consoles.ts'

let folder: string
let consoles: Consoles
const context = { progress: () => undefined, signal: new AbortController().signal }
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fake-kubectl-'))))
afterEach(async () => {
  await consoles.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Consoles of a kubectl that is a shell script. */
function fake(script: string, over: Partial<ConsolesOptions> & { connection?: ClusterConnection } = {}): string {
  const program = join(folder, 'kubectl')
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const { connection = { server: 'https://127.0.0.1:1', token: 'secret' }, ...rest } = over
  consoles = createConsoles({
    clusters: { connection: (id) => (id === 'dev' ? connection : undefined) },
    upstream: () => ({ credentials: () => Promise.resolve(undefined) }),
    find: () => program,
    ...rest,
  })
  return program
}

const wish = (words: string[], over: object = {}) => ({
  console: 'one',
  line: words.join(' '),
  program: 'kubectl' as const,
  words,
  filters: [],
  namespace: 'shop',
  ...over,
})
const run = (words: string[], over: object = {}) => consoles.actions('dev')['kubectl.run'](wish(words, over), context)

/** A window that looks at the console. */
function look(id = 1) {
  const said: string[] = []
  const notes: object[] = []
  const text = { out: '', err: '' }
  const onEnd = vi.fn<() => void>()
  const stream = consoles.attach(
    { type: 'open', id, cluster: 'dev', stream: 'console', path: 'one', credit: 1 << 20 },
    {
      send: ({ type }) => void said.push(type),
      sendText: () => undefined,
      sendBytes(_id, on, bytes) {
        const words = Buffer.from(bytes).toString()
        if (on === channel.note) notes.push(JSON.parse(words) as object)
        else text[on === channel.stderr ? 'err' : 'out'] += words
      },
    },
    onEnd,
  )
  return { said, notes, text, stream, onEnd }
}

it('runs kubectl without a shell, in the namespace and for the cluster that are looked at, with nothing else in reach', async () => {
  fake(
    `printf '%s|' "$@"; echo; pwd; echo "PATH=$PATH"; while read -r l; do echo "$l"; done < "$KUBECONFIG"; echo $KUBECONFIG >&2; exit 3`,
  )
  vi.stubEnv('EDITOR', 'vi')
  const { text, notes } = look()
  expect(await run(['get', 'po', '$(rm -rf /)', '; ls'])).toEqual({ succeeded: false })
  const lines = text.out.split('\n')
  expect(lines.slice(0, 2)).toEqual(['get|po|$(rm -rf /)|; ls|', homedir()])
  expect(lines[2]).toBe('PATH=')
  expect(text.out).toMatch(/namespace: shop/)
  expect(text.out).toMatch(/token: secret/)
  expect(existsSync(text.err.trim())).toBe(false)
  expect(notes).toEqual([
    { type: 'began', line: 'get po $(rm -rf /) ; ls', namespace: 'shop' },
    { type: 'ended', code: 3 },
  ])
  vi.unstubAllEnvs()
})

it('tells what is said as it comes, hears what is typed, and tells it again to who comes later', async () => {
  fake('echo ready; while read -r line; do echo "heard $line"; done; echo over')
  const first = look()
  const running = run(['apply', '-f', '-'])
  await vi.waitFor(() => expect(first.text.out).toBe('ready\n'), { timeout: 5000 })
  first.stream.input!(Buffer.from('a: 1\n'))
  await vi.waitFor(() => expect(first.text.out).toBe('ready\nheard a: 1\n'), { timeout: 5000 })
  first.stream.close()
  const second = look(2)
  expect(second.text.out).toBe('ready\nheard a: 1\n')
  expect(second.notes).toMatchObject([{ type: 'began' }, { type: 'typed', text: 'a: 1\n' }])
  await expect(run(['get', 'po'])).rejects.toThrow('Something runs in this console already.')
  second.stream.input!(new Uint8Array())
  expect(await running).toEqual({ succeeded: true })
  expect(second.text.out).toBe('ready\nheard a: 1\nover\n')
})

it('gives a document that stands in the line, and filters what is said', async () => {
  fake('while read -r line; do echo "$line"; done')
  const { text } = look()
  const ran = await run(['apply', '-f', '-'], {
    input: 'a\nb\nab\n',
    filters: [
      ['grep', 'b'],
      ['head', '-1'],
    ],
  })
  expect([ran, text.out]).toEqual([{ succeeded: true }, 'b\n'])
})

it('ends what runs as Ctrl-C does, and by force when it is told twice', async () => {
  fake('trap "" INT; echo up; while :; do read -r line; done')
  const { text, notes } = look()
  const running = run(['get', 'po', '-w'])
  await vi.waitFor(() => expect(text.out).toBe('up\n'), { timeout: 5000 })
  const { 'kubectl.interrupt': interrupt } = consoles.actions('dev')
  await interrupt({ console: 'one' }, context)
  await interrupt({ console: 'one' }, context)
  expect(await running).toEqual({ succeeded: false })
  expect(notes.at(-1)).toEqual({ type: 'ended', signal: 'SIGKILL' })
})

it('tells a command that was ended from one that failed', async () => {
  fake('trap "exit 1" INT; echo up; while :; do read -r line; done')
  const { text, notes } = look()
  const running = run(['get', 'po', '-w'])
  await vi.waitFor(() => expect(text.out).toBe('up\n'), { timeout: 5000 })
  await consoles.actions('dev')['kubectl.interrupt']({ console: 'one' }, context)
  expect(await running).toEqual({ succeeded: false })
  expect(notes.at(-1)).toEqual({ type: 'ended', signal: 'SIGINT' })
})

it('ends what runs when the console is closed, and a moment after the last window has gone', async () => {
  fake('echo up; exec /bin/sleep 60', { leash: 10 })
  const first = look()
  const closed = run(['get', 'po', '-w'])
  await vi.waitFor(() => expect(first.text.out).toBe('up\n'), { timeout: 5000 })
  await consoles.actions('dev')['kubectl.close']({ console: 'one' }, context)
  expect(await closed).toEqual({ succeeded: false })
  expect(first.said).toEqual(['opened', 'closed'])
  expect(first.onEnd).toHaveBeenCalledOnce()
  const left = [consoles.enter(), consoles.enter()]
  const second = look()
  expect(second.notes).toEqual([])
  const orphan = run(['get', 'po', '-w'])
  await vi.waitFor(() => expect(second.text.out).toBe('up\n'), { timeout: 5000 })
  for (const leave of left) leave()
  expect(await orphan).toEqual({ succeeded: false })
  expect(second.notes.at(-1)).toEqual({ type: 'ended', signal: 'SIGINT' })
})

it('says in the console what is wrong: no kubectl, no cluster, a line that leads elsewhere', async () => {
  fake('echo never', { find: () => undefined })
  const { notes } = look()
  const why = async (words: string[], over = {}): Promise<unknown> => {
    expect(await run(words, over)).toEqual({ succeeded: false })
    return (notes.at(-1) as { message?: string }).message
  }
  expect(await why(['get', 'po'])).toMatch(/^There is no kubectl on this machine. Install it with `.*kubectl/)
  fake('echo never')
  const words = look()
  await run(['--kubeconfig=/home/me/other', 'get', 'po'])
  await run(['config', 'view', '--raw'])
  await run(['config', 'use-context', 'other'])
  await run(['get', 'po'], { filters: [['sh']] })
  await run(['get', 'po'], { namespace: '../x' })
  expect(words.notes.filter((note) => 'message' in note)).toEqual([
    expect.objectContaining({ message: expect.stringContaining('--kubeconfig is not taken') as string }),
    expect.objectContaining({ message: expect.stringContaining('do not leave the desktop') as string }),
    expect.objectContaining({ message: expect.stringContaining('keeps no kubeconfig') as string }),
    expect.objectContaining({ message: expect.stringContaining('cannot go to sh') as string }),
    { type: 'ended', message: 'That is no command for kubectl or helm.' },
  ])
  expect(words.text.out).toBe('')
  await expect(consoles.actions('dev')['kubectl.run']({ ...wish(['get']), console: '../x' }, context)).rejects.toThrow(
    'no console',
  )
  const other = consoles.actions('gone')['kubectl.run'](wish(['get', 'po']), context)
  expect(await other).toEqual({ succeeded: false })
})

it('has the gateway sign in, so that kubectl starts no program', async () => {
  const signIn = {
    apiVersion: 'v1',
    command: 'aws',
    args: [],
    env: {},
    installHint: '',
    interactive: false,
    provideClusterInfo: false,
  }
  const connection = { server: 'https://127.0.0.1:1', signIn }
  const credentials = () => Promise.resolve({ token: 'given', until: 1 })
  const said = join(folder, 'said')
  fake(`while read -r l; do echo "$l"; done < "$KUBECONFIG" > ${said}`, {
    connection,
    upstream: () => ({ credentials }),
  })
  await run(['get', 'po'])
  expect(readFileSync(said, 'utf8')).toMatch(/token: given/)
  expect(readFileSync(said, 'utf8')).not.toMatch(/aws|exec/)
})

it('asks kubectl what could stand here, and this machine where it wants a file', async () => {
  const complete = (words: string[]) =>
    consoles.actions('dev')['kubectl.complete']({ program: 'kubectl', words, namespace: 'shop' }, context)
  fake(
    `[ "$1 $2 $3" = "__complete get p" ] && printf 'pods\\tcore\\npodtemplates\\n_activeHelp_ x\\n:4\\n'; echo done >&2`,
  )
  expect(await complete(['get', 'p'])).toEqual({
    candidates: [
      { text: 'pods', description: 'core' },
      { text: 'podtemplates', description: '' },
    ],
    goesOn: false,
  })
  fake(`printf 'json\\nyaml\\nyml\\n:8\\n'`)
  writeFileSync(join(folder, 'web.yaml'), '')
  writeFileSync(join(folder, 'web.txt'), '')
  expect((await complete(['apply', '-f', `${folder}/w`])).candidates).toEqual([
    { text: `${folder}/web.yaml`, description: '' },
  ])
  fake(`echo :0`)
  expect(await complete(['cp', folder])).toEqual({
    candidates: [{ text: `${folder}/`, description: '' }],
    goesOn: true,
  })
})

it('says which kubectl it is', async () => {
  const program = fake(`echo '{"clientVersion": {"gitVersion": "v1.36.0"}}'`)
  expect(await consoles.actions('dev')['kubectl.state']({}, context)).toEqual({
    path: program,
    home: homedir(),
    version: 'v1.36.0',
  })
})

it('runs helm too: with its own folders, for the cluster on screen, and with neither plugins nor programs of others', async () => {
  fake(
    `printf '%s|' "$@"; echo; echo "PATH=$PATH $HELM_CONFIG_HOME $HELM_KUBETOKEN"; echo "$HELM_PLUGINS"; while read -r l; do echo "$l"; done < "$KUBECONFIG"`,
  )
  vi.stubEnv('HELM_CONFIG_HOME', '/helm')
  vi.stubEnv('HELM_KUBETOKEN', 'another')
  const { text } = look()
  expect(await run(['list', '-A'], { program: 'helm' })).toEqual({ succeeded: true })
  const [words, environment, plugins] = text.out.split('\n')
  expect([words, environment]).toEqual(['list|-A|', 'PATH= /helm '])
  expect(existsSync(plugins!)).toBe(false)
  expect(text.out).toMatch(/namespace: shop/)
})

it.each([
  ['helm', ['install', 'x', 'y', '--post-renderer', '/bin/sh'], 'no post-renderer'],
  ['helm', ['plugin', 'install', 'https://x'], 'no plugin'],
  ['helm', ['list', '--kube-context=prod'], '--kube-context is not taken'],
  ['helm', ['list', '--kubeconfig', '/x'], '--kubeconfig is not taken'],
  ['sh', ['-c', 'ls'], 'no command for kubectl or helm'],
])('does not run %s %j', async (program, words, why) => {
  fake('echo ran')
  const { text, notes } = look()
  expect(await run(words, { program })).toEqual({ succeeded: false })
  expect(text.out).toBe('')
  expect(JSON.stringify(notes)).toContain(why)
})
