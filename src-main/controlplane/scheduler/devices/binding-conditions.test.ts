import type { Device, ResourceClaim } from '#types/resource.k8s.io/v1'
import { describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { advance } from '../../../../src-kube/client/testing/advance.ts'
import { arrangeScheduler, node, pod } from '../testing/arrange.ts'
import { ask, claim, device, deviceClass, slice, using } from '../testing/devices.ts'
import { NodeInfo } from '../framework/node-info.ts'
import { indexPools } from './pools.ts'
import { readinessOf } from './binding-conditions.ts'

const fabric: Partial<Device> = {
  bindsToNode: true,
  bindingConditions: ['x.dev/attached'],
  bindingFailureConditions: ['x.dev/failed'],
}
const told = (type: string, more: object = {}) => ({
  driver: 'd',
  pool: 'fabric',
  device: 'far',
  conditions: [{ type, status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'R', message: 'm' }],
  ...more,
})

// kubernetes.io, "Dynamic Resource Allocation: Device binding conditions".
describe('a device that is attached first', () => {
  const arrange = (devices = [device('far', {}, fabric)]) => {
    const arranged = arrangeScheduler()
    const { server } = arranged
    for (const name of ['n1', 'n2']) server.put(refs.nodes, node(name))
    server.put(refs.deviceClasses, deviceClass('gpu'))
    const pool = { name: 'fabric', generation: 1, resourceSliceCount: 1 }
    server.put(refs.resourceSlices, slice('fabric', devices, { pool, nodeName: undefined, allNodes: true }))
    server.put(refs.resourceClaims, claim('c', { requests: [ask('r')] }))
    server.put(refs.pods, using('p', ['c']))
    const current = () => server.peek(refs.resourceClaims, 'c', 'default')!
    const tell = (...said: object[]) => {
      const { status, ...rest } = current()
      server.put(refs.resourceClaims, { ...rest, status: { ...status, devices: said } } as ResourceClaim)
    }
    return { ...arranged, current, tell }
  }

  it('holds the pod back until its driver says that it is there', async () => {
    const { clock, nodeOf, current, tell } = arrange()
    await advance(clock, 5000)
    expect(nodeOf('p')).toBeUndefined()
    const { allocation } = current().status!
    expect(allocation?.devices?.results).toMatchObject([
      { bindingConditions: ['x.dev/attached'], bindingFailureConditions: ['x.dev/failed'] },
    ])
    const chosen = allocation?.nodeSelector?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0]
    expect(['n1', 'n2']).toContain(chosen)
    tell(told('x.dev/other'))
    await advance(clock, 5000)
    expect(nodeOf('p')).toBeUndefined()
    tell(told('x.dev/attached'))
    await advance(clock, 5000)
    expect(nodeOf('p')).toBe(chosen)
  })

  it('gives it back when it fails, says why, and tries again', async () => {
    const { clock, events, current, tell, warnings } = arrange()
    await advance(clock, 2000)
    const before = current().status?.allocation
    tell(told('x.dev/failed'))
    await advance(clock, 600)
    expect(events('p').join()).toContain(
      'claim default/c: binding of device d/fabric/far has failed: condition x.dev/failed (R: m)',
    )
    expect(warnings.join()).toContain('binding failed')
    await advance(clock, 5000)
    expect(current().status?.allocation?.allocationTimestamp).not.toBe(before?.allocationTimestamp)
    expect(current().status?.devices).toBeUndefined()
  })

  it('leaves no claim behind that stood for an extended resource', async () => {
    const { clock, server } = arrange()
    server.put(refs.deviceClasses, deviceClass('gpu', { extendedResourceName: 'x.dev/gpu' }))
    server.remove(refs.pods, 'p', 'default')
    server.remove(refs.resourceClaims, 'c', 'default')
    await advance(clock, 1000)
    server.put(
      refs.pods,
      pod('e', { containers: [{ name: 'c', image: 'i', resources: { requests: { 'x.dev/gpu': '1' } } }] }),
    )
    await advance(clock, 1000)
    const [first] = server.all(refs.resourceClaims)
    server.put(refs.resourceClaims, {
      ...first,
      status: { ...first?.status, devices: [told('x.dev/failed')] },
    } as ResourceClaim)
    await advance(clock, 600)
    expect(server.peek(refs.resourceClaims, first!.metadata.name, 'default')?.metadata.deletionTimestamp).toBeDefined()
  })

  it('gives it back when it takes too long', async () => {
    const { clock, events } = arrange()
    await advance(clock, 601_000, 200)
    expect(events('p').join()).toContain('claim default/c: timed out waiting for the binding conditions')
  })

  it('does not wait for a pod or a claim that is gone', async () => {
    const { clock, server, current, warnings } = arrange()
    await advance(clock, 2000)
    server.put(refs.resourceClaims, { ...current(), status: {} })
    await advance(clock, 600)
    expect(warnings.join()).toContain('claim default/c got deallocated')
    await advance(clock, 5000)
    server.remove(refs.pods, 'p', 'default')
    await advance(clock, 1000)
    expect(warnings.join()).toContain('pod does not exist any more')
  })

  it('comes after those that can be used at once', () => {
    const everywhere = (name: string, one: Device) => {
      const pool = { name, generation: 1, resourceSliceCount: 1 }
      return slice(name, [one], { pool, nodeName: undefined, allNodes: true })
    }
    const poolsOf = indexPools([everywhere('slow', device('a', {}, fabric)), everywhere('quick', device('b'))])
    expect(poolsOf(new NodeInfo('n1')).map(({ name }) => name)).toEqual(['quick', 'slow'])
  })

  it('is ready only when all that a claim has of it says so', () => {
    const result = { request: 'r', driver: 'd', pool: 'fabric', device: 'far', bindingConditions: ['a', 'b'] }
    const of = (results: object[], devices: object[]) =>
      readinessOf(claim('c', {}, { allocation: { devices: { results } }, devices }), 0)
    expect(of([{ ...result, bindingConditions: undefined }], [])).toBe('ready')
    expect(of([result], [told('a')])).toBe('waiting')
    expect(of([result], [told('a', { conditions: [...told('a').conditions, ...told('b').conditions] })])).toBe('ready')
    expect(of([{ ...result, bindingConditions: ['a'], shareID: 's' }], [told('a')])).toBe('waiting')
    expect(
      of(
        [{ ...result, bindingFailureConditions: ['f'] }],
        [told('f', { conditions: [{ type: 'f', status: 'True' }] })],
      ),
    ).toEqual({ failed: 'claim default/c: binding of device d/fabric/far has failed: condition f' })
  })
})
