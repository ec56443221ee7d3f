import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { startControlPlane, type ControlPlane } from './control-plane.ts'

const folder = mkdtempSync(join(tmpdir(), 'drydock-addresses-'))
let running: ControlPlane | undefined
afterEach(async () => {
  await running?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('startControlPlane', () => {
  it('listens on each address once, also on loopback and on one that is named twice', async () => {
    running = await startControlPlane({
      cluster: 'addresses',
      directory: folder,
      port: 0,
      fixedPort: false,
      addresses: ['127.0.0.1', '127.0.0.2', '127.0.0.2'],
      token: 'abcdef.0123456789abcdef',
      clusterCidr: '10.244.0.0/16',
      serviceCidr: '10.96.0.0/16',
      log: () => {},
    })
    expect(running.port).toBeGreaterThan(0)
  })
})
