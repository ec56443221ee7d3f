import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refs } from '../../../../src-kube/client/refs.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import { formatMetrics } from '../../../../src-kube/machinery/metrics/prometheus.ts'
import { harness } from '../testing/harness.ts'
import { jobController } from './index.ts'
import { formatIndexes } from './indexes.ts'
import { JobMetrics } from './metrics.ts'

let h = harness([])
let metrics = new JobMetrics()
const labels = { 'batch.kubernetes.io/job-name': 'j' }
const job = (spec: object) =>
  h.server.put(refs.jobs, {
    metadata: { name: 'j', namespace: 'a' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c' }] } },
      ...spec,
    },
  })
const counted = () =>
  formatMetrics(metrics.metrics())
    .split('\n')
    .filter((line) => /^job_.*_finished_total/.test(line))
const status = () => h.server.peek(refs.jobs, 'j', 'a')?.status
const running = () => h.pods().filter((pod) => !pod.status?.phase)
const end = async (phase: string) => {
  h.server.put(refs.pods, { ...running()[0]!, status: { phase } })
  await h.pass(500)
}
beforeEach(async () => {
  metrics = new JobMetrics()
  h = harness([jobController(metrics)])
  await h.start()
})
afterEach(() => h.finish())

describe('job controller', () => {
  it('runs as many pods at once as it may until enough have succeeded', async () => {
    job({ parallelism: 2, completions: 3 })
    await h.pass(500)
    expect(running()).toHaveLength(2)
    await end('Succeeded')
    await end('Succeeded')
    expect(running()).toHaveLength(1)
    await end('Succeeded')
    expect(status()).toMatchObject({ succeeded: 3, active: 0, failed: 0 })
    expect(status()?.conditions?.map((c) => c.type)).toEqual(['SuccessCriteriaMet', 'Complete'])
    expect(h.eventReasons()).toContain('Completed')
    expect(counted()).toEqual([
      'job_controller_job_pods_finished_total{completion_mode="NonIndexed",result="succeeded"} 3',
      'job_controller_jobs_finished_total{completion_mode="NonIndexed",reason="CompletionsReached",result="succeeded"} 1',
    ])
  })

  it('counts each look at a job by what it leads to, and how long it took', async () => {
    const synced = (what: 'syncs_total' | 'sync_duration_seconds_count', action: string, result: string) => {
      const labels = `action="${action}",completion_mode="NonIndexed",result="${result}"`
      const line = `job_controller_job_${what}{${labels}} `
      const found = formatMetrics(metrics.metrics())
        .split('\n')
        .find((one) => one.startsWith(line))
      return Number(found?.slice(line.length) ?? 0)
    }
    job({ parallelism: 2, completions: 2 })
    await h.pass(500)
    expect(synced('syncs_total', 'pods_created', 'success')).toBe(1)
    expect(synced('sync_duration_seconds_count', 'pods_created', 'success')).toBe(1)
    const looks = synced('syncs_total', 'reconciling', 'success')
    h.server.intercept = ({ verb, resource }) => {
      if (verb === 'update' && resource.resource === 'jobs') throw new StatusError(409, 'Conflict', 'no')
      return undefined
    }
    await end('Succeeded')
    expect(synced('syncs_total', 'reconciling', 'error')).toBeGreaterThan(0)
    h.server.intercept = undefined
    await h.pass(2000)
    expect(synced('syncs_total', 'reconciling', 'success')).toBeGreaterThan(looks)
  })

  it('replaces a failed pod after a back-off and fails beyond its limit', async () => {
    job({ backoffLimit: 1, completions: 1 })
    await h.pass(500)
    await end('Failed')
    expect(running()).toHaveLength(0)
    await h.pass(10_000)
    expect(running()).toHaveLength(1)
    await end('Failed')
    expect(status()?.conditions?.at(-1)).toMatchObject({ type: 'Failed', reason: 'BackoffLimitExceeded' })
    expect(counted()).toEqual([
      'job_controller_job_pods_finished_total{completion_mode="NonIndexed",result="failed"} 2',
      'job_controller_jobs_finished_total{completion_mode="NonIndexed",reason="BackoffLimitExceeded",result="failed"} 1',
    ])
  })

  it('numbers the pods of an indexed job', async () => {
    job({ completionMode: 'Indexed', completions: 3, parallelism: 3 })
    await h.pass(500)
    expect(
      h
        .pods()
        .map((p) => p.spec.hostname)
        .toSorted((a = '', b = '') => a.localeCompare(b)),
    ).toEqual(['j-0', 'j-1', 'j-2'])
    for (let i = 0; i < 3; i++) await end('Succeeded')
    expect(status()?.completedIndexes).toBe('0-2')
  })

  it('ends at its deadline and goes when its time to live is over', async () => {
    job({ completions: 1, activeDeadlineSeconds: 5, ttlSecondsAfterFinished: 10 })
    await h.pass(6000)
    expect(status()?.conditions?.at(-1)?.reason).toBe('DeadlineExceeded')
    expect(h.pods()).toHaveLength(0)
    await h.pass(11_000)
    expect(h.server.peek(refs.jobs, 'j', 'a')?.metadata.deletionTimestamp).toBeDefined()
  })
})

const condition = (type: string) => status()?.conditions?.find((one) => one.type === type)
const change = (spec: object) => {
  const current = h.server.peek(refs.jobs, 'j', 'a')!
  h.server.put(refs.jobs, { ...current, spec: { ...current.spec, ...spec } })
}

