import { describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { usedVolumes } from './used-volumes.ts'

describe('volumes of a pod', () => {
  it('are used when a container of any kind mounts them, sees them as a device or reads its environment from them', () => {
    const mounts = (name: string) => ({ name: `of-${name}`, volumeMounts: [{ name, mountPath: `/${name}` }] })
    const key = { volumeName: 'environment', path: 'file', key: 'K' }
    const pod = partial<Pod>({
      metadata: { name: 'p' },
      spec: {
        initContainers: [mounts('init')],
        containers: [
          { ...mounts('main'), volumeDevices: [{ name: 'device', devicePath: '/dev/d' }] },
          {
            name: 'reads',
            env: [
              { name: 'K', valueFrom: { fileKeyRef: key } },
              { name: 'plain', value: 'unused' },
            ],
          },
        ],
        ephemeralContainers: [mounts('debug')],
        volumes: ['unused', 'init', 'main', 'device', 'environment', 'debug'].map((name) => ({ name, emptyDir: {} })),
      },
    })
    expect(usedVolumes(pod).map(({ name }) => name)).toEqual(['init', 'main', 'device', 'environment', 'debug'])
    expect(usedVolumes({ ...pod, spec: { containers: [{ name: 'c' }] } })).toEqual([])
  })
})
