import { expect, it } from 'vitest'
import type { ConfigMap } from '#types/core/v1'
import type { InformerHandlers } from '../../src-kube/client/informer.ts'
import { followForwards } from './forwards.ts'

const config = (server: string, name = 'coredns') =>
  ({ metadata: { name }, data: { Corefile: `.:53 {\n forward . ${server}\n}` } }) as unknown as ConfigMap

it('names of others are asked for where the cluster says at the time', () => {
  let told: InformerHandlers<ConfigMap> = {}
  const servers = followForwards({ on: (handlers) => ((told = handlers), () => {}) }, ['127.0.0.11'])
  expect(servers('example.com')).toEqual(['127.0.0.11'])
  told.add?.(config('10.0.0.1'))
  expect(servers('example.com')).toEqual(['10.0.0.1'])
  told.update?.(config('10.0.0.2'), config('10.0.0.1'))
  told.add?.(config('10.0.0.3', 'other'))
  expect(servers('example.com')).toEqual(['10.0.0.2'])
  told.delete?.(config('10.0.0.2'))
  expect(servers('example.com')).toEqual(['127.0.0.11'])
})
