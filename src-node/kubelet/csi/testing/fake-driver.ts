import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answering, serveSocket } from '../../plugins/rpc/server.ts'
import { csiNode, nodeCan } from '../api.ts'

/** A driver's node service in a test: what it was asked, and what it answers. */
export interface FakeDriver {
  endpoint: string
  /** Calls in order: the method's name, and what was said. */
  calls: Array<[keyof typeof csiNode, Record<string, unknown>]>
  /** By method: what a call fails with, until it is taken away. */
  failures: Partial<Record<keyof typeof csiNode, Error>>
  capabilities: number[]
  info: { nodeId: string; maxVolumesPerNode?: number; accessibleTopology?: { segments: Record<string, string> } }
  usage: Array<{ available?: number; total: number; used?: number; unit: number }>
  names(): string[]
  last(name: keyof typeof csiNode): Record<string, unknown> | undefined
  stop(): Promise<void>
}

/** Serves a driver at a socket of its own; it makes the directories that it is to mount at. */
export async function fakeDriver(): Promise<FakeDriver> {
  const directory = await mkdtemp(join(tmpdir(), 'csi-driver-'))
  const driver: FakeDriver = {
    endpoint: join(directory, 'csi.sock'),
    calls: [],
    failures: {},
    capabilities: [nodeCan.stage],
    info: { nodeId: 'node-of-driver' },
    usage: [],
    names: () => driver.calls.map(([name]) => name).filter((name) => name !== 'getCapabilities'),
    last: (name) => driver.calls.findLast(([one]) => one === name)?.[1],
    async stop() {
      server.stop()
      await rm(directory, { recursive: true })
    },
  }
  const heard = (name: keyof typeof csiNode, request: object): void => {
    driver.calls.push([name, { ...request }])
    const failure = driver.failures[name]
    if (failure) throw failure
  }
  const server = await serveSocket(driver.endpoint, [
    answering(csiNode.getInfo, (request) => (heard('getInfo', request), driver.info)),
    answering(csiNode.getCapabilities, (request) => {
      heard('getCapabilities', request)
      return { capabilities: driver.capabilities.map((type) => ({ rpc: { type } })) }
    }),
    answering(csiNode.stage, (request) => (heard('stage', request), {})),
    answering(csiNode.unstage, (request) => (heard('unstage', request), {})),
    answering(csiNode.publish, async (request) => {
      heard('publish', request)
      await mkdir(request.targetPath, { recursive: true })
      return {}
    }),
    answering(csiNode.unpublish, (request) => (heard('unpublish', request), {})),
    answering(csiNode.getStats, (request) => (heard('getStats', request), { usage: driver.usage })),
    answering(csiNode.expand, (request) => (heard('expand', request), { capacityBytes: 0 })),
  ])
  return driver
}
