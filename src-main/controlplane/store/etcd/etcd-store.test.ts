import { afterAll, beforeAll } from 'vitest'
import { systemClock } from '../../../../src-kube/machinery/clock.ts'
import { storeConformance } from '../testing/conformance.ts'
import { EtcdClient } from './client.ts'
import { EtcdStore } from './etcd-store.ts'
import { behind } from './keys.ts'
import { FakeEtcd } from './testing/fake-etcd.ts'

const clock = systemClock
let count = 0
let etcd: FakeEtcd
beforeAll(async () => {
  etcd = await new FakeEtcd().start()
})
afterAll(() => etcd.away())

storeConformance('etcd', async () => {
  const client = new EtcdClient({ servers: [etcd.url], clock })
  return new EtcdStore({ client, keys: behind(`/test-${count++}`), clock, log: () => {} }).open()
})
