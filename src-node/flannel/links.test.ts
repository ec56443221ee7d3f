import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { watchLinks } from './links.ts'

function arrange() {
  const children: Array<EventEmitter & { stdout: PassThrough; killed: boolean; kill(): void }> = []
  const host = {
    spawn() {
      const child = Object.assign(new EventEmitter(), { stdout: new PassThrough(), killed: false, kill() {} })
      child.kill = () => (child.killed = true)
      children.push(child)
      return partial<ChildProcessWithoutNullStreams>(child)
    },
  }
  const clock = new FakeClock()
  const stop = new AbortController()
  const seen = { changes: 0, logged: [] as string[] }
  const log = (message: string): void => void seen.logged.push(message)
  watchLinks({ host, device: 'flannel.1', clock, signal: stop.signal, log }, () => seen.changes++)
  const say = async (line: string): Promise<void> => {
    children.at(-1)!.stdout.write(`${line}\n`)
    await new Promise(setImmediate)
  }
  return { children, clock, stop, seen, say }
}

describe('links', () => {
  it('are news when the overlay device is lost or the uplink comes or goes', async () => {
    const { seen, say } = arrange()
    await say('Deleted 7: flannel.1: <BROADCAST,MULTICAST> mtu 1450 qdisc noop state DOWN')
    await say('Deleted 12: eth0@NONE: <BROADCAST,MULTICAST> mtu 1500')
    await say('14: eth0@if15: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP')
    expect(seen.changes).toBe(3)
  })

  it('of containers, and the overlay device that we made, are none', async () => {
    const { seen, say } = arrange()
    await say('9: veth12ab@if8: <BROADCAST,MULTICAST,UP> mtu 1450 master docker0')
    await say('Deleted 9: veth12ab@if8: <BROADCAST,MULTICAST> mtu 1450')
    await say('10: flannel.1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450')
    expect(seen.changes).toBe(0)
  })

  it('are looked at again when their monitor had ended', async () => {
    const { children, clock, seen } = arrange()
    children[0]!.emit('exit', 1)
    expect(seen).toEqual({ changes: 0, logged: ['ip monitor: ended with 1'] })
    await clock.advance(1000)
    expect(children).toHaveLength(2)
    expect(seen.changes).toBe(1)
  })

  it('are no longer watched when the agent stops', async () => {
    const { children, clock, stop } = arrange()
    stop.abort()
    expect(children[0]!.killed).toBe(true)
    children[0]!.emit('exit', null)
    await clock.advance(5000)
    expect(children).toHaveLength(1)
  })
})
