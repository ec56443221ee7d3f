import type { Container, PodSpec } from '#types/core/v1'
import type { ResourceClaim } from '#types/resource.k8s.io/v1'
import { describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { advance } from '../../../../src-kube/client/testing/advance.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { arrangeScheduler, node, pod } from '../testing/arrange.ts'
import { device, deviceClass, slice } from '../testing/devices.ts'
import { extendedRequestsOf } from './extended-resources.ts'

const GPU = 'x.dev/gpu'
const asking = (name: string, count: number, more: Partial<Container> = {}): Container => ({
  name,
  image: 'i',
  resources: { requests: { cpu: '1m', [GPU]: `${count}` } },
  ...more,
})

// KEP-5004, "Device requests".
describe('the requests of a pod with extended resources', () => {
  const of = (spec: Partial<PodSpec>) => {
    const { requests, mappings } = extendedRequestsOf(pod('p', spec), new Map([[GPU, 'gpu']]))
    return {
      requests: requests.map(({ name, exactly }) => `${name} ${exactly?.deviceClassName} ${exactly?.count}`),
      mappings: mappings.map(({ containerName, resourceName, requestName }) => {
        expect(resourceName).toBe(GPU)
        return `${containerName} ${requestName}`
      }),
    }
  }

  it('are one a container that asks for any', () => {
    const containers = [asking('a', 1), { name: 'none', image: 'i' }, asking('c', 2)]
    expect(of({ containers })).toEqual({
      requests: ['container-0-request-1 gpu 1', 'container-2-request-1 gpu 2'],
      mappings: ['a container-0-request-1', 'c container-2-request-1'],
    })
  })

  it('give what init containers had to those after them', () => {
    const initContainers = [asking('i', 1), asking('j', 3)]
    expect(of({ initContainers, containers: [asking('a', 1), asking('b', 3)] })).toEqual({
      requests: ['container-0-request-1 gpu 1', 'container-1-request-1 gpu 2', 'container-3-request-1 gpu 1'],
      mappings: [
        'i container-0-request-1',
        'j container-0-request-1',
        'j container-1-request-1',
        'a container-0-request-1',
        'b container-1-request-1',
        'b container-3-request-1',
      ],
    })
  })

  it('leave sidecars what they have', () => {
    const initContainers = [asking('s', 1, { restartPolicy: 'Always' })]
    expect(of({ initContainers, containers: [asking('a', 1)] }).requests).toHaveLength(2)
  })
})

// kubernetes.io, "Dynamic Resource Allocation: Extended resource".
describe('a pod with an extended resource that devices stand for', () => {
  const arrange = (devices = 1, name = GPU, allocatable: Record<string, string> = {}) => {
    const arranged = arrangeScheduler()
    const { server } = arranged
    server.put(refs.nodes, node('n1', { allocatable }))
    server.put(refs.nodes, node('n2'))
    server.put(refs.deviceClasses, deviceClass('gpu', { extendedResourceName: GPU }))
    server.put(refs.resourceSlices, slice('n2', [device('a'), device('b')].slice(0, devices)))
    const containers = [asking('c', 1, { resources: { requests: { [name]: '1' } } })]
    const put = (pod1: string) => server.put(refs.pods, pod(pod1, { containers }))
    const told = () => server.peek(refs.pods, 'p', 'default')?.status?.extendedResourceClaimStatus
    return { ...arranged, put, told, claims: () => server.all(refs.resourceClaims) }
  }

  it('goes where they are, with a claim of its own that says whose they are', async () => {
    const { clock, put, nodeOf, claims, told } = arrange()
    const { metadata } = put('p')
    await advance(clock, 3000)
    expect(nodeOf('p')).toBe('n2')
    const [claim] = claims()
    expect(claim).toMatchObject({
      metadata: {
        generateName: 'p-extended-resources-',
        annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
        ownerReferences: [{ kind: 'Pod', name: 'p', uid: metadata.uid, controller: true, blockOwnerDeletion: true }],
        finalizers: ['resource.kubernetes.io/delete-protection'],
      },
      spec: {
        devices: { requests: [{ name: 'container-0-request-0', exactly: { deviceClassName: 'gpu', count: 1 } }] },
      },
      status: {
        allocation: { devices: { results: [{ request: 'container-0-request-0', device: 'a' }] } },
        reservedFor: [{ resource: 'pods', name: 'p', uid: metadata.uid }],
      },
    })
    expect(told()).toEqual({
      resourceClaimName: claim?.metadata.name,
      requestMappings: [{ containerName: 'c', resourceName: GPU, requestName: 'container-0-request-0' }],
    })
  })

  it('may name the class itself', async () => {
    const { clock, put, nodeOf } = arrange(1, 'deviceclass.resource.kubernetes.io/gpu')
    put('p')
    await advance(clock, 3000)
    expect(nodeOf('p')).toBe('n2')
  })

  it('waits while others have them all', async () => {
    const { clock, put, nodeOf, condition, server, claims } = arrange(2)
    for (const name of ['p', 'q', 'r']) put(name)
    await advance(clock, 5000)
    const [waiting] = ['p', 'q', 'r'].filter((name) => !nodeOf(name))
    expect(condition(waiting!)?.message).toContain('0/2 nodes are available: 2 cannot allocate all claims.')
    expect(claims()).toHaveLength(2)
    const [first] = claims()
    server.remove(refs.pods, first!.status!.reservedFor![0]!.name, 'default')
    server.remove(refs.resourceClaims, first!.metadata.name, 'default')
    await advance(clock, 12_000)
    expect(nodeOf(waiting!)).toBe('n2')
  })

  it('takes what a node has by a device plugin, without a claim', async () => {
    const { clock, put, nodeOf, claims } = arrange(0, GPU, { [GPU]: '1' })
    put('p')
    await advance(clock, 3000)
    expect(nodeOf('p')).toBe('n1')
    expect(claims()).toEqual([])
  })

  it('is tried again when a class comes to stand for it', async () => {
    const { clock, put, nodeOf, server, condition } = arrange()
    server.put(refs.deviceClasses, deviceClass('gpu'))
    put('p')
    await advance(clock, 3000)
    expect(condition('p')?.message).toContain('2 Insufficient x.dev/gpu')
    server.put(refs.deviceClasses, deviceClass('gpu', { extendedResourceName: GPU }))
    await advance(clock, 5000)
    expect(nodeOf('p')).toBe('n2')
  })

  it('leaves no claim where it could not be told of it', async () => {
    const { clock, put, nodeOf, server, claims, warnings } = arrange()
    let refused = 0
    server.intercept = ({ verb, body }) => {
      const status = (body as { status?: object } | undefined)?.status
      if (verb === 'patch' && status && 'extendedResourceClaimStatus' in status && refused++ === 0)
        throw new StatusError(500, 'InternalError', 'no')
      return undefined
    }
    put('p')
    await advance(clock, 500)
    expect(nodeOf('p')).toBeUndefined()
    expect(claims().every(({ metadata, status }) => metadata.deletionTimestamp && !status?.allocation)).toBe(true)
    for (const { metadata } of claims()) server.remove(refs.resourceClaims, metadata.name, 'default')
    await advance(clock, 5000)
    expect(nodeOf('p')).toBe('n2')
    expect(warnings.join()).toContain('binding failed')
  })

  it('finds its claim there when it has to be bound again', async () => {
    const { clock, put, nodeOf, server, claims } = arrange(2)
    let refused = 0
    server.intercept = ({ subresource, body }) => {
      if (subresource === 'binding' && refused++ === 0) throw new StatusError(500, 'InternalError', 'no')
      // Nor is the pod told why, which would bring it anew.
      if (JSON.stringify(body ?? {}).includes('PodScheduled')) throw new StatusError(500, 'InternalError', 'no')
      return undefined
    }
    put('p')
    await advance(clock, 5000)
    expect(nodeOf('p')).toBe('n2')
    expect(claims()).toHaveLength(1)
  })

  it('gives its claim up for devices elsewhere', async () => {
    const { clock, put, nodeOf, server, claims } = arrange()
    let refuses = true
    server.intercept = ({ subresource }) => {
      if (subresource === 'binding' && refuses) throw new StatusError(500, 'InternalError', 'no')
      return undefined
    }
    put('p')
    await advance(clock, 500)
    const [first] = claims() as [ResourceClaim]
    expect(first.status?.allocation).toBeDefined()
    refuses = false
    server.put(refs.nodes, node('n2', { unschedulable: true }))
    server.put(refs.resourceSlices, slice('n1', [device('c')]))
    await advance(clock, 5000)
    server.remove(refs.resourceClaims, first.metadata.name, 'default')
    await advance(clock, 20_000)
    expect(nodeOf('p')).toBe('n1')
    expect(claims().map(({ status }) => status?.allocation?.devices?.results?.[0]?.device)).toEqual(['c'])
  })
})
