import type Docker from 'dockerode'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { Engine } from './engine.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'engine-'))
})
afterAll(() => rm(root, { recursive: true }))

const stops: AbortController[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop.abort()))

interface Fake {
  uid?: string
  state?: object
  labels?: Record<string, string>
  mounts?: object[]
  tty?: boolean
  log?: Buffer | Error
  /** What asking for it answers instead. */
  refuses?: Error
}

function frame(type: number, words: string): Buffer {
  const head = Buffer.alloc(8)
  head[0] = type
  head.writeUInt32BE(Buffer.byteLength(words), 4)
  return Buffer.concat([head, Buffer.from(words)])
}

/** An engine that runs `containers` and tells of what `say` says. */
function engineOf(containers: Record<string, Fake>) {
  const streams: PassThrough[] = []
  const changes: string[] = []
  const states: string[] = []
  const logged: string[] = []
  const asked: unknown[] = []
  const down = { words: '' }
  const gone = (id: string) => Object.assign(new Error(`no such container: ${id}`), { statusCode: 404 })
  const docker = {
    getEvents() {
      if (down.words) return Promise.reject(new Error(down.words))
      const stream = new PassThrough()
      streams.push(stream)
      return Promise.resolve(stream)
    },
    listContainers: () => Promise.resolve(Object.keys(containers).map((Id) => ({ Id }))),
    getContainer: (id: string) => ({
      inspect() {
        const { [id]: fake } = containers
        if (!fake || fake.refuses) return Promise.reject(fake?.refuses ?? gone(id))
        return Promise.resolve(inspected(id, fake))
      },
      remove() {
        const { [id]: present } = containers
        delete containers[id]
        return present ? Promise.resolve() : Promise.reject(gone(id))
      },
      logs(options: unknown) {
        asked.push(options)
        const log = containers[id]?.log
        return log instanceof Error ? Promise.reject(log) : Promise.resolve(log ?? Buffer.alloc(0))
      },
    }),
  } as Docker
  const stop = new AbortController()
  stops.push(stop)
  const clock = new FakeClock()
  const engine = new Engine({
    docker,
    clock,
    signal: stop.signal,
    onChange: (uid) => changes.push(uid),
    onUp: () => states.push('up'),
    onDown: (words) => states.push(`down: ${words}`),
    log: (message) => logged.push(message),
  })
  const say = (event: object) => streams.at(-1)?.write(`${JSON.stringify(event)}\n`)
  return { engine, clock, changes, states, logged, asked, streams, say, containers, down }
}

function inspected(id: string, { uid, state, labels, mounts = [], tty = false }: Fake) {
  return {
    Id: id,
    Image: 'sha256:i',
    Created: '2026-01-01T00:00:00Z',
    Config: {
      Tty: tty,
      Labels: uid
        ? {
            'io.kubernetes.pod.uid': uid,
            'io.kubernetes.pod.name': `pod-${uid}`,
            'io.kubernetes.pod.namespace': 'ns',
            'io.kubernetes.container.name': 'c',
            'io.kubernetes.container.restartCount': '2',
            ...labels,
          }
        : {},
    },
    Mounts: mounts,
    NetworkSettings: { Networks: { bridge: { IPAddress: '10.244.0.2' } } },
    State: { Running: true, Status: 'running', Pid: 7, ExitCode: 0, OOMKilled: false, Error: '', ...state },
  }
}

const ended = (more: object = {}) => ({
  Running: false,
  Status: 'exited',
  ExitCode: 3,
  StartedAt: '2026-01-01T00:00:00Z',
  FinishedAt: '2026-01-01T00:00:05Z',
  ...more,
})
const labels = { 'io.kubernetes.container.terminationMessagePath': '/end' }

