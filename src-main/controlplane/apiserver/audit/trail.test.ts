import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { groupOrder, kinds } from '../../../../src-kube/kinds/index.ts'
import { readBody, type Incoming } from '../http/exchange.ts'
import { parseRequest } from '../http/request-info.ts'
import { ResourceTable } from '../resources.ts'
import type { AuditEvent } from './event.ts'
import { heard, noteDecision, noteDeprecation } from './notes.ts'
import type { AuditLevel } from './policy.ts'
import { Trail } from './trail.ts'

const jane = { name: 'jane', uid: 'u', groups: ['dev'], extra: { 'x.io/a': ['b'] } }

function follow(method: string, url: string, body = '', level: AuditLevel = 'Request', headers: object = {}) {
  const told: AuditEvent[] = []
  const request = Object.assign(Readable.from([Buffer.from(body)]), { url, headers }) as Incoming
  const trail = new Trail({
    info: parseRequest(method, url),
    request,
    id: '1',
    judge: () => ({ level, omitted: new Set(), omitManagedFields: false }),
    now: () => Date.UTC(2026, 0, 1),
    write: (event) => void told.push(structuredClone(event)),
  })
  return { trail, told, request }
}

test('Stages are told one after the other, of who asks and for whom', () => {
  const { trail, told } = follow('GET', '/api/v1/nodes/n')
  trail.from(jane)
  trail.inNameOf({ name: 'joe', groups: [] })
  trail.annotate('a', 'first')
  trail.annotate('a', 'second')
  trail.end(200)
  trail.end(500)
  expect(told.map(({ stage }) => stage)).toEqual(['RequestReceived', 'ResponseComplete'])
  expect(told[0]).toMatchObject({
    user: { username: 'jane', uid: 'u', groups: ['dev'], extra: { 'x.io/a': ['b'] } },
    sourceIPs: [],
    stageTimestamp: '2026-01-01T00:00:00.000000Z',
  })
  expect(told[1]).toMatchObject({
    impersonatedUser: { username: 'joe' },
    annotations: { a: 'first' },
    responseStatus: { metadata: {}, code: 200 },
  })
})

test('A body that cannot be read is not told, a deletion tells its options', async () => {
  const broken = follow('POST', '/api/v1/namespaces/d/pods', '{')
  broken.trail.from(jane)
  await readBody(broken.request)
  broken.trail.end(400)
  expect(broken.told[1]).not.toHaveProperty('requestObject')
  const deletion = follow('DELETE', '/api/v1/namespaces/d/pods/p', '{"gracePeriodSeconds":0}')
  deletion.trail.from(jane)
  await readBody(deletion.request)
  deletion.trail.end(200)
  expect(deletion.told[1]).toMatchObject({ objectRef: { name: 'p' }, requestObject: { gracePeriodSeconds: 0 } })
})

test('What no policy wants is not told, whatever happens', () => {
  const { trail, told } = follow('GET', '/version', '', 'None')
  trail.from(jane)
  trail.inNameOf(jane)
  trail.annotate('a', 'b')
  trail.answered({})
  trail.started(200)
  trail.end(200)
  expect(told).toEqual([])
})

test.each([
  [{}, 'Authentication failed, no credentials provided'],
  [{ authorization: 'Basic eA==' }, 'Authentication failed, attempted: basic'],
])('Who proves nothing is told of by what they tried: %j', (headers, message) => {
  const { trail, told } = follow('GET', '/version', '', 'Metadata', headers)
  trail.end(401)
  expect(told).toMatchObject([{ stage: 'ResponseStarted', user: {}, responseStatus: { message, code: 401 } }])
})

test('Notes tell who it was, what was decided and what is to go', async () => {
  const { trail, told } = follow('GET', '/apis/policy/v1beta1/namespaces/d/poddisruptionbudgets')
  const authenticate = heard((credentials) => (credentials.token ? jane : undefined), trail)
  const nobody = { certificate: undefined, token: undefined, impersonate: undefined }
  expect(await authenticate(nobody)).toBeUndefined()
  await authenticate({ ...nobody, token: 'x' })
  noteDecision(trail, { allowed: false })
  const table = new ResourceTable(kinds, groupOrder)
  noteDeprecation(trail, table.find('policy', 'v1beta1', 'poddisruptionbudgets')!)
  noteDeprecation(undefined, table.find('', 'v1', 'pods')!)
  trail.end(200)
  expect(told[1]!.annotations).toEqual({
    'authorization.k8s.io/decision': 'forbid',
    'authorization.k8s.io/reason': '',
    'k8s.io/deprecated': 'true',
    'k8s.io/removed-release': '1.25',
  })
})
