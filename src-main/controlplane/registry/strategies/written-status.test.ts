import { describe, expect, test } from 'vitest'
import { arrange, at, pod } from '../testing/arrange.ts'
import { saidAgainst } from '../testing/refusals.ts'

const MERGE = 'application/merge-patch+json'

/** Writes the status of a new object. */
async function writing(apiVersion: string, kind: string, body: object, namespace = '') {
  const { registry, write } = await arrange()
  const made = await registry.create(at(apiVersion, kind, namespace), { apiVersion, kind, ...body }, write)
  const target = at(apiVersion, kind, namespace, made.object.metadata.name, 'status')
  return async (status: object) => (await registry.patch(target, MERGE, { status }, write)).object
}

describe('the status of a pod', () => {
  const of = () => writing('v1', 'Pod', pod('p'), 'd')
  const both = [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }]
  test.each<[object, string]>([
    [{ podIP: '10.0.0.1', podIPs: both, hostIP: '10.1.0.1', hostIPs: [{ ip: '10.1.0.1' }] }, ''],
    [
      { podIP: 'x' },
      'status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [{ hostIPs: [{ ip: 'x' }] }, 'status.hostIPs[0]: Invalid value: "x": must be a valid IP address'],
    [
      { podIPs: [...both, { ip: '10.0.0.2' }] },
      'status.podIPs: Invalid value: [{"ip":"10.0.0.1"},{"ip":"fd00::1"},{"ip":"10.0.0.2"}]: may specify no more than one IP for each IP family',
    ],
    [{ podIPs: [both[0], both[0]] }, 'status.podIPs[1]: Duplicate value: {"ip":"10.0.0.1"}'],
    [{ nominatedNodeName: 'A_b' }, 'status.nominatedNodeName: Invalid value: "A_b": a lowercase RFC 1123 subdomain'],
    [{ conditions: [{ type: 'Ready', status: 'True' }] }, ''],
    [
      { conditions: [{ type: 'a b', status: 'True' }] },
      'metadata.conditions[0].Type: Invalid value: "a b": name part must consist of',
    ],
  ])('%j', async (status, words) => {
    const write = await of()
    const said = await saidAgainst(() => write(status))
    if (words === '') expect(said).toBe('')
    else expect(said).toContain(words)
  })

  test('says the same by its one address and by the list of them', async () => {
    const write = await of()
    expect(await write({ podIP: '10.0.0.1' })).toMatchObject({ status: { podIPs: [{ ip: '10.0.0.1' }] } })
    expect(await write({ podIP: '10.0.0.2' })).toMatchObject({ status: { podIPs: [{ ip: '10.0.0.2' }] } })
    const list = await write({ podIP: null, podIPs: both })
    expect(list).toMatchObject({ status: { podIP: '10.0.0.1', podIPs: both } })
    expect((await write({ podIP: null, podIPs: null }))['status']).not.toHaveProperty('podIPs')
  })
})

test('what a node has is never less than nothing, and whole where it is counted', async () => {
  const write = await writing('v1', 'Node', { metadata: { name: 'n' } })
  const capacity = { cpu: '-4', 'example.com/x': '1500m', pods: '1500m', memory: '1500m' }
  const said = await saidAgainst(() => write({ capacity, allocatable: { cpu: '1' } }))
  expect(said).toBe(
    '[status.capacity.cpu: Invalid value: "-4": must be greater than or equal to 0, status.capacity.example.com/x: Invalid value: "1500m": must be an integer, status.capacity.pods: Invalid value: "1500m": must be an integer]',
  )
})

test('a node has each of its addresses once', async () => {
  const write = await writing('v1', 'Node', { metadata: { name: 'n' } })
  const address = { type: 'InternalIP', address: '10.0.0.1' }
  await write({ addresses: [address, { ...address, type: 'ExternalIP' }] })
  expect(await saidAgainst(() => write({ addresses: [address, address] }))).toBe(
    'status.addresses[1]: Duplicate value: {"type":"InternalIP","address":"10.0.0.1"}',
  )
})

test('a claim has no less than nothing', async () => {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const write = await writing('v1', 'PersistentVolumeClaim', { metadata: { name: 'c' }, spec }, 'd')
  await write({ capacity: { storage: '1Gi' } })
  expect(await saidAgainst(() => write({ capacity: { storage: '-1' } }))).toBe(
    'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
  )
})

test('an aggregated API is available, is not, or nobody knows', async () => {
  const spec = {
    group: 'a.io',
    version: 'v1',
    groupPriorityMinimum: 5,
    versionPriority: 5,
    insecureSkipTLSVerify: true,
    service: { name: 's', namespace: 'd' },
  }
  const write = await writing('apiregistration.k8s.io/v1', 'APIService', { metadata: { name: 'v1.a.io' }, spec })
  await write({ conditions: [{ type: 'Available', status: 'Unknown' }] })
  expect(await saidAgainst(() => write({ conditions: [{ type: 'Available', status: 'Maybe' }] }))).toBe(
    'status.conditions[0].status: Unsupported value: "Maybe": supported values: "True", "False", "Unknown"',
  )
})
