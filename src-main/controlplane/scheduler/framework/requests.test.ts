import type { Container, Pod, PodSpec } from '#types/core/v1'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { pod } from '../testing/arrange.ts'
import { podRequests } from './requests.ts'

const asking = (requests: Record<string, string>, more: Partial<Container> = {}): Container => ({
  name: 'c',
  resources: { requests },
  ...more,
})
const sidecar = (cpu: string) => asking({ cpu }, { restartPolicy: 'Always' })
const cpu = (spec: Partial<PodSpec>) => podRequests(pod('a', spec)).milliCpu
const MEBI = 1024 * 1024

// kubernetes.io, "Init Containers: resource sharing within containers" and KEP-753, "Resources calculation for scheduling".
describe('what a pod asks', () => {
  it.each<[string, Partial<PodSpec>, number]>([
    ['is the sum of its containers', { containers: [asking({ cpu: '1' }), asking({ cpu: '500m' })] }, 1500],
    [
      'is the biggest init container when that is more',
      { initContainers: [asking({ cpu: '3' }), asking({ cpu: '2' })] },
      3000,
    ],
    ['includes sidecars', { initContainers: [sidecar('1')], containers: [asking({ cpu: '1' })] }, 2000],
    [
      'counts for an init container the sidecars before it',
      { initContainers: [sidecar('1'), asking({ cpu: '3' })] },
      4000,
    ],
    ['but not those after it', { initContainers: [asking({ cpu: '3' }), sidecar('1')] }, 3000],
    [
      'is what the pod as a whole says, if it does',
      { containers: [asking({ cpu: '2' })], resources: { requests: { cpu: '1' } } },
      1000,
    ],
    ['includes the overhead of its runtime', { containers: [asking({ cpu: '1' })], overhead: { cpu: '250m' } }, 1250],
    ['is nothing when nobody says anything', {}, 0],
  ])('%s', (_what, spec, expected) => {
    expect(cpu(spec)).toBe(expected)
  })

  it('counts memory and local storage in bytes and devices by their names', () => {
    const requests = podRequests(
      pod('a', {
        containers: [asking({ memory: '1Gi', 'ephemeral-storage': '1Mi', 'a.b/gpu': '2', 'hugepages-2Mi': '0' })],
      }),
    )
    expect(requests).toMatchObject({ memory: 1024 * MEBI, ephemeralStorage: MEBI })
    expect([...requests.scalars]).toEqual([['a.b/gpu', 2]])
  })

  it('is taken for 100m and 200Mi a container, for scores only, where it says nothing', () => {
    const { milliCpu, nonZeroCpu, nonZeroMemory } = podRequests(
      pod('a', { containers: [asking({ cpu: '1' }), asking({ memory: '1Mi' })] }),
    )
    expect({ milliCpu, nonZeroCpu, nonZeroMemory }).toEqual({
      milliCpu: 1000,
      nonZeroCpu: 1100,
      nonZeroMemory: 201 * MEBI,
    })
  })

  // kubernetes.io, "Resize CPU and Memory Resources assigned to Containers" and KEP-1287, "Scheduler and API Server Interaction".
  describe('while it is resized', () => {
    const resized = (asked: string, promised: string, actual: string, why?: string) => {
      const given = pod('a', { containers: [asking({ cpu: asked })] })
      const said = { name: 'c', allocatedResources: { cpu: promised }, resources: { requests: { cpu: actual } } }
      const conditions = why ? [{ type: 'PodResizePending', status: 'True', reason: why }] : []
      return podRequests(partial<Pod>({ ...given, status: { conditions, containerStatuses: [said] } })).milliCpu
    }
    it.each<[string, Parameters<typeof resized>, number]>([
      ['counts what is asked when that is most', ['3', '1', '1'], 3000],
      ['counts what was promised when that is most', ['1', '2', '1'], 2000],
      ['counts what it runs with when that is most', ['1', '1', '2'], 2000],
      ['counts what is deferred', ['3', '1', '1', 'Deferred'], 3000],
      ['leaves out what is infeasible', ['300', '2', '1', 'Infeasible'], 2000],
      ['is what is asked once all agree', ['1', '1', '1'], 1000],
    ])('%s', (_what, given, expected) => {
      expect(resized(...given)).toBe(expected)
    })

    it('counts sidecars and the pod as a whole alike', () => {
      const given = pod('a', { initContainers: [sidecar('1')], containers: [asking({}, { name: 'main' })] })
      const said = { name: 'c', resources: { requests: { cpu: '2' } } }
      expect(podRequests(partial<Pod>({ ...given, status: { initContainerStatuses: [said] } })).milliCpu).toBe(2000)
      const whole = pod('a', { containers: [asking({ cpu: '1' })], resources: { requests: { cpu: '2' } } })
      expect(podRequests({ ...whole, status: { allocatedResources: { cpu: '3' } } } as Pod).milliCpu).toBe(3000)
    })
  })
})
