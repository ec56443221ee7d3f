import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import type { StreamHandlers } from '../api/connection.ts'
import { views } from '../kinds/index.ts'
import type { Question, Reply } from '../stores/ui.ts'
import { fileActions, readingOf } from './files.ts'
import type { ActionWorld } from './index.ts'

const view = views.find(({ id }) => id === 'pods')!
const pod = partial<KubeObject>({
  metadata: { name: 'web', namespace: 'shop' },
  status: {
    phase: 'Running',
    containerStatuses: [
      { name: 'ended', state: { terminated: {} } },
      { name: 'main', state: { running: {} } },
    ],
  },
})

/** What the browser is given to save, and the file that a person chooses. */
let saved: Array<[string, string]> = []
let chosen: File | undefined

beforeEach(() => {
  saved = []
  chosen = undefined
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x')
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push([this.download, this.href])
  })
  vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(function (this: HTMLInputElement) {
    if (chosen) Object.defineProperty(this, 'files', { value: [chosen] })
    this.dispatchEvent(new Event(chosen ? 'change' : 'cancel'))
  })
})
afterEach(() => void vi.restoreAllMocks())

async function run(id: string, reply: Reply) {
  const asked: Question[] = []
  const toasts: string[] = []
  const commands: string[][] = []
  let sent = ''
  const open = ({ path }: { path: string }, handlers: StreamHandlers) => {
    commands.push(new URL(path, 'http://x').searchParams.getAll('command'))
    queueMicrotask(() => {
      handlers.opened?.()
      handlers.closed({ status: { status: 'Success' } })
    })
    return { write: (bytes: Uint8Array) => void (sent += new TextDecoder().decode(bytes)), resize() {}, close() {} }
  }
  const world = partial<ActionWorld>({
    cluster: { kube: { cluster: 'dev', connection: { open } } },
    ui: {
      ask: (question: Question) => Promise.resolve((asked.push(question), reply)),
      toast: (_kind: string, text: string) => void toasts.push(text),
    },
    t: (key: string) => key,
  })
  const action = fileActions.find((one) => one.id === id)!
  expect(action.applies(view, pod, world)).toBe(true)
  await action.run(world, view, [pod])
  return { asked, toasts, commands, sent }
}

it('A path that ends in / is a folder, and comes as an archive', () => {
  expect(readingOf('/etc/hosts')).toEqual({ command: ['cat', '/etc/hosts'], name: 'hosts' })
  expect(readingOf('/var/log/')).toEqual({ command: ['tar', 'cf', '-', '-C', '/var/log/', '.'], name: 'log.tar' })
  expect(readingOf('/').name).toBe('root.tar')
})

it('A download is read in a container that runs, and saved under its own name', async () => {
  const { asked, commands } = await run('download', { path: ' /etc/hosts ', container: 'main' })
  expect(asked[0]!.fields).toMatchObject([{ name: 'path' }, { value: 'main', options: [{ value: 'main' }] }])
  expect(commands).toEqual([['cat', '/etc/hosts']])
  expect(saved).toMatchObject([['hosts', 'blob:x']])
})

it('An upload says how much it is, since its end is not told of', async () => {
  chosen = new File(['hello'], 'a b.txt')
  const { commands, sent, toasts } = await run('upload', { path: '/tmp', container: 'main' })
  expect(commands[0]!.slice(3)).toEqual(['sh', '5', '/tmp', 'a b.txt'])
  expect([sent, toasts]).toEqual(['hello', ['done.upload']])
})

it('Nothing is asked when no file was chosen, and none that is too large is sent', async () => {
  expect((await run('upload', true)).asked).toEqual([])
  chosen = partial<File>({ name: 'big', size: 2 ** 30 })
  const { asked, toasts, commands } = await run('upload', true)
  expect([asked, toasts, commands]).toEqual([[], ['confirm.uploadLarge'], []])
})
