import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { Exchange, type Incoming, type Outgoing } from './exchange.ts'
import { negotiate } from './negotiation.ts'
import { wantsPretty } from './pretty.ts'
import { parseRequest } from './request-info.ts'

describe('wantsPretty', () => {
  const asked = (query: string, agent?: string): boolean => wantsPretty(new URLSearchParams(query), agent)

  it.each(['curl/8.5.0', 'Wget/1.21', 'Mozilla/5.0 (X11)'])('is for %s, which people read', (agent) => {
    expect(asked('', agent)).toBe(true)
    expect(asked('limit=1', agent)).toBe(true)
    expect(asked('pretty=false', agent)).toBe(false)
    expect(asked('pretty=odd', agent)).toBe(false)
  })

  it('is for programs only when they ask', () => {
    expect(asked('', 'kubectl/v1.36.0')).toBe(false)
    expect(asked('')).toBe(false)
    expect(asked('pretty=true', 'kubectl/v1.36.0')).toBe(true)
    expect(asked('pretty=1')).toBe(true)
    expect(asked('pretty=')).toBe(false)
  })
})

describe('JSON for people', () => {
  async function sent(answer: (exchange: Exchange) => unknown, agent = 'curl/8'): Promise<string> {
    let text = ''
    const response = {
      writeHead: () => {},
      end: (body?: Buffer) => void (text = String(body ?? '')),
    }
    const request = { method: 'GET', headers: { 'user-agent': agent } } as Incoming
    await answer(new Exchange(request, partial<Outgoing>(response), parseRequest('GET', '/api')))
    return text
  }
  const form = negotiate('application/json', () => false)
  const indented = '{\n  "a": [\n    1\n  ],\n  "b": {}\n}'
  const bytes = Buffer.from('{"a":[1],"b":{}}')

  it.each<[string, (exchange: Exchange) => unknown]>([
    ['an object', (exchange) => exchange.sendObject(200, form, { a: [1], b: {} })],
    ['stored bytes', (exchange) => exchange.sendObject(200, form, bytes)],
    ['a list in parts', (exchange) => exchange.sendParts(200, form, [bytes.subarray(0, 5), bytes.subarray(5)])],
    ['a document', (exchange) => exchange.sendJson(200, { a: [1], b: {} })],
  ])('is indented: %s', async (_, answer) => {
    expect(await sent(answer)).toBe(indented)
    expect((await sent(answer, 'kubectl')).trim()).toBe(bytes.toString())
  })

  it('is indented for everybody where the document is for people', async () => {
    expect(await sent((exchange) => exchange.sendIndented(200, { a: [1], b: {} }), 'kubectl')).toBe(indented)
  })
})
