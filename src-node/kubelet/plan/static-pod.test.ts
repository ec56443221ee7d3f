import { describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { staticPlan, staticPod } from './static-pod.ts'

const node = { name: 'n1', uid: 'node-uid' }
const manifest = (name: string, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }] },
})
const SEEN = '2026-01-01T00:00:00.000000Z'
const made = (name: string, hash = 'h') => staticPod(manifest(name), { node, hash, seen: SEEN })
const names = (pods: Pod[]) => pods.map(({ metadata }) => metadata.name)

describe('a pod of a file', () => {
  it("has its node's name and is for that node alone", () => {
    const pod = staticPod(manifest('web', { namespace: 'a', labels: { app: 'web' } }), { node, hash: 'h', seen: SEEN })
    expect(pod).toMatchObject({
      metadata: {
        name: 'web-n1',
        namespace: 'a',
        labels: { app: 'web' },
        annotations: {
          'kubernetes.io/config.source': 'file',
          'kubernetes.io/config.seen': SEEN,
          'kubernetes.io/config.mirror': 'h',
        },
        ownerReferences: [{ kind: 'Node', name: 'n1', uid: 'node-uid' }],
      },
      spec: { nodeName: 'n1', tolerations: [{ operator: 'Exists', effect: 'NoExecute' }] },
    })
    expect(made('web').metadata.namespace).toBe('default')
  })

  it.each([undefined, {}, { ...manifest('x'), kind: 'Deployment' }, { ...manifest('x'), spec: {} }, manifest('')])(
    'is not %o',
    (other) => expect(() => staticPod(other, { node, hash: 'h', seen: SEEN })).toThrow('the file holds no pod'),
  )
})

describe('pods of files', () => {
  it('are made where they are not, and removed where they are not wanted or are others', () => {
    const ending = { ...made('ending'), metadata: { ...made('ending').metadata, deletionTimestamp: 'now' } } as Pod
    const foreign = manifest('foreign', { namespace: 'default' }) as Pod
    const plan = staticPlan(
      [made('kept'), made('new'), made('changed', 'other')],
      [made('kept'), made('changed'), made('gone'), ending, foreign],
    )
    expect([names(plan.create), names(plan.remove)]).toEqual([['new-n1'], ['changed-n1', 'gone-n1']])
  })
})
