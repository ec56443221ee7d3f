import { flushPromises, mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import { views } from '../kinds/index.ts'
import JobsOf from './JobsOf.vue'

const job = (name: string, uid: string, creationTimestamp: string, status: object = {}) => ({
  metadata: { name, namespace: 'shop', resourceVersion: '1', creationTimestamp, ownerReferences: [{ uid }] },
  status,
})

it('shows the jobs that a CronJob made, the latest first, and nobody else’s', async () => {
  const items = [
    job('report-1', 'c1', '2026-01-01T00:00:00Z', {
      startTime: '2026-01-01T00:00:00Z',
      completionTime: '2026-01-01T00:01:05Z',
      conditions: [{ type: 'Complete', status: 'True' }],
    }),
    job('report-2', 'c1', '2026-01-02T00:00:00Z', { conditions: [{ type: 'Failed', status: 'True' }] }),
    job('other', 'c2', '2026-01-03T00:00:00Z'),
  ]
  const connection = { open: () => ({ close: () => undefined }), onOpen: (run: () => void) => (run(), () => undefined) }
  const kube = {
    cluster: 'jobs',
    connection,
    get: () => Promise.resolve({ metadata: { resourceVersion: '1' }, items }),
  }
  const cluster = partial<ClusterContext>({
    id: 'dev',
    kube,
    view: (id: string) => views.find((view) => view.id === id),
  })
  const cronJob = partial<KubeObject>({ metadata: { name: 'report', uid: 'c1' } })
  const page = mount(JobsOf, {
    props: { cronJob },
    global: {
      plugins: [createTranslations({ language: 'en' })],
      provide: { [clusterKey as symbol]: cluster },
      stubs: { RouterLink: { template: '<a><slot /></a>' } },
    },
  })
  await flushPromises()
  const rows = page.findAll('tbody tr').map((row) =>
    row
      .findAll('td')
      .map((cell) => cell.text())
      .slice(0, 3),
  )
  expect(rows).toEqual([
    ['report-2', expect.stringContaining('Failed'), ''],
    ['report-1', expect.stringContaining('Complete'), '1m 5s'],
  ])
  page.unmount()
})
