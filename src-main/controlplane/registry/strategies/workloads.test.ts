import { expect, test } from 'vitest'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import type { StrategyContext } from '../strategy.ts'
import { arrange, at } from '../testing/arrange.ts'
import { createStrategies } from './index.ts'

const strategies = createStrategies({ serviceCidr: '10.96.0.0/16', nodePortRange: { first: 30000, last: 32767 } })
const context = { subresource: '' } as StrategyContext
const container = { name: 'c', image: 'i', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' }
const labels = { a: 'b' }
const template = (more: object = {}) => ({
  metadata: { labels },
  spec: { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', containers: [container], ...more },
})
const workload = (more: object) => ({ selector: { matchLabels: labels }, template: template(), ...more })
const rolling = (rollingUpdate: object) => ({ type: 'RollingUpdate', rollingUpdate })
const job = (more: object) => workload({ template: template({ restartPolicy: 'Never' }), ...more })
const cron = (more: object) => ({
  schedule: '*/5 * * * *',
  concurrencyPolicy: 'Allow',
  jobTemplate: { spec: { template: template({ restartPolicy: 'Never' }) } },
  ...more,
})
const object = (spec: object, status: object = {}) =>
  partial<KubeObject>({ apiVersion: 'x', kind: 'X', metadata: { name: 'x', namespace: 'd' }, spec, status })
const errorsOf = (key: string, spec: object) =>
  (strategies.get(key)?.validate?.(context, object(spec)) ?? []).map((e) => `${e.field}: ${e.message}`)
const changes = (key: string, now: object, before: object, status: object = {}) =>
  (strategies.get(key)?.validateUpdate?.(context, object(now, status), object(before, status)) ?? []).map(
    (e) => `${e.field}: ${e.message}`,
  )

test.each<[string, string, object, string]>([
  [
    'a rollout must be able to move',
    'apps/deployments',
    workload({ strategy: rolling({ maxUnavailable: 0, maxSurge: '0%' }) }),
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
  ],
  [
    'a share is a number of percent',
    'apps/deployments',
    workload({ strategy: rolling({ maxUnavailable: 1, maxSurge: 'many' }) }),
    "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"many\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
  ],
  [
    'Recreate has no rolling update',
    'apps/deployments',
    workload({ strategy: { type: 'Recreate', rollingUpdate: {} } }),
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ],
  [
    'a deadline lies after readiness',
    'apps/deployments',
    workload({ strategy: { type: 'Recreate' }, minReadySeconds: 10, progressDeadlineSeconds: 10 }),
    'spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds',
  ],
  [
    'a DaemonSet surges or leaves out, not both',
    'apps/daemonsets',
    workload({ updateStrategy: rolling({ maxUnavailable: 1, maxSurge: 1 }) }),
    'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
  ],
  [
    'a StatefulSet is ordered or parallel',
    'apps/statefulsets',
    workload({ updateStrategy: { type: 'OnDelete' }, podManagementPolicy: 'Wild' }),
    "spec.podManagementPolicy: Invalid value: \"Wild\": must be 'OrderedReady' or 'Parallel'",
  ],
  [
    'an indexed job knows its end',
    'batch/jobs',
    job({ completionMode: 'Indexed', manualSelector: true }),
    'spec.completions: Required value: when completion mode is Indexed',
  ],
  [
    'a schedule has five fields',
    'batch/cronjobs',
    cron({ schedule: 'often' }),
    'spec.schedule: Invalid value: "often": expected exactly 5 fields, found 1: [often]',
  ],
  [
    'time zones exist',
    'batch/cronjobs',
    cron({ timeZone: 'Asia/Atlantis' }),
    'spec.timeZone: Invalid value: "Asia/Atlantis": unknown time zone Asia/Atlantis',
  ],
  [
    'concurrency policies are closed',
    'batch/cronjobs',
    cron({ concurrencyPolicy: 'Queue' }),
    'spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace"',
  ],
])('%s', (_, key, spec, message) => {
  expect(errorsOf(key, spec)).toEqual([message])
})

test('a selector never changes, and an error is said once', () => {
  const before = workload({})
  const now = workload({ selector: { matchLabels: { a: 'c' } }, strategy: { type: 'Recreate' } })
  expect(changes('apps/deployments', now, before)).toEqual([
    'spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable',
  ])
})

test('a job may be moved until it ran, and by nothing but where it runs', () => {
  const moved = job({ template: template({ restartPolicy: 'Never', nodeSelector: { zone: 'a' } }) })
  const renamed = job({ template: template({ restartPolicy: 'Never', hostname: 'h' }) })
  const before = job({ suspend: true })
  expect(changes('batch/jobs', moved, before)).toEqual([])
  expect(changes('batch/jobs', moved, before, { startTime: 'x' })[0]).toMatch(/^spec.template: .* field is immutable$/)
  expect(changes('batch/jobs', renamed, before)[0]).toMatch(/^spec.template: .* field is immutable$/)
})

test('a suspended job may be given other resources, once nothing of it runs', () => {
  const resources = { requests: { cpu: '2' } }
  const sized = (more: object = {}) =>
    job({
      suspend: true,
      template: template({
        restartPolicy: 'Never',
        initContainers: [{ ...container, name: 'i', ...more }],
        containers: [{ ...container, ...more }],
      }),
    })
  expect(changes('batch/jobs', sized({ resources }), sized())).toEqual([])
  expect(changes('batch/jobs', sized({ resources, image: 'other' }), sized())).toHaveLength(1)
  expect(changes('batch/jobs', sized({ resources }), sized(), { startTime: 'x' })).toHaveLength(1)
  expect(changes('batch/jobs', sized({ resources }), { ...sized(), suspend: false })).toHaveLength(1)
})

test('a daemon set numbers its templates, whatever a client says', () => {
  const key = 'deprecated.daemonset.template.generation'
  const strategy = strategies.get('apps/daemonsets')!
  const made = object(workload({}))
  void strategy.prepareForCreate!(context, made)
  expect(made.metadata.annotations).toEqual({ [key]: '1' })
  const put = (before: KubeObject, more: object, annotations?: Record<string, string>) => {
    const next = object(workload(more))
    if (annotations) next.metadata.annotations = annotations
    void strategy.prepareForUpdate!(context, next, before)
    return next
  }
  const relabelled = put(made, { minReadySeconds: 1 }, { mine: 'x', [key]: '9' })
  expect(relabelled.metadata.annotations).toEqual({ mine: 'x', [key]: '1' })
  const second = put(relabelled, { template: template({ hostNetwork: true }) })
  expect(second.metadata.annotations).toEqual({ [key]: '2' })
})

test('the claims that a StatefulSet makes say of what kind they are', async () => {
  const { registry, write } = await arrange()
  const claim = { metadata: { name: 'v' }, spec: { resources: { requests: { storage: '1Gi' } } } }
  const spec = workload({ serviceName: 's', volumeClaimTemplates: [claim] })
  const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 's' }, spec }
  const made = await registry.create(at('apps/v1', 'StatefulSet', 'd'), set, write)
  expect(made.object['spec']).toMatchObject({
    volumeClaimTemplates: [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'v' } }],
  })
})

test('a StatefulSet that was stored before its claims said their kind takes changes', () => {
  const claim = { metadata: { name: 'v' } }
  const named = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...claim }
  const of = (...claims: object[]) => object(workload({ volumeClaimTemplates: claims }))
  const strategy = strategies.get('apps/statefulsets')!
  expect(strategy.validateUpdate?.(context, of(named), of(claim))).toEqual([])
  expect(strategy.validateUpdate?.(context, of(named, named), of(claim))).toHaveLength(1)
})

test('an indexed job grows and shrinks in completions and parallelism alike', () => {
  const of = (completions: number, parallelism: number) =>
    job({ completionMode: 'Indexed', completions, parallelism, selector: { matchLabels: {} } })
  expect(changes('batch/jobs', of(5, 5), of(3, 3))).toEqual([])
  expect(changes('batch/jobs', of(6, 5), of(5, 5))).toEqual([
    'spec.completions: Invalid value: 6: can only be modified in tandem with spec.parallelism',
  ])
})
