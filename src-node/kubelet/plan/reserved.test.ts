import { describe, expect, it } from 'vitest'
import { defaultReservation, reservation } from './reserved.ts'

describe('what a node keeps from its pods', () => {
  it.each([[undefined], [{}], [{ kubeReserved: null }], [{ enforceNodeAllocatable: ['pods'] }]])(
    'of the configuration %j is what it keeps by default',
    (configuration) => expect(reservation(configuration)).toEqual(defaultReservation),
  )

  it('is what is kept for the system and for Kubernetes together', () => {
    const kubeReserved = { cpu: '200m', memory: '100Mi', 'ephemeral-storage': '1Gi', pid: '1000' }
    const systemReserved = { cpu: 1, memory: '28Mi' }
    expect(reservation({ kubeReserved, systemReserved })).toEqual({
      reserved: { milliCpu: 1200, memory: 128 * 2 ** 20, storage: 2 ** 30, processes: 1000 },
      enforced: true,
      said: { kubeReserved, systemReserved },
    })
  })

  it('is enforced by control groups unless its owner does not want that', () => {
    expect(reservation({ enforceNodeAllocatable: ['none'] }).enforced).toBe(false)
    expect(reservation({ enforceNodeAllocatable: [] }).enforced).toBe(false)
  })

  it.each([
    [{ kubeReserved: { gpu: '1' } }, 'kubeReserved: "gpu" is no resource that can be reserved'],
    [{ systemReserved: { cpu: [] } }, 'systemReserved.cpu: [] is no quantity'],
    [{ systemReserved: { memory: '-1Gi' } }, 'systemReserved.memory: -1Gi must not be negative'],
    [{ systemReserved: { cpu: 'much' } }, 'quantities must match'],
    [{ enforceNodeAllocatable: ['pods', 'kube-reserved'] }, 'enforceNodeAllocatable: ["pods","kube-reserved"] is more'],
    [{ enforceNodeAllocatable: 'pods' }, 'enforceNodeAllocatable: "pods" is more'],
  ])('%j is told of', (configuration, words) => expect(() => reservation(configuration)).toThrow(words))
})
