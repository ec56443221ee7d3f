import type { Deployment } from '#types/apps/v1'
import { afterEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { isPodAvailable } from '../pods.ts'
import { replicaSetController } from '../replica-set.ts'
import { harness, setReady } from '../testing/harness.ts'
import { deploymentController } from './index.ts'
import { templateHash } from './replica-sets.ts'

const labels = { app: 'web' }
const deployment = (replicas: number, image: string, more = {}) => ({
  metadata: { name: 'web', namespace: 'a' },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image }] } },
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 10,
    ...more,
  },
})
let h = harness([])
const begin = async () => {
  h = harness([deploymentController(), replicaSetController()])
  await h.start()
}
const current = () => h.server.peek(refs.deployments, 'web', 'a')!
const change = (spec: Partial<Deployment['spec']>) =>
  h.client.resource(refs.deployments).update({ ...current(), spec: { ...current().spec, ...spec } })
const condition = (type: string) => current().status?.conditions?.find((c) => c.type === type)
const image = (name: string) => ({
  template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: name }] } },
})
const sizes = () =>
  Object.fromEntries(
    h.server.all(refs.replicaSets).map((rs) => [rs.spec.template?.spec?.containers[0]?.image, rs.spec.replicas]),
  )
/** Deleted pods end and new pods become ready, one of each a round; answers the fewest available and the most pods seen. */
async function roll(rounds = 40) {
  let fewest = Infinity
  let most = 0
  for (let i = 0; i < rounds; i++) {
    await h.settle()
    const all = h.server.all(refs.pods)
    most = Math.max(most, h.pods().length)
    fewest = Math.min(fewest, h.pods().filter((pod) => isPodAvailable(pod, 0, h.clock.now())).length)
    const ended = all.find((pod) => pod.metadata.deletionTimestamp)
    if (ended) h.server.remove(refs.pods, ended.metadata.name, 'a')
    const waiting = h.pods().find((pod) => !isPodAvailable(pod, 0, h.clock.now()))
    if (waiting) setReady(h, waiting, true)
    await h.pass(1000, 4)
  }
  return { fewest, most }
}
afterEach(() => {
  h.finish()
})

