import { describe, expect, it } from 'vitest'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { views } from '../kinds/index.ts'
import type { KindView } from '../kinds/view.ts'
import type { Question, Reply } from '../stores/ui.ts'
import { actions, type ActionWorld } from './index.ts'
import { jobAgain, jobFrom } from './jobs.ts'
import { revisionsOf } from './rollout.ts'
import { changeOf, isAnnotation, isLabel, wrongPair } from './pairs.ts'

const viewOf = (id: string): KindView => views.find((view) => view.id === id)!
const object = (kind: string, more: object = {}): KubeObject =>
  ({
    kind,
    apiVersion: 'v1',
    metadata: { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '9' },
    ...more,
  }) as KubeObject

/** A world that notes what is written, answers questions with `reply` and serves `lists` by path. */
function setup(reply: Reply = true, lists: Record<string, KubeObject[]> = {}) {
  const sent: Array<{ method: string; path: string; body: unknown; type: string | undefined }> = []
  const asked: Question[] = []
  const toasts: string[] = []
  const copied: string[] = []
  const world = partial<ActionWorld>({
    own: false,
    cluster: {
      kube: {
        get: (path: string) => Promise.resolve({ items: lists[path] ?? [] }),
        send: (method: string, path: string, body: unknown, type?: string) => {
          sent.push({ method, path, body, type })
          return Promise.resolve({ object: {}, warnings: [] })
        },
      },
    },
    ui: {
      ask: (question: Question) => Promise.resolve((asked.push(question), reply)),
      attempt: (run: () => Promise<void>) => run(),
      toast: (_kind: string, text: string) => void toasts.push(text),
      copy: (text: string) => Promise.resolve(void copied.push(text)),
    },
    t: (key: string) => key,
  })
  const run = async (id: string, view: string, ...objects: KubeObject[]): Promise<void> => {
    const action = actions.find((one) => one.id === id)!
    expect(objects.every((one) => action.applies(viewOf(view), one, world))).toBe(true)
    await action.run(world, viewOf(view), objects)
  }
  const offered = (view: string, one: KubeObject): string[] =>
    actions.filter((a) => a.applies(viewOf(view), one, world)).map((a) => a.id)
  return { sent, asked, toasts, copied, run, offered, world }
}

const template = (image: string) => ({
  metadata: { labels: { app: 'web', 'pod-template-hash': 'x' } },
  spec: { containers: [{ name: 'main', image }] },
})

