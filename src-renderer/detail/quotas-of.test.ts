import { flushPromises, mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import QuotasOf from './QuotasOf.vue'

const quota = (namespace: string, name: string, used: string) => ({
  metadata: { name, namespace, resourceVersion: '1' },
  status: { hard: { pods: '10', 'requests.memory': '1Gi' }, used: { pods: used, 'requests.memory': '256Mi' } },
})

it('a namespace tells what its quotas allow and how much of it is used, and nothing of others', async () => {
  const items = [quota('shop', 'team', '10'), quota('shop', 'all', '4'), quota('other', 'team', '1')]
  const connection = { open: () => ({ close: () => undefined }), onOpen: (run: () => void) => (run(), () => undefined) }
  const kube = {
    cluster: 'quotas',
    connection,
    get: () => Promise.resolve({ metadata: { resourceVersion: '1' }, items }),
  }
  const view = {
    id: 'resourcequotas',
    group: '',
    version: 'v1',
    resource: 'resourcequotas',
    kind: 'ResourceQuota',
    namespaced: true,
  }
  const context = { id: 'quotas', kube, view: () => view }
  const page = mount(QuotasOf, {
    props: { namespace: partial<KubeObject>({ metadata: { name: 'shop' } }) },
    global: {
      plugins: [createTranslations({ language: 'en' })],
      provide: { [clusterKey as symbol]: partial<ClusterContext>(context as object) },
      stubs: { RouterLink: { template: '<a><slot /></a>' } },
    },
  })
  await flushPromises()
  expect(page.findAll('h3').map((head) => head.text())).toEqual(['ResourceQuota all', 'ResourceQuota team'])
  const cells = page.findAll('tbody tr').map((row) => row.findAll('td').map((cell) => cell.text()))
  expect(cells).toEqual([
    ['pods', '4 (40%)', '10'],
    ['requests.memory', '256 MiB (25%)', '1 GiB'],
    ['pods', '▲ 10 (100%)', '10'],
    ['requests.memory', '256 MiB (25%)', '1 GiB'],
  ])
  expect(page.findAll('meter').map((meter) => meter.attributes('aria-label'))).toContain('pods (40%)')
  page.unmount()
})
