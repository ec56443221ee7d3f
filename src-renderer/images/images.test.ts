import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { shortName } from '../kinds/pod-images.ts'
import { deploymentOf, imageRows, isMissing } from './images.ts'

const node = (name: string, ...images: Array<{ names: string[]; sizeBytes: number }>) =>
  partial<KubeObject>({ metadata: { name }, status: { images } } as never)
const pod = (phase: string, reason: string, ...images: string[]) => {
  const containers = images.map((image, at) => ({ name: `c${at}`, image }))
  const containerStatuses = containers.map(({ name }) => ({
    name,
    state: reason ? { waiting: { reason } } : { running: {} },
  }))
  return partial<KubeObject>({
    metadata: { name: 'x' },
    status: { phase, containerStatuses },
    spec: { containers },
  } as never)
}

it('an image has the name that people write', () => {
  expect(
    [
      'docker.io/library/busybox',
      'busybox:1.37',
      'localhost:5000/app',
      'docker.io/grafana/loki:3',
      'app@sha256:12',
    ].map(shortName),
  ).toEqual(['busybox:latest', 'busybox:1.37', 'localhost:5000/app:latest', 'grafana/loki:3', 'app@sha256:12'])
})

describe('images', () => {
  const busybox = { names: ['docker.io/library/busybox@sha256:12', 'docker.io/library/busybox:1.37'], sizeBytes: 4000 }
  const rows = imageRows(
    [{ reference: 'web:1', id: 'a', bytes: 900 }],
    [node('n1', busybox, { names: ['old@sha256:34'], sizeBytes: 7 }), node('n2', busybox)],
    [
      pod('Running', '', 'elsewhere:1', 'busybox:1.37', 'docker.io/library/busybox:1.37'),
      pod('Pending', 'ImagePullBackOff', 'report:2'),
      pod('Succeeded', '', 'gone:1'),
    ],
  )
  const row = (name: string) => rows.find((one) => one.name === name)

  it('are those of the desktop, of nodes, and those that pods ask for', () => {
    expect(rows.map(({ name }) => name)).toEqual(['busybox:1.37', 'elsewhere:1', 'old@sha256:34', 'report:2', 'web:1'])
    expect(row('busybox:1.37')).toMatchObject({ bytes: 4000, isOnDesktop: false, nodes: ['n1', 'n2'], pods: 1 })
    expect(row('web:1')).toMatchObject({ bytes: 900, isOnDesktop: true, nodes: [], pods: 0 })
  })

  it('that a pod waits for and nobody has are missing, not those that run where nobody tells of them', () => {
    expect(rows.filter(isMissing).map(({ name }) => name)).toEqual(['report:2'])
  })
})

it('an image is run by a Deployment that is named after it', () => {
  expect(deploymentOf('registry.example.com/team/My_App:2')).toContain('name: my-app\nspec:')
  expect(deploymentOf('web:1')).toContain('image: web:1\n')
})
