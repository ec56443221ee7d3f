import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig, watchConfig, type NodeConfig } from './node-config.ts'

let folder: string
let stop: AbortController
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drydock-config-'))
  stop = new AbortController()
})
afterEach(() => {
  stop.abort()
  rmSync(folder, { recursive: true, force: true })
})

const file = (): string => join(folder, 'node.json')
const write = (content: unknown): void => writeFileSync(file(), JSON.stringify(content, null, 2))

async function watched() {
  write({ cluster: 'c', proxyMode: 'iptables' })
  const change = Promise.withResolvers<void>()
  let changes = 0
  watchConfig(
    await readConfig(file()),
    stop.signal,
    () => {
      changes++
      change.resolve()
    },
    file(),
  )
  return { changed: change.promise, count: () => changes }
}

describe('watchConfig', () => {
  it('tells once of another mode, also when the file was half written before', async () => {
    const { changed, count } = await watched()
    writeFileSync(file(), '{"cluster":')
    write({ cluster: 'c', proxyMode: 'nftables' })
    await changed
    write({ cluster: 'c', proxyMode: 'ipvs' })
    expect(count()).toBe(1)
  })

  it('tells nothing of a file that says the same again', async () => {
    const { changed, count } = await watched()
    write({ cluster: 'c', proxyMode: 'iptables' })
    writeFileSync(join(folder, 'other'), '')
    // The file system's news come in order.
    write({ cluster: 'c' } satisfies Partial<NodeConfig>)
    await changed
    expect(count()).toBe(1)
  })
})