describe('the engine', () => {
  it('knows what runs once it has answered, and tells of each pod', async () => {
    const { engine, changes, states } = engineOf({ a: { uid: 'u1' }, b: { uid: 'u2' }, other: {} })
    expect(engine.up).toBe(false)
    await engine.ready
    await vi.waitFor(() => expect(states).toEqual(['up']))
    expect(changes.sort()).toEqual(['u1', 'u2'])
    expect(engine.pods()).toEqual([
      { uid: 'u1', name: 'pod-u1', namespace: 'ns' },
      { uid: 'u2', name: 'pod-u2', namespace: 'ns' },
    ])
    expect(engine.ofPod('u1')).toMatchObject([{ id: 'a', name: 'c', attempt: 2, state: 'running', ip: '10.244.0.2' }])
  })

  it('has the address of a sandbox from its label for as long as it runs', async () => {
    const labels = { 'dev.drydock.sandbox.address': '10.244.1.9' }
    const { engine } = engineOf({ a: { uid: 'u1', labels }, b: { uid: 'u2', labels, state: ended() } })
    await engine.ready
    expect(engine.all()).toMatchObject([
      { ip: '10.244.1.9', address: '10.244.1.9' },
      { ip: '', address: '10.244.1.9' },
    ])
  })

  it('follows events: one look each', async () => {
    const { engine, changes, say, containers } = engineOf({ a: { uid: 'u1' } })
    await engine.ready
    changes.length = 0
    containers['a'] = { uid: 'u1', state: ended({ OOMKilled: true }) }
    const Actor = { Attributes: { 'io.kubernetes.pod.uid': 'u1' } }
    say({ id: 'a', Action: 'die', Actor })
    say({ id: 'x', Action: 'die' })
    await vi.waitFor(() => expect(changes).toEqual(['u1']))
    expect(engine.ofPod('u1')).toMatchObject([{ state: 'exited', exitCode: 3, oomKilled: true }])
    say({ id: 'a', Action: 'destroy', Actor })
    await vi.waitFor(() => expect(engine.ofPod('u1')).toEqual([]))
  })

  it('lists everything again after a gap, and says why it was away', async () => {
    const { engine, clock, states, streams, containers, down, logged } = engineOf({ a: { uid: 'u1' } })
    await engine.ready
    delete containers['a']
    containers['b'] = { uid: 'u2' }
    streams[0]!.end()
    await vi.waitFor(() => expect(states).toEqual(['up', 'down: the event stream ended']))
    down.words = 'connection refused'
    await clock.advance(500)
    await vi.waitFor(() => expect(logged).toEqual(['engine: connection refused']))
    down.words = ''
    await vi.waitFor(async () => {
      await clock.advance(500)
      expect(states.at(-1)).toBe('up')
    })
    expect(engine.pods().map(({ uid }) => uid)).toEqual(['u2'])
  })

  it('does not remember one that was removed while it was looked at', async () => {
    const { engine, say, containers } = engineOf({ a: { uid: 'u1' }, b: { uid: 'u2' } })
    await engine.ready
    const state = ended()
    containers['a'] = { uid: 'u1', labels, state, mounts: [{ Source: join(root, 'none'), Destination: '/end' }] }
    const looking = engine.look('a')
    say({ id: 'a', Action: 'destroy', Actor: { Attributes: { 'io.kubernetes.pod.uid': 'u1' } } })
    expect(await looking).toMatchObject({ state: 'exited' })
    const removing = engine.look('b')
    await engine.remove('b')
    await removing
    await vi.waitFor(() => expect(engine.pods()).toEqual([]))
  })

  it('is up although it cannot tell of one container, and is asked no second time beside the first', async () => {
    const broken = Object.assign(new Error('RWLayer is unexpectedly nil'), { statusCode: 500 })
    const { engine, clock, streams, logged, containers } = engineOf({ a: { refuses: broken }, b: { uid: 'u2' } })
    await engine.ready
    expect(engine.pods().map(({ uid }) => uid)).toEqual(['u2'])
    expect(logged).toEqual(['inspect a: Error: RWLayer is unexpectedly nil'])
    // Without an answer at all the engine is away, and its stream is given up.
    containers['a'] = { refuses: new Error('socket hang up') }
    streams[0]!.end()
    await vi.waitFor(async () => {
      await clock.advance(500)
      expect(streams.length).toBeGreaterThan(1)
      expect(streams[1]!.destroyed).toBe(true)
    })
  })

  it('finds those that no event told of', async () => {
    const { engine, containers } = engineOf({ a: { uid: 'u1' } })
    await engine.ready
    containers['late'] = { uid: 'u2', state: { Running: false, Status: 'created' } }
    await engine.discover()
    expect(engine.ofPod('u2')).toMatchObject([{ id: 'late', state: 'created' }])
  })

  it('takes one that could not start for one that ended', async () => {
    const Error = 'OCI runtime create failed: executable file `/x` not found: No such file or directory: unknown'
    const state = { Running: false, Status: 'created', Error, ExitCode: 127, FinishedAt: '0001-01-01' }
    const { engine } = engineOf({ a: { uid: 'u1', state } })
    expect(await engine.look('a')).toMatchObject({
      state: 'exited',
      exitCode: 127,
      error:
        'OCI runtime create failed: unable to start container process: exec: "/x": stat /x: no such file or directory: unknown',
      startedAt: undefined,
    })
    expect((await engine.look('a'))?.finishedAt).toBeDefined()
  })

  it('forgets what is gone, and what it removes', async () => {
    const { engine, containers } = engineOf({ a: { uid: 'u1' }, b: { uid: 'u1' } })
    await engine.ready
    delete containers['a']
    expect(await engine.look('a')).toBeUndefined()
    await engine.remove('b')
    await engine.remove('b')
    expect(engine.ofPod('u1')).toEqual([])
  })
})

