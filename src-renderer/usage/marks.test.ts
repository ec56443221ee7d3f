import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { podMarks } from './marks.ts'

const podOf = (spec: object): KubeObject => partial({ metadata: { name: 'p' }, spec })
const pod = (...containers: object[]) => podOf({ containers: containers.map((resources) => ({ resources })) })
const asks = (cpu: string) => ({ requests: { cpu } })
const may = (cpu: string) => ({ ...asks(cpu), limits: { cpu } })

it('adds up what pods ask for and may have, where all of them say so', () => {
  expect(podMarks([pod(may('100m')), pod(may('0.2'))], 'cpu')).toEqual([
    { part: 'requests', value: 300 },
    { part: 'limits', value: 300 },
  ])
  expect(podMarks([pod(may('100m')), pod(asks('100m'))], 'cpu')).toEqual([{ part: 'requests', value: 200 }])
  expect(podMarks([pod(may('100m')), pod({})], 'cpu')).toEqual([])
  expect(podMarks([pod(may('100m'))], 'memory')).toEqual([])
  expect(podMarks([], 'cpu')).toEqual([])
})

it('a container without a limit leaves its pod without one, also a sidecar, unless the pod states its own', () => {
  expect(podMarks([pod(may('1'), {})], 'cpu')).toEqual([{ part: 'requests', value: 1000 }])
  const initContainers = [{ restartPolicy: 'Always' }, {}]
  const withSidecar = podOf({ containers: [{ resources: may('1') }], initContainers })
  expect(podMarks([withSidecar], 'cpu')).toEqual([{ part: 'requests', value: 1000 }])
  const own = podOf({ resources: { limits: { memory: '1Mi' } }, containers: [{}, {}] })
  expect(podMarks([own], 'memory')).toEqual([{ part: 'limits', value: 2 ** 20 }])
})
