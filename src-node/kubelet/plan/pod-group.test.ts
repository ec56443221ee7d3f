import { describe, expect, it } from 'vitest'
import type { Container, Pod, ResourceRequirements } from '#types/core/v1'
import { burstableShares, changed, podGroup, podGroupLimits, podOfGroup, raised } from './pod-group.ts'

const MIB = 2 ** 20
const has = (limits: Record<string, string>, requests = limits): ResourceRequirements => ({ limits, requests })
const pod = (all: Array<ResourceRequirements | undefined>, spec: object = {}, qosClass = 'Burstable'): Pod => {
  const containers = all.map((resources, i): Container => ({
    name: `c${i}`,
    image: 'i',
    ...(resources && { resources }),
  }))
  return {
    metadata: { name: 'p', namespace: 'd', uid: 'u' },
    spec: { containers, ...spec },
    status: { qosClass },
  } as unknown as Pod
}

describe('the control group of a pod', () => {
  it.each([
    ['Guaranteed', '/kubepods/podu'],
    ['Burstable', '/kubepods/burstable/podu'],
    ['BestEffort', '/kubepods/besteffort/podu'],
  ])('of the class %s is %s', (qosClass, group) => {
    expect(podGroup(pod([], {}, qosClass))).toBe(group)
  })

  it('is known by its name', () => {
    expect(['podu', 'burstable'].map(podOfGroup)).toEqual(['u', undefined])
  })

  it('has what its containers have together, where all are limited', () => {
    const both = pod([has({ cpu: '500m', memory: '64Mi' }), has({ cpu: '1', memory: '32Mi' })])
    expect(podGroupLimits(both)).toEqual({ shares: 1536, quota: 150_000, memory: 96 * MIB })
    const one = pod([has({ cpu: '500m', memory: '64Mi' }), has({ memory: '32Mi' })])
    expect(podGroupLimits(one)).toEqual({ shares: 512, quota: Infinity, memory: 96 * MIB })
    expect(podGroupLimits(pod([undefined]))).toEqual({ shares: 2, quota: Infinity, memory: Infinity })
  })

  it('has room for an init container that has more than all others, which must be limited too', () => {
    const init = { name: 'init', image: 'i', resources: has({ cpu: '2', memory: '16Mi' }) }
    const limits = { cpu: '1', memory: '32Mi' }
    const spec = { initContainers: [init] }
    expect(podGroupLimits(pod([has(limits)], spec))).toMatchObject({ quota: 200_000, memory: 32 * MIB })
    const free = { initContainers: [{ name: 'init', image: 'i' }] }
    expect(podGroupLimits(pod([has(limits)], free))).toMatchObject({ quota: Infinity, memory: Infinity })
  })

  it('has what it asks for as a whole, whatever its containers do', () => {
    const whole = { resources: { limits: { cpu: '200m', memory: '64Mi' }, requests: { cpu: '100m' } } }
    expect(podGroupLimits(pod([undefined, has({ cpu: '100m' })], whole))).toEqual({
      shares: 102,
      quota: 20_000,
      memory: 64 * MIB,
    })
  })

  it('has room for the overhead of its runtime', () => {
    const spec = { overhead: { cpu: '250m', memory: '10Mi' } }
    const limited = pod([has({ cpu: '250m', memory: '20Mi' })], spec)
    expect(podGroupLimits(limited)).toEqual({ shares: 512, quota: 50_000, memory: 30 * MIB })
  })

  it('has no less than the engine can be asked for, and no share of none', () => {
    expect(podGroupLimits(pod([has({ cpu: '1m', memory: '1Mi' })]))).toEqual({
      shares: 2,
      quota: 1000,
      memory: 6 * MIB,
    })
  })

  it('goes by what it has been given, not by what its status says that it had', () => {
    const resized = pod([has({ cpu: '1', memory: '32Mi' })])
    const containerStatuses = [{ name: 'c0', resources: has({ cpu: '2', memory: '64Mi' }) }]
    resized.status = { ...resized.status, containerStatuses } as unknown as Pod['status']
    expect(podGroupLimits(resized)).toEqual({ shares: 1024, quota: 100_000, memory: 32 * MIB })
  })
})

it('burstable pods weigh what they ask for together', () => {
  const asks = (cpu: string, qosClass: string): Pod => pod([{ requests: { cpu } }], {}, qosClass)
  expect(burstableShares([asks('500m', 'Burstable'), asks('1', 'Burstable'), asks('4', 'Guaranteed')])).toBe(1536)
  expect(burstableShares([])).toBe(2)
})

it('of two sets of limits what grows is told from what differs', () => {
  const before = { shares: 2, quota: 1000, memory: Infinity }
  const now = { shares: 4, quota: 1000, memory: 5 }
  expect(raised(before, now)).toEqual({ shares: 4 })
  expect(changed(before, now)).toEqual({ shares: 4, memory: 5 })
})
