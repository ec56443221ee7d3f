import { describe, expect, it } from 'vitest'
import { ref } from 'vue'
import { channel, encodeFrame } from '../../src-wire/gateway/frames.ts'
import type { ClientMessage, ServerMessage } from '../../src-wire/gateway/messages.ts'
import { taskOf } from '../clusters/testing/fake-connection.ts'
import { createConnection } from './connection.ts'
import { createKube } from './kube.ts'
import type { SocketLike } from './line.ts'

function setup() {
  const sockets: SocketLike[] = []
  const sent: ClientMessage[] = []
  const timers: Array<() => void> = []
  const world = { isRefused: false, words: (text: string) => text }
  const connection = createConnection(
    () => {
      const socket: SocketLike = {
        binaryType: '',
        send: (data) => void (typeof data === 'string' && sent.push(JSON.parse(data) as ClientMessage)),
        close: () => undefined,
        onopen: null,
        onclose: null,
        onmessage: null,
      }
      sockets.push(socket)
      return socket
    },
    (_ms, run) => void timers.push(run),
    { isRefused: () => Promise.resolve(world.isRefused), words: (text) => world.words(text) },
  )
  const socket = (): SocketLike => sockets.at(-1)!
  return {
    connection,
    sent,
    world,
    open: () => socket().onopen!(),
    drop: () => socket().onclose!(),
    retry: () => timers.splice(0).forEach((run) => run()),
    say: (message: ServerMessage) => socket().onmessage!({ data: JSON.stringify(message) }),
    bytes: (id: number, to: 1 | 3, text: string) =>
      socket().onmessage!({ data: encodeFrame(id, to, new TextEncoder().encode(text)).buffer }),
  }
}

describe('the connection', () => {
  it('keeps what is asked before it stands, and puts bodies together from their frames', async () => {
    const world = setup()
    const kube = createKube(world.connection, 'drydock')
    const answer = kube.get<{ a: string }>('/api/v1/pods')
    expect(world.sent).toEqual([])
    world.open()
    expect(world.sent).toMatchObject([{ type: 'call', id: 1, cluster: 'drydock', path: '/api/v1/pods' }])
    world.bytes(1, channel.body, '{"a":')
    world.bytes(1, channel.body, '"b"}')
    world.say({ type: 'reply', id: 1, status: 200, contentType: 'application/json', warnings: [] })
    expect(await answer).toEqual({ a: 'b' })
  })

  it('says that another link is needed once the gateway knows this browser no more, and goes on trying', async () => {
    const { connection, world, open, drop, retry } = setup()
    open()
    drop()
    await Promise.resolve()
    expect([connection.state.value, connection.isSignedOut.value]).toEqual(['lost', false])
    world.isRefused = true
    retry()
    drop()
    await Promise.resolve()
    expect(connection.isSignedOut.value).toBe(true)
    // Opened by the new link in another tab, this browser is known again.
    retry()
    open()
    expect([connection.state.value, connection.isSignedOut.value]).toEqual(['open', false])
  })

  it('turns a refusal into the error the server meant', async () => {
    const world = setup()
    world.open()
    const answer = createKube(world.connection, 'drydock').send('DELETE', '/api/v1/nodes/n1')
    world.bytes(
      1,
      channel.body,
      JSON.stringify({ kind: 'Status', code: 403, reason: 'Forbidden', message: 'nodes is forbidden' }),
    )
    world.say({ type: 'reply', id: 1, status: 403, contentType: 'application/json', warnings: [] })
    await expect(answer).rejects.toMatchObject({ reason: 'Forbidden', message: 'nodes is forbidden' })
  })

  it('grants a stream what its view has taken in, a quarter of what it may be ahead at a time', () => {
    const world = setup()
    world.open()
    const got: string[] = []
    world.connection.open(
      { cluster: 'drydock', stream: 'log', path: '/x' },
      { data: (bytes) => got.push(new TextDecoder().decode(bytes)), closed: () => undefined },
    )
    world.bytes(1, channel.stdout, 'hello')
    expect(got).toEqual(['hello'])
    expect(world.sent).toHaveLength(1)
    const much = 'x'.repeat(1 << 17)
    for (let i = 0; i < 8; i++) world.bytes(1, channel.stdout, much)
    const granted = world.sent.flatMap((message) => (message.type === 'credit' ? [message.bytes] : []))
    expect(granted).toEqual([5 + (1 << 18), 1 << 18, 1 << 18, 1 << 18])
  })

  it('says what the gateway says in the language of the app, and anew in another', async () => {
    const { connection, world, open, say } = setup()
    const language = ref('en')
    world.words = (text) => `${language.value}: ${text}`
    open()
    const told: string[] = []
    const answer = connection.action('', 'cluster.create', { name: 'lab' }, (text) => told.push(text))
    say({ type: 'progress', id: 1, text: 'creating n1' })
    say({ type: 'failed', id: 1, message: 'Cancelled: undone.' })
    await expect(answer).rejects.toMatchObject({ message: 'en: Cancelled: undone.', cause: 'Cancelled: undone.' })
    expect(told).toEqual(['en: creating n1'])
    const call = createKube(connection, 'lab').get('/api')
    say({ type: 'reply', id: 2, status: 0, contentType: '', warnings: [], message: 'It does not answer.' })
    await expect(call).rejects.toThrow('en: It does not answer.')
    const lab = { id: 'lab', name: 'lab', own: true, state: 'failed' as const, message: 'Docker is not installed.' }
    say({ type: 'clusters', version: '1', canCreate: true, clusters: [lab] })
    say({ type: 'tasks', tasks: [taskOf({ state: 'failed', message: 'No.', remedy: 'Repeat.' })] })
    language.value = 'zh-CN'
    expect(connection.clusters.value?.[0]?.message).toBe('zh-CN: Docker is not installed.')
    expect(connection.tasks.value).toMatchObject([{ message: 'zh-CN: No.', remedy: 'zh-CN: Repeat.' }])
  })

  it('that breaks fails what was under way, tells every stream, and comes back', async () => {
    const world = setup()
    world.open()
    const call = createKube(world.connection, 'drydock').get('/api')
    const ends: unknown[] = []
    world.connection.open({ cluster: 'drydock', stream: 'watch', path: '/x' }, { closed: (end) => ends.push(end) })
    let opened = 0
    world.connection.onOpen(() => opened++)
    world.drop()
    await expect(call).rejects.toThrow('lost')
    expect(ends).toEqual([{ lost: true }])
    expect([world.connection.state.value, typeof world.connection.lostAt.value]).toEqual(['lost', 'number'])
    world.retry()
    world.open()
    expect([opened, world.connection.state.value, world.connection.lostAt.value]).toEqual([2, 'open', undefined])
  })
})