describe('rollouts', () => {
  it('are paused and resumed', async () => {
    const { offered, run, sent } = setup()
    const paused = object('Deployment', { spec: { paused: true } })
    expect(offered('deployments.apps', object('Deployment'))).toContain('pause')
    expect(offered('deployments.apps', paused)).toContain('resume')
    expect(offered('daemonsets.apps', object('DaemonSet'))).not.toContain('pause')
    await run('pause', 'deployments.apps', object('Deployment'))
    await run('resume', 'deployments.apps', paused)
    expect(sent.map((s) => s.body)).toEqual([{ spec: { paused: true } }, { spec: { paused: null } }])
  })

  const deployment = object('Deployment', { spec: { template: template('web:2') } })
  const replicaSet = (revision: string, image: string, uid = 'u1'): KubeObject =>
    partial<KubeObject>({
      metadata: {
        name: `web-${revision}`,
        annotations: { 'deployment.kubernetes.io/revision': revision },
        ownerReferences: [{ uid }],
      },
      spec: { template: template(image) },
    })
  const replicaSets = '/apis/apps/v1/namespaces/shop/replicasets'

  it('are undone to the template before, whose images are named first', async () => {
    const sets = [replicaSet('9', 'other:1', 'u2'), replicaSet('2', 'web:1'), replicaSet('10', 'web:2')]
    const { asked, run, sent } = setup(true, { [replicaSets]: sets })
    await run('undo', 'deployments.apps', deployment)
    expect(asked[0]!.items).toEqual(['web:2 → web:1'])
    expect(sent[0]).toMatchObject({ method: 'PATCH', type: 'application/json-patch+json' })
    expect(sent[0]!.body).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '9' },
      {
        op: 'replace',
        path: '/spec/template',
        value: { metadata: { labels: { app: 'web' } }, spec: template('web:1').spec },
      },
    ])
    expect(sets[1]!['spec']).toEqual({ template: template('web:1') })
  })

  it('are listed with their reasons, the current one first, without those of others', () => {
    const caused = replicaSet('2', 'web:1')
    caused.metadata.annotations!['kubernetes.io/change-cause'] = 'an older image'
    const found = revisionsOf(viewOf('deployments.apps'), deployment, [
      caused,
      replicaSet('10', 'web:2'),
      replicaSet('9', 'x', 'u2'),
    ])
    expect(found.map(({ number, images, cause }) => [number, images, cause])).toEqual([
      [10, ['web:2'], ''],
      [2, ['web:1'], 'an older image'],
    ])
    expect(found[0]!.template).toEqual({ ...template('web:2'), metadata: { labels: { app: 'web' } } })
  })

  it('are left alone without another revision, while paused, and when cancelled', async () => {
    const alone = setup(true, { [replicaSets]: [replicaSet('1', 'web:1')] })
    await alone.run('undo', 'deployments.apps', deployment)
    expect([alone.toasts, alone.sent]).toEqual([['confirm.undoNone'], []])
    const paused = setup()
    await paused.run('undo', 'deployments.apps', object('Deployment', { spec: { paused: true } }))
    expect(paused.toasts).toEqual(['confirm.undoPaused'])
    const cancelled = setup(false, { [replicaSets]: [replicaSet('1', 'web:1'), replicaSet('2', 'web:2')] })
    await cancelled.run('undo', 'deployments.apps', deployment)
    expect(cancelled.sent).toEqual([])
  })

  it('of stateful and daemon sets go back by their revisions', async () => {
    const revision = (number: number, image: string) =>
      partial<KubeObject>({
        metadata: { name: `r${number}`, ownerReferences: [{ uid: 'u1' }] },
        revision: number,
        data: { spec: { template: template(image) } },
      })
    const path = '/apis/apps/v1/namespaces/shop/controllerrevisions'
    const { run, sent } = setup(true, { [path]: [revision(1, 'a:1'), revision(2, 'a:2')] })
    await run('undo', 'daemonsets.apps', object('DaemonSet'))
    expect(sent[0]).toMatchObject({
      type: 'application/strategic-merge-patch+json',
      body: { spec: { template: template('a:1') } },
    })
  })
})

describe('jobs', () => {
  const cronJob = object('CronJob', {
    spec: { jobTemplate: { metadata: { labels: { a: 'b' } }, spec: { backoffLimit: 2 } } },
  })

  it('of a cron job are run now, as its own and marked as started by hand', async () => {
    const { run, sent } = setup()
    await run('trigger', 'cronjobs.batch', cronJob)
    expect(sent[0]).toMatchObject({
      method: 'POST',
      path: '/apis/batch/v1/namespaces/shop/jobs',
      body: {
        metadata: {
          labels: { a: 'b' },
          annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
          ownerReferences: [{ uid: 'u1', controller: true }],
        },
        spec: { backoffLimit: 2 },
      },
    })
    const long = { ...cronJob, metadata: { ...cronJob.metadata, name: 'x'.repeat(52) } }
    expect(jobFrom(long, () => 0).metadata.name).toBe(`${'x'.repeat(49)}-manual-bbbbb`.slice(0, 63))
    expect(jobFrom(long).metadata.name.length).toBeLessThanOrEqual(63)
  })

  it('are suspended and resumed, unless they are over', async () => {
    const { offered, run, sent } = setup()
    await run('suspend', 'cronjobs.batch', cronJob)
    await run('unsuspend', 'jobs.batch', object('Job', { spec: { suspend: true } }))
    expect(sent.map((s) => s.body)).toEqual([{ spec: { suspend: true } }, { spec: { suspend: false } }])
    const over = object('Job', { status: { completionTime: '2026-01-01T00:00:00Z' } })
    expect(offered('jobs.batch', over)).not.toContain('suspend')
    const failed = object('Job', { status: { conditions: [{ type: 'Failed', status: 'True' }] } })
    expect(offered('jobs.batch', failed)).not.toContain('suspend')
  })
})

