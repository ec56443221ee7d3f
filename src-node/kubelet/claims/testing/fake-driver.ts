import { answering, serveSocket, streaming } from '../../plugins/rpc/server.ts'
import { driverMethods, nodeWatchResources, type Service } from '../messages.ts'

/** What a driver in a test does. */
export interface FakeDriverOptions {
  service?: Service
  /** By the uid of a claim why it cannot be readied, or `skip` for no answer at all. */
  fails?: Map<string, string>
}

/** A driver of devices, with what it was asked: `+name` for a claim that was readied, `-name` for one that was taken back. */
export interface FakeDriver {
  asked: string[]
  /** Tells that its first device is healthy (1) or not (2). */
  tell(health: number): void
  stop(): void
}

/** Serves a driver at a socket; each claim has a device for the request `gpu` and one for all. */
export async function fakeDriver(
  path: string,
  { service = 'v1.DRAPlugin', fails = new Map() }: FakeDriverOptions = {},
): Promise<FakeDriver> {
  const asked: string[] = []
  const { prepare, unprepare } = driverMethods[service]
  const listeners = new Set<(health: number) => void>()
  const { stop } = await serveSocket(path, [
    streaming(nodeWatchResources, async (_, send, signal) => {
      const tell = (health: number): void => send({ devices: [{ device: { pool: 'n1', name: 'gpu-0' }, health }] })
      tell(1)
      listeners.add(tell)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      listeners.delete(tell)
    }),
    answering(prepare, ({ claims }) => {
      asked.push(...claims.map(({ name }) => `+${name}`))
      const answered = claims.filter(({ uid }) => fails.get(uid) !== 'skip')
      const devices = [
        { requests: ['gpu'], pool: 'n1', device: 'gpu-0', cdiDevices: ['example.com/gpu=0'] },
        { requests: [], pool: 'n1', device: 'all', cdiDevices: ['example.com/gpu=common'] },
      ]
      return { claims: Object.fromEntries(answered.map(({ uid }) => [uid, { devices, error: fails.get(uid) ?? '' }])) }
    }),
    answering(unprepare, ({ claims }) => {
      asked.push(...claims.map(({ name }) => `-${name}`))
      return { claims: Object.fromEntries(claims.map(({ uid }) => [uid, { error: fails.get(uid) ?? '' }])) }
    }),
  ])
  return { asked, stop, tell: (health) => listeners.forEach((tell) => tell(health)) }
}
