import { beforeEach, describe, expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import { FakeClock } from '../../src-kube/machinery/clock.ts'
import type { Observed } from './plan/observed.ts'
import { PodWaits } from './pod-waits.ts'
import { RunContainerError } from './runtime/create-container.ts'
import { ImageError } from './runtime/images.ts'
import { PostStartHookError } from './runtime/start-container.ts'
import { VolumeError } from './volumes/volume-errors.ts'

const pod = {
  metadata: { name: 'p', namespace: 'd', uid: 'u' },
  spec: { restartPolicy: 'Never', containers: [{ name: 'c' }] },
} as Pod
const container = pod.spec.containers[0]!
const ended = { name: 'c', attempt: 0, state: 'exited', exitCode: 128 } as Observed

describe('what the containers of a pod wait for', () => {
  let clock: FakeClock
  let events: string[]
  let waits: PodWaits
  beforeEach(() => {
    clock = new FakeClock()
    events = []
    const event = (_about: unknown, type: string, reason: string, message: string): void =>
      void events.push(`${type} ${reason} ${message}`)
    waits = new PodWaits({ clock, event })
  })

  it('tells of a back-off when it begins, and of how long it is each time', () => {
    waits.backOff(pod, 'c', 10_000)
    waits.backOff(pod, 'c', 20_000)
    expect(events).toEqual(['Warning BackOff Back-off restarting failed container c in pod p_d(u)'])
    expect(waits.words.get('c')).toEqual({
      reason: 'CrashLoopBackOff',
      message: 'back-off 20s restarting failed container=c pod=p_d(u)',
    })
  })

  it('tries an image again when the image says, and tells the same reason once', async () => {
    const error = new ImageError('ErrImagePull', 'no such image', 7_000)
    waits.failed(pod, container, error, [])
    waits.failed(pod, container, error, [])
    expect(events).toEqual(['Warning Failed Error: ErrImagePull'])
    expect(waits.left).toEqual(new Map([['c', 7_000]]))
    await clock.advance(7_000)
    expect(waits.left.size).toBe(0)
    expect(waits.words.get('c')).toEqual({ reason: 'ErrImagePull', message: 'no such image' })
  })

  it('waits no longer where the clock of the node is set back', async () => {
    waits.failed(pod, container, new ImageError('ErrImagePull', 'no such image', 7_000), [])
    clock.turn(-3_600_000)
    expect(waits.left).toEqual(new Map([['c', 7_000]]))
    await clock.advance(7_000)
    expect(waits.left.size).toBe(0)
  })

  it('tells of the image of a volume that cannot be had as of an own one, where it is mounted', () => {
    const mounting = { name: 'm', volumeMounts: [{ name: 'v', mountPath: '/v' }] }
    const both = { ...pod, spec: { ...pod.spec, containers: [container, mounting] } }
    const failed = (cause: Error): boolean => waits.volumeFailed(both, new VolumeError('v', cause))
    expect(failed(new ImageError('ErrImagePull', 'no such image', 2_000))).toBe(true)
    expect(failed(new ImageError('ImagePullBackOff', 'later', 300_000))).toBe(true)
    expect(failed(new ImageError('ImagePullBackOff', 'later', 299_000))).toBe(true)
    expect(events).toEqual(['Warning Failed Error: ErrImagePull', 'Warning Failed Error: ImagePullBackOff'])
    expect([...waits.words]).toEqual([['m', { reason: 'ImagePullBackOff', message: 'later' }]])
    expect(waits.left.size).toBe(0)
    expect(failed(new Error('no such directory'))).toBe(false)
  })

  it('tries what could not be made again after a pause', () => {
    waits.failed(pod, container, new Error('no room'), [])
    expect(events).toEqual(['Warning Failed Error: no room'])
    expect(waits.words.get('c')).toEqual({ reason: 'CreateContainerError', message: 'no room' })
    expect(waits.left).toEqual(new Map([['c', 4_000]]))
  })

  it('leaves the restart after a failed hook to the back-off of the container that it ended', () => {
    waits.failed(pod, container, new PostStartHookError('hook failed'), [])
    expect(events).toEqual([])
    expect(waits.left.size).toBe(0)
    expect(waits.words.get('c')?.reason).toBe('PostStartHookError')
  })

  it('lets a container that could not run and may not start again have ended', () => {
    const error = new RunContainerError('exec: not found', 'id', undefined)
    waits.failed(pod, container, error, [ended])
    expect(waits.words.size).toBe(0)
    const again = { ...pod, spec: { ...pod.spec, restartPolicy: 'Always' } } as Pod
    waits.failed(again, container, error, [ended])
    expect(waits.words.get('c')?.reason).toBe('RunContainerError')
    expect(waits.left.size).toBe(0)
  })

  it('waits no more when it runs', () => {
    waits.backOff(pod, 'c', 10_000)
    waits.end('c')
    expect(waits.words.size).toBe(0)
  })
})