describe('labels, annotations and data', () => {
  it('take only what Kubernetes takes, each key once', () => {
    const pair = (text: string) => ({ key: text.split('=')[0]!, value: text.split('=').slice(1).join('=') })
    for (const right of ['app=web', 'app.kubernetes.io/name=x', 'empty=']) expect(isLabel(pair(right))).toBe(true)
    for (const wrong of ['-a=b', 'a b=c', 'a=b=c', 'a=-', 'UP/x=y', `${'k'.repeat(64)}=v`])
      expect(isLabel(pair(wrong))).toBe(false)
    expect([isLabel(pair('Example.com/a=b')), isLabel(pair('a..b/c=d'))]).toEqual([false, false])
    expect([isAnnotation(pair('Example.com/a=some words')), isAnnotation(pair('a b=c'))]).toEqual([true, false])
    expect(wrongPair([pair('a=1'), pair('a=2')], isLabel)).toEqual({ key: 'a', value: '2' })
  })

  it('are written as a change: what is gone is taken away', async () => {
    expect(changeOf({ a: '1', b: '2' }, { a: '1' })).toEqual({ b: null })
    expect(changeOf({ a: '1' }, { a: '1' })).toBeUndefined()
    const { asked, run, sent } = setup({ app: 'new' })
    await run('labels', 'deployments.apps', object('Deployment', { metadata: { name: 'web', labels: { old: 'x' } } }))
    expect(asked[0]!.pairs).toEqual({ old: 'x' })
    expect(asked[0]!.check!([{ key: 'a', value: 'b=c' }])).toBe('confirm.labelsWrong')
    expect(sent[0]!.body).toEqual({ metadata: { labels: { old: null, app: 'new' } } })
  })

  it('leave out what kubectl keeps for itself among annotations, and take any text there', async () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', note: 'a' }
    const { asked, run, sent } = setup({ note: 'two\nlines = "x"' })
    await run('annotations', 'pods', object('Pod', { metadata: { name: 'web', annotations } }))
    expect(asked[0]!.pairs).toEqual({ note: 'a' })
    expect(asked[0]!.check!([{ key: 'note', value: 'any thing' }])).toBeUndefined()
    expect(sent[0]!.body).toEqual({ metadata: { annotations: { note: 'two\nlines = "x"' } } })
  })

  it('edit the texts of a Secret and leave its bytes', async () => {
    const { asked, run, sent } = setup({ user: 'grüße', extra: '1' })
    await run('data', 'secrets', object('Secret', { data: { user: btoa('admin'), key: btoa('\0\u00ff') } }))
    expect(asked[0]!.pairs).toEqual({ user: 'admin' })
    expect(sent[0]!.body).toEqual({ data: { user: 'Z3LDvMOfZQ==', extra: 'MQ==' } })
  })

  it('edit a ConfigMap that is not immutable', async () => {
    const { offered, run, sent } = setup({ a: '2' })
    await run('data', 'configmaps', object('ConfigMap', { data: { a: '1', b: '1' } }))
    expect(sent[0]!.body).toEqual({ data: { a: '2', b: null } })
    expect(offered('configmaps', object('ConfigMap', { immutable: true }))).not.toContain('data')
    expect(offered('pods', object('Pod'))).not.toContain('data')
  })
})

describe('deleting', () => {
  it('says what goes with it, and has the name of a namespace typed', async () => {
    const { asked, run } = setup(false)
    await run('delete', 'namespaces', object('Namespace'))
    await run('delete', 'statefulsets.apps', object('StatefulSet'))
    expect(asked).toMatchObject([
      { typed: 'web', body: 'confirm.deleteNamespace' },
      { body: 'confirm.deleteStatefulSet' },
    ])
  })
})

