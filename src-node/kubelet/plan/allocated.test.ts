import { expect, it } from 'vitest'
import type { Pod, ResourceRequirements } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { allocatedTo, askedBy, sameAllocation, withAllocation } from './allocated.ts'

const of = (cpu: string): ResourceRequirements => ({ requests: { cpu } })
const pod = (status?: object): Pod =>
  ({
    spec: {
      containers: [{ name: 'a', resources: of('2') }, { name: 'b' }],
      initContainers: [{ name: 'side', resources: of('1') }],
    },
    status,
  }) as Pod

it('a pod has what it asks for, until its status says that it waits for that', () => {
  expect(allocatedTo(pod())).toEqual(askedBy(pod()))
  const containerStatuses = [{ name: 'a', resources: of('1') }]
  expect(allocatedTo(pod({ containerStatuses })).get('a')).toEqual(of('2'))
  const conditions = [{ type: 'PodResizePending', status: 'True' }]
  const waiting = allocatedTo(pod({ conditions, containerStatuses }))
  expect([...waiting]).toEqual([
    ['', undefined],
    ['a', of('1')],
    ['b', undefined],
    ['side', of('1')],
  ])
  expect(withAllocation(pod(), waiting).spec).toEqual({
    containers: [{ name: 'a', resources: of('1') }, { name: 'b' }],
    initContainers: [{ name: 'side', resources: of('1') }],
  })
  const plain = { spec: { containers: [{ name: 'b', resources: of('1') }] } } as Pod
  expect(withAllocation(plain, new Map()).spec).toEqual({ containers: [{ name: 'b' }] })
})

it('the same is so of what a pod asks for as a whole', () => {
  const whole = (cpu: string, status?: object) => partial<Pod>({ spec: { containers: [], resources: of(cpu) }, status })
  const conditions = [{ type: 'PodResizePending', status: 'True' }]
  const waiting = allocatedTo(whole('2', { conditions, resources: of('1') }))
  expect(sameAllocation(askedBy(whole('2')), waiting)).toBe(false)
  expect(withAllocation(whole('2'), waiting).spec).toEqual({ containers: [], resources: of('1') })
})

it('two are the same whatever the order of their amounts', () => {
  const amounts = (requests: Record<string, string>) => new Map([['a', { requests }]])
  expect(sameAllocation(amounts({ cpu: '1', memory: '1Gi' }), amounts({ memory: '1Gi', cpu: '1' }))).toBe(true)
  expect(sameAllocation(amounts({ cpu: '1' }), amounts({ cpu: '2' }))).toBe(false)
  expect(sameAllocation(new Map([['a', undefined]]), new Map())).toBe(true)
})
