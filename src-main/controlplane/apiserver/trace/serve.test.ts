import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../src-kube/machinery/clock.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { TraceDocument } from '../../../../src-wire/trace/document.ts'
import type { AccessAttributes } from '../auth/auth.ts'
import { Exchange, type Incoming, type Outgoing } from '../http/exchange.ts'
import { parseRequest } from '../http/request-info.ts'
import { serveTrace, TRACE_PATH } from './index.ts'
import { parseTrace } from './request.ts'
import { readOf, request, tunnelsOf, world } from './testing/world.ts'

/** A request by jane, who may do what `may` says: `verb resource[/subresource] name`. */
async function ask(body: unknown, may: readonly string[], method = 'POST') {
  const asked: string[] = []
  const authorize = ({ verb, resource, subresource, namespace, name }: AccessAttributes) => {
    const words = `${verb} ${resource}${subresource && `/${subresource}`} ${namespace ? `${namespace}/` : ''}${name}`
    asked.push(words)
    return Promise.resolve({ allowed: may.includes(words) })
  }
  const answer = { code: 0, text: '' }
  const response = partial<Outgoing>({
    writeHead: (code: number) => void (answer.code = code),
    end: (bytes: Buffer) => void (answer.text = bytes.toString()),
  })
  const sent = Object.assign(Readable.from([Buffer.from(JSON.stringify(body))]), { method, headers: {} })
  const exchange = new Exchange(sent as Incoming, response, parseRequest(method, TRACE_PATH))
  exchange.user = { name: 'jane', groups: ['system:authenticated'] }
  const made = world()
  const context = { read: readOf(made), tunnels: tunnelsOf(made), clock: new FakeClock(), authorize }
  try {
    await serveTrace(exchange, context)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return { code: error.code, text: error.message, asked }
  }
  return { ...answer, asked }
}

const all = ['create pods/exec shop/client', 'get services shop/web', 'get pods shop/web-1']
const document = ({ text }: { text: string }): TraceDocument => JSON.parse(text) as TraceDocument

describe('a trace', () => {
  it('is a document of what was sent, what was seen and what it means', async () => {
    const answer = await ask(request, all)
    expect(answer.code).toBe(200)
    expect(document(answer)).toMatchObject({
      outcome: 'answered',
      conclusion: { reason: 'connected' },
      sent: { host: 'web', port: 80, protocol: 'TCP' },
      time: '2026-01-01T00:00:00.000Z',
    })
  })

  it('is for those who may run commands in the pod, and see the destination', async () => {
    expect(await ask(request, [])).toMatchObject({
      code: 403,
      text: 'pods "client" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "shop"',
    })
    // Forwarding leads to the pod's own ports alone, and a trace to wherever its packets go.
    expect((await ask(request, ['create pods/portforward shop/client', ...all.slice(1)])).code).toBe(403)
    expect(await ask(request, all.slice(0, 1))).toMatchObject({
      code: 403,
      text: expect.stringContaining('get resource "services"'),
    })
    expect(
      (await ask({ ...request, destination: { kind: 'host', host: 'web' }, port: 80 }, all.slice(0, 1))).code,
    ).toBe(200)
  })

  it('from a node is for those who may use its proxy', async () => {
    const fromNode = { ...request, source: { kind: 'node', name: 'n1' } }
    expect(await ask(fromNode, all)).toMatchObject({
      code: 403,
      text: expect.stringContaining('"nodes/proxy" in API group "" at the cluster scope'),
    })
    expect((await ask(fromNode, [...all, 'create nodes/proxy n1'])).code).toBe(200)
  })

  it('names only what one may see', async () => {
    const answer = await ask(request, all.slice(0, 2))
    expect(answer.text).not.toContain('web-1')
    expect(answer.asked).toContain('get pods shop/web-1')
  })

  it('is asked for by POST', async () => {
    expect((await ask(request, all, 'GET')).code).toBe(405)
  })
})

describe('a request', () => {
  const wrong: Array<[unknown, string]> = [
    [undefined, 'a source, a destination'],
    [[], 'a source, a destination'],
    [{ ...request, port: 0 }, 'port must be'],
    [{ ...request, port: 'A b' }, 'port must be'],
    [{ ...request, protocol: 'SCTP' }, 'TCP or UDP'],
    [{ ...request, source: { kind: 'pod', name: 'x' } }, 'source must be'],
    [{ ...request, source: 'x' }, 'source must be'],
    [{ ...request, destination: { kind: 'host', host: '-a' } }, 'destination must be'],
    [{ ...request, destination: { kind: 'host', host: 'a,fork' } }, 'destination must be'],
    [{ ...request, destination: { kind: 'service', name: '../x', namespace: 'y' } }, 'destination must be'],
  ]
  it.each(wrong)('is refused when it is %j', (body, words) => {
    expect(() => parseTrace(body)).toThrow(words)
  })

  it('keeps what was asked for and nothing else', () => {
    expect(parseTrace({ ...request, port: 80, protocol: 'UDP', more: 1 })).toEqual({
      ...request,
      port: 80,
      protocol: 'UDP',
    })
  })
})
