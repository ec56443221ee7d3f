import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '#types/core/v1'
import { readEnvironment, type EnvironmentSources } from './container-environment.ts'

const pod = { metadata: { name: 'p', namespace: 'shop', uid: 'u' }, spec: { containers: [] } } as unknown as Pod

function sources(read: string[] = []): EnvironmentSources {
  return {
    nodeName: 'n1',
    nodeIp: '172.28.0.11',
    services: () => [],
    references: {
      configMap(namespace: string, name: string) {
        read.push(`${namespace}/${name}`)
        return Promise.resolve({ data: { a: '1', b: '2' } })
      },
      secret: () => Promise.reject(new Error('the server is away')),
      hold: () => () => undefined,
    },
    nodeFacts: {
      allocatable() {
        read.push('allocatable')
        return Promise.resolve({ cpu: '4' })
      },
      memoryCapacity: () => Promise.resolve(0),
    },
  } as unknown as EnvironmentSources
}
const key = (name: string) => ({ configMapKeyRef: { name: 'settings', key: name } })

describe('reading the variables of a container', () => {
  it('reads each object once, and the node only for limits', async () => {
    const read: string[] = []
    const env = [
      { name: 'A', valueFrom: key('a') },
      { name: 'B', valueFrom: key('b') },
    ]
    const container: Container = { name: 'c', env }
    expect(await readEnvironment(sources(read), pod, container, '')).toEqual(
      new Map([
        ['A', '1'],
        ['B', '2'],
      ]),
    )
    expect(read).toEqual(['shop/settings'])
    env.push({ name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } as never })
    expect((await readEnvironment(sources(read), pod, container, '')).get('C')).toBe('4')
    expect(read).toContain('allocatable')
  })

  it('fails as a configuration that cannot be made', async () => {
    const container: Container = { name: 'c', envFrom: [{ secretRef: { name: 'keys' } }] }
    await expect(readEnvironment(sources(), pod, container, '')).rejects.toMatchObject({
      reason: 'CreateContainerConfigError',
      message: 'the server is away',
    })
  })
})