describe('last words', () => {
  const source = () => join(root, 'end')
  const mounts = () => [{ Source: source(), Destination: '/end' }]
  const wordsOf = async (fake: Fake) => (await engineOf({ a: { uid: 'u', labels, ...fake } }).engine.look('a'))?.message

  it('are the start of the file that the container was given', async () => {
    await writeFile(source(), 'out of luck')
    expect(await wordsOf({ state: ended(), mounts: mounts() })).toBe('out of luck')
    await writeFile(source(), 'x'.repeat(5000))
    expect(await wordsOf({ state: ended(), mounts: mounts() })).toHaveLength(4096)
  })

  it('are none while it runs, without a file, or with one that is gone', async () => {
    expect(await wordsOf({ mounts: mounts() })).toBeUndefined()
    expect(await wordsOf({ state: ended() })).toBe('')
    expect(await wordsOf({ state: ended(), mounts: [{ Source: join(root, 'no'), Destination: '/end' }] })).toBe('')
    expect(await wordsOf({ state: ended(), mounts: [{ Source: root, Destination: '/end' }] })).toMatch(
      /^Error on reading termination log .*EISDIR/,
    )
  })

  it('are the end of the log of a container that failed in silence, where its policy allows', async () => {
    const policy = { ...labels, 'io.kubernetes.container.terminationMessagePolicy': 'FallbackToLogsOnError' }
    const log = Buffer.concat([frame(1, 'one\n'), frame(2, 'two\n')])
    await writeFile(source(), '')
    const silent = { labels: policy, state: ended(), mounts: mounts(), log }
    expect(await wordsOf(silent)).toBe('one\ntwo\n')
    expect(await wordsOf({ ...silent, log: frame(1, `${'x'.repeat(3000)}end`) })).toMatch(/^x{2045}end$/)
    expect(await wordsOf({ ...silent, tty: true, log: Buffer.from('plain') })).toBe('plain')
    const refused =
      '{"msg":"exec container process `/a`: Exec format error","level":"error","time":"2026-11-22T22:44:12Z"}'
    expect(await wordsOf({ ...silent, log: frame(2, refused) })).toBe('exec /a: exec format error')
    expect(await wordsOf({ ...silent, log: new Error('gone') })).toBe(
      'Error reading termination message from logs: gone',
    )
    expect(await wordsOf({ ...silent, state: ended({ ExitCode: 0 }) })).toBe('')
    expect(await wordsOf({ ...silent, labels })).toBe('')
    await writeFile(source(), 'spoken')
    expect(await wordsOf(silent)).toBe('spoken')
  })
})
