import { describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { podFacts, sameFacts } from './pod-facts.ts'

const pod = (spec: object = {}, status: object = {}, metadata: object = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'd', uid: 'u', ...metadata },
    spec: { nodeName: 'n1', containers: [{ name: 'c' }], ...spec },
    status: { podIP: '10.244.1.2', phase: 'Running', ...status },
  }) as Pod

describe('what policies know of a pod', () => {
  it('is nothing without an address of its own', () => {
    expect(podFacts(pod({}, { podIP: undefined }))).toBeUndefined()
    expect(podFacts(pod({}, { podIP: 'fd00::1' }))).toBeUndefined()
    expect(podFacts(pod({ hostNetwork: true }))).toBeUndefined()
    expect(podFacts(pod({ nodeName: undefined }))).toBeUndefined()
    expect(podFacts({ ...pod(), status: undefined })).toBeUndefined()
  })

  it.each(['Succeeded', 'Failed'])('is nothing once it is %s', (phase) => {
    expect(podFacts(pod({}, { phase }))).toBeUndefined()
  })

  it('is where it is, who it is, and the names of its ports, also of sidecars', () => {
    const containers = [{ ports: [{ name: 'http', containerPort: 80 }, { containerPort: 81 }] }, {}]
    const initContainers = [
      { restartPolicy: 'Always', ports: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }] },
      { ports: [{ name: 'once', containerPort: 1 }] },
    ]
    expect(podFacts(pod({ containers, initContainers }, {}, { labels: { a: 'b' } }))).toEqual({
      key: 'd/a',
      uid: 'u',
      namespace: 'd',
      labels: { a: 'b' },
      node: 'n1',
      ip: '10.244.1.2',
      leaving: false,
      ports: [
        { name: 'http', protocol: 'TCP', port: 80 },
        { name: 'dns', protocol: 'UDP', port: 53 },
      ],
    })
  })

  it('differs by labels, address and whether it leaves, not by what else happens to it', () => {
    const facts = podFacts(pod())
    const differs = (other: Pod) => !sameFacts(facts, podFacts(other))
    expect(differs(pod({}, { conditions: [] }, { annotations: { a: 'b' } }))).toBe(false)
    expect(differs(pod({}, {}, { labels: { a: 'b' } }))).toBe(true)
    expect(differs(pod({}, { podIP: '10.244.1.3' }))).toBe(true)
    expect(differs(pod({}, {}, { deletionTimestamp: 'now' }))).toBe(true)
    expect(differs(pod({}, {}, { uid: 'v' }))).toBe(true)
    expect(differs(pod({}, { phase: 'Failed' }))).toBe(true)
    expect(sameFacts(undefined, undefined)).toBe(true)
  })
})