describe('deployment controller', () => {
  it('makes a replica set named by the hash of its template and becomes available', async () => {
    await begin()
    h.server.put(refs.deployments, deployment(3, 'one'))
    await roll(6)
    const [rs] = h.server.all(refs.replicaSets)
    const hash = rs?.metadata.labels?.['pod-template-hash']
    expect(rs?.metadata.name).toBe(`web-${hash}`)
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]+$/)
    expect(rs?.metadata.annotations).toEqual({
      'deployment.kubernetes.io/revision': '1',
      'deployment.kubernetes.io/desired-replicas': '3',
      'deployment.kubernetes.io/max-replicas': '4',
    })
    expect(current().metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1')
    expect(current().status).toMatchObject({
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 0,
    })
    expect(condition('Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' })
    expect(condition('Progressing')).toMatchObject({
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "web-${hash}" has successfully progressed.`,
    })
    expect(h.eventMessages()).toContain(`Scaled up replica set web-${hash} from 0 to 3`)
  })

  it('never goes below its minimum nor above its maximum in a rolling update', async () => {
    await begin()
    h.server.put(
      refs.deployments,
      deployment(10, 'one', {
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '30%', maxUnavailable: '20%' } },
      }),
    )
    await roll(15)
    await change(image('two'))
    const { fewest, most } = await roll(45)
    expect(fewest).toBeGreaterThanOrEqual(8)
    expect(most).toBeLessThanOrEqual(13)
    expect(sizes()).toEqual({ one: 0, two: 10 })
    expect(condition('Progressing')?.reason).toBe('NewReplicaSetAvailable')
  })

  // What is left of spec.rollbackTo of extensions/v1beta1.
  it('goes back to the revision that an annotation asks for, 0 for the one before', async () => {
    await begin()
    const back = async (revision: string) => {
      const { metadata } = current()
      const annotations = { ...metadata.annotations, 'deprecated.deployment.rollback.to': revision }
      await h.client.resource(refs.deployments).update({ ...current(), metadata: { ...metadata, annotations } })
      await roll(8)
      expect(current().metadata.annotations).not.toHaveProperty(['deprecated.deployment.rollback.to'])
    }
    const given = deployment(1, 'one')
    h.server.put(refs.deployments, { ...given, metadata: { ...given.metadata, annotations: { why: 'first' } } })
    await roll(5)
    await back('0')
    expect(h.eventMessages()).toContain('Unable to find last revision.')
    const { metadata } = current()
    const annotations = { ...metadata.annotations, why: 'second' }
    const spec = { ...current().spec, ...image('two') }
    await h.client.resource(refs.deployments).update({ ...current(), metadata: { ...metadata, annotations }, spec })
    await roll(8)
    await back('0')
    expect(sizes()).toEqual({ one: 1, two: 0 })
    expect(current().spec.template.metadata?.labels).toEqual(labels)
    expect(current().metadata.annotations).toMatchObject({ why: 'first', 'deployment.kubernetes.io/revision': '3' })
    await back('3')
    await back('7')
    await back('2')
    expect(sizes()).toEqual({ one: 0, two: 1 })
    expect(h.eventMessages()).toEqual(
      expect.arrayContaining([
        'Rolled back deployment "web" to revision 1',
        'The rollback revision contains the same template as current deployment "web"',
        'Unable to find the revision to rollback to.',
        'Rolled back deployment "web" to revision 2',
      ]),
    )
  })

  it('gives an old template its replica set back under a new revision', async () => {
    await begin()
    h.server.put(refs.deployments, deployment(1, 'one'))
    await roll(5)
    await change(image('two'))
    await roll(8)
    await change(image('one'))
    await roll(8)
    expect(sizes()).toEqual({ one: 1, two: 0 })
    expect(current().metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
    const one = h.server.all(refs.replicaSets).find((rs) => rs.spec.replicas === 1)
    expect(one?.metadata.annotations?.['deployment.kubernetes.io/revision-history']).toBe('1')
  })

  it('removes all old pods before the first new one when it recreates', async () => {
    await begin()
    h.server.put(refs.deployments, deployment(2, 'one', { strategy: { type: 'Recreate' } }))
    await roll(5)
    h.server.put(refs.pods, { ...h.pods()[0]!, spec: { ...h.pods()[0]!.spec, nodeName: 'n1' } })
    await change(image('two'))
    await h.pass(2000)
    expect(sizes()).toEqual({ one: 0 })
    await roll(8)
    expect(sizes()).toEqual({ one: 0, two: 2 })
  })

  it('keeps its replica sets while paused, but scales them', async () => {
    await begin()
    h.server.put(refs.deployments, deployment(2, 'one'))
    await roll(5)
    await change({ paused: true, ...image('two'), replicas: 4 })
    await roll(5)
    expect(sizes()).toEqual({ one: 4 })
    expect(condition('Progressing')?.reason).toBe('DeploymentPaused')
    await change({ paused: false })
    await roll(15)
    expect(sizes()).toEqual({ one: 0, two: 4 })
  })

  it('spreads a change of size over old and new in the middle of an update', async () => {
    await begin()
    h.server.put(
      refs.deployments,
      deployment(10, 'one', { strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }),
    )
    await roll(14)
    await change(image('two'))
    await h.pass(1000)
    expect(sizes()).toEqual({ one: 8, two: 5 })
    await change({ replicas: 15 })
    await h.pass(1000)
    expect(sizes()).toEqual({ one: 11, two: 7 })
  })

  it('says so when nothing moves within the progress deadline', async () => {
    await begin()
    h.server.put(refs.deployments, deployment(1, 'one', { progressDeadlineSeconds: 10 }))
    await h.pass(15_000)
    expect(condition('Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' })
  })

  it('forgets old replica sets beyond the history limit', async () => {
    await begin()
    h.server.put(refs.deployments, deployment(1, 'i0', { revisionHistoryLimit: 2 }))
    for (let i = 1; i < 6; i++) {
      await roll(8)
      await change(image(`i${i}`))
    }
    await roll(8)
    expect(Object.keys(sizes()).toSorted()).toEqual(['i3', 'i4', 'i5'])
  })

  it('forgets them while it is paused as well, but none that has pods', async () => {
    await begin()
    h.server.put(refs.deployments, deployment(1, 'i0'))
    await roll(8)
    await change(image('i1'))
    await roll(8)
    await change({ paused: true, revisionHistoryLimit: 0, ...image('i2') })
    await roll(8)
    expect(sizes()).toEqual({ i1: 1 })
  })

  it('takes another hash when the name of its replica set is taken by a stranger', async () => {
    await begin()
    const hash = templateHash({ metadata: { labels }, spec: { containers: [{ name: 'c', image: 'one' }] } }, undefined)
    h.server.put(refs.replicaSets, {
      metadata: { name: `web-${hash}`, namespace: 'a' },
      spec: { replicas: 0, selector: { matchLabels: { other: 'x' } } },
    })
    h.server.put(refs.deployments, deployment(1, 'one'))
    await roll(8)
    expect(current().status?.collisionCount).toBe(1)
    expect(h.server.all(refs.replicaSets)).toHaveLength(2)
    expect(current().status?.availableReplicas).toBe(1)
    h.warnings.length = 0
  })

  it('says why a replica set cannot be made, and goes on when it can', async () => {
    await begin()
    let refuse = true
    h.server.intercept = ({ verb, resource }) => {
      if (refuse && verb === 'create' && resource.resource === 'replicasets')
        throw new StatusError(403, 'Forbidden', 'exceeded quota')
      return undefined
    }
    h.server.put(refs.deployments, deployment(1, 'one'))
    await h.pass(500)
    expect(condition('Progressing')).toMatchObject({
      status: 'False',
      reason: 'ReplicaSetCreateError',
      message: expect.stringMatching(/^Failed to create new replica set "web-\w+": exceeded quota$/) as string,
    })
    expect(h.eventReasons()).toContain('ReplicaSetCreateError')
    refuse = false
    h.warnings.length = 0
    await roll(10)
    expect(condition('Progressing')?.reason).toBe('NewReplicaSetAvailable')
    h.warnings.length = 0
  })

  it('makes nothing where the namespace ends, and does not complain', async () => {
    await begin()
    h.server.intercept = ({ verb, resource }) => {
      if (verb !== 'create' || resource.resource !== 'replicasets') return undefined
      throw new StatusError(403, 'Forbidden', 'no', { causes: [{ reason: 'NamespaceTerminating', message: 'no' }] })
    }
    h.server.put(refs.deployments, deployment(1, 'one'))
    await h.pass(500)
    expect(h.warnings).toEqual([])
    expect(h.eventReasons()).toEqual([])
  })

  it('passes minReadySeconds and its own annotations on to the replica set it has', async () => {
    await begin()
    h.server.put(refs.deployments, deployment(1, 'one'))
    await roll(5)
    await h.client.resource(refs.deployments).update({
      ...current(),
      metadata: { ...current().metadata, annotations: { ...current().metadata.annotations, note: 'x' } },
      spec: { ...current().spec, minReadySeconds: 7 },
    })
    await roll(3)
    const [rs] = h.server.all(refs.replicaSets)
    expect([rs?.spec.minReadySeconds, rs?.metadata.annotations?.['note']]).toEqual([7, 'x'])
  })

  it('refuses to select everything', async () => {
    await begin()
    h.server.put(refs.deployments, deployment(1, 'one', { selector: {} }))
    await h.pass(1000)
    expect(h.eventReasons()).toEqual(['SelectingAll'])
    expect(h.server.all(refs.replicaSets)).toEqual([])
  })

  it('does nothing more than counting while it is deleted', async () => {
    await begin()
    h.server.put(refs.deployments, {
      ...deployment(2, 'one'),
      metadata: { name: 'web', namespace: 'a', finalizers: ['test/hold'] },
    })
    await roll(5)
    await h.client.resource(refs.deployments).delete('web', 'a')
    await h.settle()
    h.server.remove(refs.replicaSets, h.server.all(refs.replicaSets)[0]!.metadata.name, 'a')
    await h.pass(2000)
    expect(h.server.all(refs.replicaSets)).toEqual([])
    expect(current().status?.replicas).toBe(0)
  })
})
