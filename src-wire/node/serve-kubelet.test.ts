import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { testCertificates as pki } from '../testing/certificates.ts'
import { localStreams } from '../testing/local-streams.ts'
import { serveKubelet } from './serve-kubelet.ts'

/** By token; some may do what they are called after. */
const users: Record<string, string> = { good: 'prometheus', coarse: 'proxy', fine: 'configz' }

const stop = new AbortController()
const asked: string[] = []
let port: number

beforeAll(async () => {
  port = await serveKubelet({
    streams: localStreams({ metrics: (which) => Promise.resolve(which === '' ? 'up 1\n' : undefined) }),
    tls: { ...pki.server, clientCa: pki.ca },
    host: '127.0.0.1',
    port: 0,
    authenticate: (token) => Promise.resolve(users[token] ? { name: users[token], groups: [] } : undefined),
    authorize: (user, verb, subresource) => {
      asked.push(`${user.name}[${user.groups.join(' ')}] ${verb} ${subresource}`)
      return Promise.resolve(user.name === 'admin' || user.name === subresource || subresource === 'metrics')
    },
    signal: stop.signal,
  })
})

afterAll(() => stop.abort())

function get(path: string, options: object): Promise<[number | undefined, string]> {
  return new Promise((resolve, reject) => {
    const call = request({ port, host: '127.0.0.1', path, ca: pki.ca, agent: false, ...options }, (response) => {
      void text(response).then((body) => resolve([response.statusCode, body]))
    })
    call.once('error', reject)
    call.end()
  })
}

describe('the kubelet port', () => {
  const token = (of: string) => ({ headers: { authorization: `Bearer ${of}` } })

  it('knows users by certificate or token, and nobody else', async () => {
    expect(await get('/healthz', pki.admin)).toEqual([200, 'ok'])
    expect(await get('/metrics', token('good'))).toEqual([200, 'up 1\n'])
    expect(await get('/metrics', token('bad'))).toEqual([401, 'Unauthorized'])
    expect(await get('/metrics', {})).toEqual([401, 'Unauthorized'])
    expect(await get('/pods', token('good'))).toEqual([
      403,
      'Forbidden (user=prometheus, verb=get, resource=nodes, subresource(s)=[pods proxy])',
    ])
    expect(asked[0]).toBe('admin[system:masters] get healthz')
  })

  it('lets those ask for its state who may have just that, and those who may do anything with the node', async () => {
    expect(await get('/healthz', token('coarse'))).toEqual([200, 'ok'])
    expect((await get('/configz', token('coarse')))[0]).toBe(404)
    expect((await get('/configz', token('fine')))[0]).toBe(404)
    expect(asked.slice(-3)).toEqual(['proxy[] get configz', 'proxy[] get proxy', 'configz[] get configz'])
    expect((await get('/pods', token('fine')))[0]).toBe(403)
    expect(await get('/stats/summary', token('coarse'))).toEqual([
      403,
      'Forbidden (user=proxy, verb=get, resource=nodes, subresource(s)=[stats])',
    ])
    expect(await get('/constructor', token('good'))).toEqual([
      403,
      'Forbidden (user=prometheus, verb=get, resource=nodes, subresource(s)=[proxy])',
    ])
  })

  it('serves logs and statistics, and 404 for what it has not', async () => {
    expect(await get('/containerLogs/default/p/c', pki.admin)).toEqual([200, 'one\ntwo\n'])
    expect(await get('/containerLogs/default/missing/c', pki.admin)).toEqual([404, 'pods "missing" not found'])
    expect(await get('/stats/summary', pki.admin)).toEqual([200, '{"node":{"nodeName":"n1"},"pods":[]}'])
    expect(await get('/nothing', pki.admin)).toEqual([404, '404 page not found'])
  })

  it('runs commands over a WebSocket, as a creation', async () => {
    const path = '/exec/default/p/c?command=echo&command=hi&output=1'
    const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, ['v4.channel.k8s.io'], { ca: pki.ca, ...pki.admin })
    const seen: string[] = []
    socket.on('message', (data: Buffer) => seen.push(data.toString('utf8', 1)))
    await new Promise((resolve, reject) => {
      socket.once('close', resolve)
      socket.once('error', reject)
    })
    expect(seen).toEqual(['', 'hi\n', '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"}'])
    expect(asked.at(-1)).toBe('admin[system:masters] create proxy')
  })
})
