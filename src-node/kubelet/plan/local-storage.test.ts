import { describe, expect, it } from 'vitest'
import type { Container, Pod, PodSpec } from '#types/core/v1'
import { limitsStorage, scratchVolumes, storageExcess } from './local-storage.ts'

const MIB = 2 ** 20
const pod = (spec: Partial<PodSpec>): Pod => ({ spec: { containers: [{ name: 'c' }], ...spec } }) as Pod
const limited = (name: string, limit: string): Container => ({
  name,
  resources: { limits: { 'ephemeral-storage': limit } },
})
const scratch = [
  { name: 'small', emptyDir: { sizeLimit: '1Mi' } },
  { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
  { name: 'free', emptyDir: {} },
  { name: 'other', configMap: {} },
]
const excess = (one: Pod, volumes: Record<string, number>, containers: Record<string, number> = {}) =>
  storageExcess(one, { volumes: new Map(Object.entries(volumes)), containers: new Map(Object.entries(containers)) })

describe('what a pod puts on the disk of its node', () => {
  it('is looked at only where something limits it', () => {
    expect(limitsStorage(pod({ volumes: scratch }))).toBe(true)
    expect(limitsStorage(pod({ volumes: scratch.slice(1) }))).toBe(false)
    expect(limitsStorage(pod({ containers: [limited('c', '1Mi')] }))).toBe(true)
    expect(limitsStorage(pod({}))).toBe(false)
    expect(scratchVolumes(pod({ volumes: scratch })).map(({ name }) => name)).toEqual(['small', 'free'])
  })

  it('may be as much as each volume allows', () => {
    const one = pod({ volumes: scratch })
    expect(excess(one, { small: MIB, free: 99 * MIB })).toBeUndefined()
    expect(excess(one, {})).toBeUndefined()
    expect(excess(one, { small: MIB + 1 })).toBe('Usage of EmptyDir volume "small" exceeds the limit "1Mi". ')
  })

  it('may be as much as its containers allow, together and each', () => {
    const one = pod({ containers: [limited('a', '2Mi'), limited('b', '1Mi')], volumes: scratch })
    expect(excess(one, { free: MIB }, { a: MIB, b: MIB })).toBeUndefined()
    expect(excess(one, { free: MIB }, { a: 2 * MIB, b: 1 })).toBe(
      'Pod ephemeral local storage usage exceeds the total limit of containers 3Mi. ',
    )
    expect(excess(one, {}, { b: MIB + 1 })).toBe('Container b exceeded its local ephemeral storage limit "1Mi". ')
  })
})
