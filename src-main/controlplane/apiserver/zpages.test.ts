import { expect, test } from 'vitest'
import { FakeClock } from '../../../src-kube/machinery/clock.ts'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { Exchange, type Incoming, type Outgoing } from './http/exchange.ts'
import { parseRequest } from './http/request-info.ts'
import { zPage } from './zpages.ts'

const jsonOf = (kind: string, version = 'v1beta1'): string => `application/json;v=${version};g=config.k8s.io;as=${kind}`

/** What a GET is answered after an hour and a minute; lines of text or an object. */
async function get(path: string, accept?: string): Promise<{ type: string; lines: string[]; object: unknown }> {
  const clock = new FakeClock(Date.UTC(2026, 0, 1, 9))
  await clock.advance(3_661_500)
  const answer = { type: '', body: '' }
  const response = {
    writeHead: (_code: number, headers: Record<string, string>) => void (answer.type = headers['content-type']!),
    end: (body: Buffer) => void (answer.body = body.toString()),
  }
  const request = { method: 'GET', headers: accept === undefined ? {} : { accept } } as Incoming
  zPage(path, { address: 'https://127.0.0.1:6443', clock })!(
    new Exchange(request, partial<Outgoing>(response), parseRequest('GET', path)),
  )
  const { type, body } = answer
  return { type, lines: body.split('\n'), object: type === 'application/json' ? JSON.parse(body) : undefined }
}

test('/statusz tells people since when the server is up, and what it is', async () => {
  for (const accept of [undefined, '*/*', 'text/html, text/plain;q=0.5']) {
    const { type, lines } = await get('/statusz', accept)
    expect(type).toBe('text/plain; charset=utf-8')
    expect(lines.slice(1, 6)).toEqual([
      'kube-apiserver statusz',
      expect.stringMatching(/^Warning: This endpoint is not meant to be machine parseable/),
      '',
      'Started: Thu Jan  1 09:00:00 UTC 2026',
      'Up: 1 hr 01 min 01 sec',
    ])
    expect(lines).toContain('Emulation version: 1.36')
    expect(lines).toContain('Paths: /healthz /livez /metrics /readyz /statusz /version')
  }
})

test('/statusz is an object to who names it in full', async () => {
  expect((await get('/statusz', jsonOf('Statusz'))).object).toMatchObject({
    kind: 'Statusz',
    apiVersion: 'config.k8s.io/v1beta1',
    metadata: { name: 'kube-apiserver' },
    startTime: '2026-01-01T09:00:00Z',
    uptimeSeconds: 3661,
    emulationVersion: '1.36',
    minimumCompatibilityVersion: '1.35',
    paths: expect.arrayContaining(['/livez']),
  })
  expect((await get('/statusz', jsonOf('Statusz', 'v1alpha1'))).object).toMatchObject({
    apiVersion: 'config.k8s.io/v1alpha1',
  })
  for (const accept of ['application/json', jsonOf('Flagz'), jsonOf('Statusz', 'v9'), 'application/yaml'])
    await expect(get('/statusz', accept)).rejects.toMatchObject({ code: 406, reason: 'NotAcceptable' })
})

test('/flagz tells what the server would have been started with', async () => {
  const { lines } = await get('/flagz')
  expect(lines[1]).toBe('kube-apiserver flags')
  expect(lines).toContain('authorization-mode=[Node,RBAC]')
  expect((await get('/flagz', `text/csv, ${jsonOf('Flagz')}`)).object).toMatchObject({
    kind: 'Flagz',
    flags: { 'secure-port': '6443', 'request-timeout': '1m0s' },
  })
})

test('Other paths are no such pages', () => {
  expect(zPage('/statusz/x', { address: '', clock: new FakeClock() })).toBeUndefined()
})
