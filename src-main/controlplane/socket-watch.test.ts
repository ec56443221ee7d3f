import { request, type RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { TestPlane } from './testing/test-plane.ts'

let plane: TestPlane
beforeAll(async () => {
  plane = await TestPlane.start('socket-watch')
})
afterAll(() => plane.stop())

const MAPS = '/api/v1/namespaces/default/configmaps'
const create = (name: string) => plane.ask('POST', MAPS, { metadata: { name, labels: { of: 'test' } } })

const open = (path: string, protocols: string[] = [], headers: Record<string, string> = {}): WebSocket => {
  const { ca, cert, key } = plane.admin
  return new WebSocket(`wss://127.0.0.1:${plane.port}${path}`, protocols, { ca, cert, key, headers })
}

interface Seen {
  code: number
  messages: Array<{ text: string; binary: boolean }>
}

/** All that comes until the server ends it; an answer of HTTP rejects. */
function all(socket: WebSocket): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const messages: Seen['messages'] = []
    socket.on('message', (data: Buffer, binary) => messages.push({ text: data.toString('utf8'), binary }))
    socket.once('close', (code) => resolve({ code, messages }))
    socket.once('unexpected-response', (_, answer) => void text(answer).then((body) => reject(new Error(body))))
    socket.once('error', reject)
  })
}

describe('a watch over a WebSocket', () => {
  it('has one message an event, of text, and is closed as usual when its time is up', async () => {
    await create('one')
    await create('two')
    const { code, messages } = await all(open(`${MAPS}?watch=1&timeoutSeconds=1&labelSelector=of%3Dtest`))
    expect(code).toBe(1000)
    const events = messages.map(({ text }) => JSON.parse(text) as { type: string; object: { metadata: object } })
    expect(events).toMatchObject([
      { type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'one' } } },
      { type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'two' } } },
    ])
    expect(messages.map(({ binary }) => binary)).toEqual([false, false])
  })

  it('comes in binary messages as protocol buffers, and agrees to the first protocol that the client offers', async () => {
    const accept = 'application/vnd.kubernetes.protobuf;stream=watch'
    const socket = open('/api/v1/namespaces?watch=1&timeoutSeconds=1', ['binary.k8s.io', 'other'], { accept })
    const { messages } = await all(socket)
    expect(socket.protocol).toBe('binary.k8s.io')
    expect(messages.length).toBeGreaterThan(0)
    expect(messages.every(({ binary }) => binary)).toBe(true)
  })

  it('is refused in HTTP, in the words of every other watch', async () => {
    await expect(all(open(`${MAPS}?watch=1&resourceVersion=old`))).rejects.toThrow('"code":400')
    await expect(all(open('/api/v1/nothing?watch=1'))).rejects.toThrow('could not find the requested resource')
    const nobody = { 'impersonate-user': 'nobody' }
    await expect(all(open(`${MAPS}?watch=1`, [], nobody))).rejects.toThrow('User \\"nobody\\" cannot watch')
  })

  it('ends when the client goes', async () => {
    const watchers = async (): Promise<string> => {
      const { text } = await plane.ask('GET', '/metrics')
      return /^apiserver_longrunning_requests\{.*resource="secrets".*\} (\d+)$/m.exec(text)?.[1] ?? '0'
    }
    const socket = open('/api/v1/secrets?watch=1')
    await new Promise((resolve) => socket.once('open', resolve))
    const before = Number(await watchers())
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.close()
    await closed
    await expect.poll(async () => Number(await watchers())).toBe(before - 1)
  })
})

describe('an offer to speak something else that nobody takes up', () => {
  const answered = (options: RequestOptions, body?: string): Promise<{ code: number; body: string }> =>
    new Promise((resolve, reject) => {
      const { ca, cert, key } = plane.admin
      const call = request({ host: '127.0.0.1', port: plane.port, ca, cert, key, agent: false, ...options })
      call.once('error', reject)
      call.once(
        'response',
        (answer) => void text(answer).then((said) => resolve({ code: answer.statusCode!, body: said })),
      )
      call.end(body)
    })
  const headers = { connection: 'Upgrade', upgrade: 'h2c' }

  it('is answered as if it had not been made', async () => {
    expect(await answered({ path: '/api/v1/namespaces/default', headers })).toMatchObject({ code: 200 })
    const type = { 'content-type': 'application/json' }
    const made = await answered(
      { path: MAPS, method: 'POST', headers: { ...headers, ...type } },
      JSON.stringify({ metadata: { name: 'three' } }),
    )
    expect(made.code).toBe(201)
    const lines = await answered({ path: '/api/v1/namespaces?watch=1&timeoutSeconds=1', headers })
    expect(lines.body).toContain('{"type":"ADDED"')
  })
})
