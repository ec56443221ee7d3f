import { describe, expect, it } from 'vitest'
import type { Node } from '#types/core/v1'
import { proxyHealth, type ProxyFacts } from './proxy-health.ts'

const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', uid: '1', resourceVersion: '1' },
  spec: {},
}
const now = Date.UTC(2026, 0, 1)
const facts: ProxyFacts = { now, lastUpdated: now - 90_000, pendingSince: undefined, node }
const told = (path: '/healthz' | '/livez', changes: Partial<ProxyFacts> = {}) => {
  const { status, body } = proxyHealth(path, { ...facts, ...changes })
  return { status, ...(JSON.parse(body) as object) }
}

describe('proxyHealth', () => {
  it('is well while nothing waits, however long ago the last change was', () => {
    const currentTime = '2026-01-01T00:00:00.000Z'
    expect(told('/healthz')).toEqual({ status: 200, lastUpdated: currentTime, currentTime, nodeEligible: true })
    expect(told('/livez')).toEqual({ status: 200, lastUpdated: currentTime, currentTime })
  })

  it('is not when a change has waited for a minute', () => {
    expect(told('/livez', { pendingSince: now - 59_999 }).status).toBe(200)
    expect(told('/livez', { pendingSince: now - 60_000 })).toMatchObject({
      status: 503,
      lastUpdated: '2025-12-31T23:58:30.000Z',
    })
    expect(told('/healthz', { pendingSince: now - 60_000 }).status).toBe(503)
  })

  it('wants no new traffic for a node that leaves, but lives', () => {
    const leaving = {
      ...node,
      spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' as const }] },
    }
    const deleted = { ...node, metadata: { ...node.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
    for (const gone of [leaving, deleted, undefined]) {
      expect(told('/healthz', { node: gone })).toMatchObject({ status: 503, nodeEligible: false })
      expect(told('/livez', { node: gone }).status).toBe(200)
    }
    const cordoned = {
      ...node,
      spec: { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' as const }] },
    }
    expect(told('/healthz', { node: cordoned }).status).toBe(200)
  })
})
