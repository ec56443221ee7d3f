import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Container, EnvVar, Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { readEnvironment, type EnvironmentSources } from './container-environment.ts'

const pod = partial<Pod>({ metadata: { name: 'p', namespace: 'shop', uid: 'u' }, spec: { containers: [] } })

function sources(read: string[] = []): EnvironmentSources {
  return partial<EnvironmentSources>({
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
  })
}
const key = (name: string) => ({ configMapKeyRef: { name: 'settings', key: name } })

const volume = await mkdtemp(join(tmpdir(), 'environment-'))
afterAll(() => rm(volume, { recursive: true }))
const places = { podIp: '', volumes: new Map([['v', volume]]) }

describe('reading the variables of a container', () => {
  it('reads each object once, and the node only for limits', async () => {
    const read: string[] = []
    const env: EnvVar[] = [
      { name: 'A', valueFrom: key('a') },
      { name: 'B', valueFrom: key('b') },
    ]
    const container: Container = { name: 'c', env }
    expect(await readEnvironment(sources(read), pod, container, places)).toEqual(
      new Map([
        ['A', '1'],
        ['B', '2'],
      ]),
    )
    expect(read).toEqual(['shop/settings'])
    env.push({ name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } })
    expect((await readEnvironment(sources(read), pod, container, places)).get('C')).toBe('4')
    expect(read).toContain('allocatable')
  })

  it('reads files of volumes, and nothing outside of them', async () => {
    await writeFile(join(volume, 'app.env'), "MODE='fast'\n")
    await writeFile(join(volume, 'bad.env'), 'MODE=fast\n')
    await symlink('/etc/passwd', join(volume, 'out.env'))
    const read = (path: string, volumeName = 'v') => {
      const env = [{ name: 'M', valueFrom: { fileKeyRef: { volumeName, path, key: 'MODE' } } }]
      return readEnvironment(sources(), pod, { name: 'c', env }, places)
    }
    expect((await read('app.env')).get('M')).toBe('fast')
    for (const [path, volumeName, message] of [
      ['bad.env', 'v', /couldn't parse env file: invalid environment variable format at line 1/],
      ['none.env', 'v', /key "MODE" not found in file "none.env"/],
      ['app.env', 'w', /cannot find the volume "w" referenced by FileKeyRef/],
      ['out.env', 'v', /not within volume path/],
    ] as const)
      await expect(read(path, volumeName)).rejects.toMatchObject({
        reason: 'CreateContainerConfigError',
        message: expect.stringMatching(message) as string,
      })
  })

  it('fails as a configuration that cannot be made', async () => {
    const container: Container = { name: 'c', envFrom: [{ secretRef: { name: 'keys' } }] }
    await expect(readEnvironment(sources(), pod, container, places)).rejects.toMatchObject({
      reason: 'CreateContainerConfigError',
      message: 'the server is away',
    })
  })
})