describe('copies', () => {
  it('are manifests that say what they are, also of lists that leave it out, and the commands for them', async () => {
    const { copied, run } = setup()
    const bare = (name: string, namespace: string) =>
      partial<KubeObject>({ metadata: { name, namespace, managedFields: [{ manager: 'x' }] }, $cells: ['cell'] })
    await run('copy-yaml', 'deployments.apps', bare('web', 'shop'), bare('cart', 'shop'))
    expect(copied[0]).toMatch(
      /^apiVersion: apps\/v1\nkind: Deployment\n[^]*name: web[^]*\n---\napiVersion: apps\/v1\n[^]*name: cart/,
    )
    expect(copied[0]).not.toMatch(/manager|cell/)
    await run('copy-command', 'deployments.apps', bare('web', 'shop'), bare('cart', 'shop'), bare('api', 'other'))
    expect(copied[1]).toBe('kubectl -n shop get deployments.apps web cart\nkubectl -n other get deployments.apps api')
    await run('copy-command', 'nodes', { metadata: { name: 'n1' } } as KubeObject)
    expect(copied[2]).toBe('kubectl get nodes n1')
  })
})

describe('pods that are evicted', () => {
  it('go as far as their budgets let them, and a refusal names the budget', async () => {
    const { asked, offered, run, sent, toasts, world } = setup()
    expect(offered('pods', object('Pod'))).toContain('evict')
    expect(offered('pods', object('Pod', { status: { phase: 'Succeeded' } }))).not.toContain('evict')
    await run('evict', 'pods', object('Pod'))
    expect(asked[0]).toMatchObject({ items: ['shop/web'], danger: true })
    expect(sent).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/namespaces/shop/pods/web/eviction',
        body: { kind: 'Eviction', deleteOptions: { preconditions: { uid: 'u1' } } },
      },
    ])
    const causes = [
      { reason: 'DisruptionBudget', message: 'The disruption budget web needs 2 healthy pods and has 2 currently' },
    ]
    const refusal = new StatusError(429, 'TooManyRequests', 'Cannot evict pod', { causes })
    world.cluster.kube.send = () => Promise.reject(refusal)
    await run('evict', 'pods', object('Pod'))
    expect(toasts).toEqual([expect.stringContaining('needs 2 healthy pods')])
    const cancelled = setup(false)
    await cancelled.run('evict', 'pods', object('Pod'))
    expect(cancelled.sent).toEqual([])
  })
})

describe('pods that do not go', () => {
  it('are deleted without waiting, when that is what is wanted, and only those that were deleted already', async () => {
    const { asked, offered, run, sent } = setup()
    const going = object('Pod')
    going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
    expect([offered('pods', object('Pod')).includes('kill'), offered('pods', going).includes('kill')]).toEqual([
      false,
      true,
    ])
    await run('kill', 'pods', going)
    expect(asked[0]).toMatchObject({ items: ['shop/web'], body: 'confirm.killBody', danger: true, careful: true })
    going.metadata.ownerReferences = [partial({ kind: 'StatefulSet' })]
    await run('kill', 'pods', going)
    expect(asked[1]!.body).toBe('confirm.killBody confirm.killStateful')
    expect(sent[0]).toMatchObject({ method: 'DELETE', body: { gracePeriodSeconds: 0, preconditions: { uid: 'u1' } } })
    const cancelled = setup(false)
    await cancelled.run('kill', 'pods', going)
    expect(cancelled.sent).toEqual([])
  })
})

it('a Job runs again as a new one that belongs to nobody and has nothing of the controller in it', () => {
  const labels = { app: 'report', 'batch.kubernetes.io/job-name': 'report', 'controller-uid': 'u1' }
  const before = object('Job', {
    metadata: { name: 'report', namespace: 'shop', uid: 'u1', labels, ownerReferences: [{ uid: 'c1' }] },
    spec: {
      backoffLimit: 2,
      suspend: false,
      selector: { matchLabels: { 'controller-uid': 'u1' } },
      template: { metadata: { labels }, spec: { restartPolicy: 'Never' } },
    },
    status: { succeeded: 1 },
  })
  expect(jobAgain(before, () => 0)).toEqual({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'report-again-bbbbb', namespace: 'shop', labels: { app: 'report' } },
    spec: { backoffLimit: 2, template: { metadata: { labels: { app: 'report' } }, spec: { restartPolicy: 'Never' } } },
  })
})
