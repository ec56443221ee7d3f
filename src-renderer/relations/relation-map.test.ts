import { mount, RouterLinkStub } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { createI18n } from 'vue-i18n'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { en } from '../i18n/en.ts'
import type { RelationMap as Drawn } from './graph.ts'
import RelationMap from './RelationMap.vue'

const map: Drawn = {
  nodes: [
    {
      id: 'services shop/web',
      view: 'services',
      key: 'shop/web',
      object: partial<KubeObject>({ metadata: { name: 'web', namespace: 'shop', uid: 'u' } }),
    },
    { id: 'secrets shop/login', view: 'secrets', key: 'shop/login', object: undefined },
    { id: 'more pods', view: 'pods', key: '', object: undefined, more: 7 },
  ],
  edges: [
    { from: 'services shop/web', to: 'secrets shop/login', role: 'uses' },
    { from: 'services shop/web', to: 'more pods', role: 'selects' },
  ],
}

it('each node of a map is a link that says what it is, how it is, and what its lines say', () => {
  const cluster = partial<ClusterContext>({ id: 'dev', view: () => undefined })
  const links = mount(RelationMap, {
    props: { map, root: 'services shop/web' },
    global: {
      plugins: [createI18n({ legacy: false, locale: 'en', messages: { en } })],
      provide: { [clusterKey as symbol]: cluster },
      stubs: { RouterLink: RouterLinkStub },
    },
  }).findAllComponents(RouterLinkStub)
  const said = links.map((link) => [link.text().replaceAll(/\s+/g, ' '), link.attributes('aria-description')])
  expect(said).toEqual([
    ['servicesweb', 'uses login, selects 7 more'],
    ['pods7 more', undefined],
    ['secretslogin✕ missing', undefined],
  ])
  expect(links.filter((link) => link.attributes('aria-current') === 'true').map((link) => link.props('to'))).toEqual([
    { name: 'kind', params: { cluster: 'dev', view: 'services' }, query: { sel: 'shop/web', tab: 'map' } },
  ])
})

it('tells objects of one name by their namespaces where there are several', () => {
  const node = (namespace: string) => ({
    id: `services ${namespace}/web`,
    view: 'services',
    key: `${namespace}/web`,
    object: undefined,
  })
  const drawn = mount(RelationMap, {
    props: { map: { nodes: [node('shop'), node('qa')], edges: [] } },
    global: {
      plugins: [createI18n({ legacy: false, locale: 'en', messages: { en } })],
      provide: { [clusterKey as symbol]: { id: 'dev', view: () => undefined } },
      stubs: { RouterLink: RouterLinkStub },
    },
  })
  expect(
    drawn
      .findAll('.kind')
      .map((one) => one.text())
      .sort(),
  ).toEqual(['services · qa', 'services · shop'])
})
