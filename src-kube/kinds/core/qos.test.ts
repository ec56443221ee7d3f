import { expect, it } from 'vitest'
import type { Pod, ResourceRequirements } from '#types/core/v1'
import { qosClass } from './qos.ts'

const both = (cpu: string, memory: string) => ({ cpu, memory })

function pod(containers: Array<ResourceRequirements | undefined>, resources?: ResourceRequirements): Pod {
  return {
    metadata: { name: 'p' },
    spec: {
      containers: containers.map((own, i) => ({ name: `c${i}`, ...(own ? { resources: own } : {}) })),
      ...(resources ? { resources } : {}),
    },
  } as Pod
}

it.each<[string, Array<ResourceRequirements | undefined>, string]>([
  ['nothing asked for', [undefined], 'BestEffort'],
  ['only what does not count', [{ requests: { 'ephemeral-storage': '1Gi' } }], 'BestEffort'],
  ['a request of one container', [{ requests: { cpu: '1' } }, undefined], 'Burstable'],
  ['limits of all', [{ limits: both('1', '1Gi') }], 'Guaranteed'],
  ['limits above the requests', [{ limits: both('2', '1Gi'), requests: both('1', '1Gi') }], 'Burstable'],
])('containers decide: %s', (_, containers, expected) => {
  expect(qosClass(pod(containers))).toBe(expected)
})

it.each<[string, ResourceRequirements, string]>([
  ['a request', { requests: { cpu: '1' } }, 'Burstable'],
  ['limits that are the requests', { limits: both('1', '1Gi'), requests: both('1', '1Gi') }, 'Guaranteed'],
  ['limits alone', { limits: both('1', '1Gi') }, 'Guaranteed'],
  ['one limit of two', { limits: { cpu: '1' } }, 'Burstable'],
])('what a pod asks for as a whole decides, whatever its containers say: %s', (_, resources, expected) => {
  expect(qosClass(pod([undefined], resources))).toBe(expected)
  expect(qosClass(pod([{ requests: { cpu: '10m' }, limits: { cpu: '20m' } }], resources))).toBe(expected)
})

it('a pod whose whole asks for nothing that counts is judged by its containers', () => {
  expect(qosClass(pod([{ limits: both('1', '1Gi') }], { requests: {} }))).toBe('Guaranteed')
})
