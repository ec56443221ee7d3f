import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { StoreMetrics } from './measured-store.ts'
import { storeSize } from './store-size.ts'

test('The store tells the size of all its files, and nothing where that is unknown', () => {
  const directory = mkdtempSync(join(tmpdir(), 'store-size-'))
  try {
    writeFileSync(join(directory, 'store.db'), 'four')
    writeFileSync(join(directory, 'store.db-log'), 'seven..')
    const metrics = new StoreMetrics()
    const told = () => metrics.metrics().find(({ name }) => name === 'apiserver_storage_size_bytes')?.samples
    expect(told()).toEqual([])
    metrics.size = () => storeSize(directory)
    expect(told()).toEqual([{ labels: { storage_cluster_id: 'etcd-0' }, value: 11 }])
  } finally {
    rmSync(directory, { recursive: true })
  }
})