// kubernetes.io, "Jobs: Suspending a Job".
describe('a suspended job', () => {
  it('runs nothing, has not begun, and says so', async () => {
    job({ completions: 2, parallelism: 2, suspend: true })
    await h.pass(500)
    expect(h.pods()).toEqual([])
    expect(status()).toMatchObject({ active: 0 })
    expect(status()?.startTime).toBeUndefined()
    expect(condition('Suspended')).toMatchObject({ status: 'True', reason: 'JobSuspended', message: 'Job suspended' })
  })

  it('begins anew when it is resumed, and gives its pods up when it is suspended again', async () => {
    job({ completions: 2, parallelism: 2, suspend: true })
    await h.pass(500)
    change({ suspend: false })
    await h.pass(500)
    expect(running()).toHaveLength(2)
    expect(condition('Suspended')).toMatchObject({ status: 'False', reason: 'JobResumed', message: 'Job resumed' })
    expect(status()?.startTime).toBeDefined()
    change({ suspend: true })
    await h.pass(500)
    expect(h.pods()).toEqual([])
    expect(status()?.startTime).toBeUndefined()
    expect(condition('Suspended')?.status).toBe('True')
  })
})

describe('what else befalls a job', () => {
  it('managed by another controller is left to it', async () => {
    job({ completions: 1, managedBy: 'example.com/batch' })
    await h.pass(500)
    expect(h.pods()).toEqual([])
    expect(status()).toBeUndefined()
  })

  it('managed by this one by name is run', async () => {
    job({ completions: 1, managedBy: 'kubernetes.io/job-controller' })
    await h.pass(500)
    expect(running()).toHaveLength(1)
  })

  it('that has ended stays unless it has a time to live, and makes no more pods', async () => {
    job({ completions: 1 })
    await h.pass(500)
    await end('Succeeded')
    h.server.remove(refs.pods, h.pods()[0]!.metadata.name, 'a')
    await h.pass(100_000)
    expect(h.pods()).toEqual([])
    expect(h.server.peek(refs.jobs, 'j', 'a')?.metadata.deletionTimestamp).toBeUndefined()
  })

  it('with a time to live of zero goes at once, its pods before it', async () => {
    job({ completions: 1, ttlSecondsAfterFinished: 0 })
    await h.pass(500)
    await end('Succeeded')
    const call = h.server.calls.find(({ verb, resource }) => verb === 'delete' && resource.resource === 'jobs')
    expect(call?.body).toMatchObject({ propagationPolicy: 'Foreground' })
  })

  it('whose pods the server refuses is tried again', async () => {
    let refuse = true
    h.server.intercept = ({ verb, resource }) => {
      if (refuse && verb === 'create' && resource.resource === 'pods') throw new StatusError(403, 'Forbidden', 'quota')
      return undefined
    }
    job({ completions: 1 })
    await h.settle()
    expect(h.warnings).not.toEqual([])
    refuse = false
    await h.pass(10_000)
    expect(running()).toHaveLength(1)
    h.warnings.length = 0
  })

  it('whose pods were refused for long is tried again within a minute', async () => {
    let refuse = true
    h.server.intercept = ({ verb, resource }) => {
      if (refuse && verb === 'create' && resource.resource === 'pods') throw new StatusError(403, 'Forbidden', 'quota')
      return undefined
    }
    job({ completions: 1 })
    await h.pass(2 * 3_600_000, 200)
    refuse = false
    await h.pass(61_000)
    expect(running()).toHaveLength(1)
    h.warnings.length = 0
  })

  it('some of whose pods the server refuses says how many run', async () => {
    h.server.intercept = ({ verb, resource }) => {
      if (verb === 'create' && resource.resource === 'pods' && h.pods().length > 0)
        throw new StatusError(403, 'Forbidden', 'quota')
      return undefined
    }
    job({ completions: 3, parallelism: 3 })
    await h.settle()
    expect(status()).toMatchObject({ active: 1, startTime: expect.any(String) as string })
    h.warnings.length = 0
  })

  it('whose pods vanish while they are given up does not mind', async () => {
    job({ completions: 2, parallelism: 2 })
    await h.pass(500)
    h.server.intercept = ({ verb, resource }) => {
      if (verb === 'delete' && resource.resource === 'pods') throw new StatusError(404, 'NotFound', 'gone')
      return undefined
    }
    change({ parallelism: 1 })
    await h.settle()
    expect(h.warnings).toEqual([])
  })

  it('gives each pod of an indexed job its index by label, annotation, variable and name', async () => {
    const own = { name: 'JOB_COMPLETION_INDEX', value: 'mine' }
    job({
      completionMode: 'Indexed',
      completions: 1,
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'c' }, { name: 'd', env: [own] }], initContainers: [{ name: 'i' }] },
      },
    })
    await h.pass(500)
    const [pod] = h.pods()
    const key = 'batch.kubernetes.io/job-completion-index'
    expect(pod?.metadata).toMatchObject({ labels: { [key]: '0' }, annotations: { [key]: '0' } })
    expect(pod?.metadata.name).toMatch(/^j-0-/)
    const variable = {
      name: 'JOB_COMPLETION_INDEX',
      valueFrom: { fieldRef: { fieldPath: `metadata.labels['${key}']` } },
    }
    expect(pod?.spec.containers.map(({ env }) => env)).toEqual([[variable], [own]])
    expect(pod?.spec.initContainers?.map(({ env }) => env)).toEqual([[variable]])
  })
})

it('indexes are listed as runs', () => {
  expect(formatIndexes([0, 1, 3, 4, 5, 7])).toBe('0,1,3-5,7')
})
