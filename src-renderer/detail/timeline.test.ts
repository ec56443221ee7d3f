import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { timelineOf } from './timeline.ts'

const second = (n: number): string => `2026-01-01T00:00:${String(n).padStart(2, '0')}Z`
const pod = partial<KubeObject>({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', creationTimestamp: second(0) },
  status: {
    startTime: second(2),
    conditions: [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: second(1) },
      { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'main', lastTransitionTime: second(9) },
      { type: 'DiskPressure', status: 'True', lastTransitionTime: second(20) },
      { type: 'Odd', status: 'Unknown', lastTransitionTime: second(21) },
      { type: 'Never', status: 'True' },
    ],
    containerStatuses: [
      {
        name: 'main',
        lastState: { terminated: { startedAt: second(4), finishedAt: second(8), exitCode: 1, reason: 'Error' } },
        state: { running: { startedAt: second(12) } },
      },
      { name: 'done', state: { terminated: { startedAt: second(5), finishedAt: second(6), exitCode: 0 } } },
    ],
  },
})
const event = (reason: string, more: object): KubeObject =>
  partial<KubeObject>({ metadata: { name: reason }, reason, message: `${reason}!`, type: 'Normal', ...more })

describe('the timeline', () => {
  it('merges all sources by time, causes before what came of them', () => {
    const moments = timelineOf(pod, [
      event('Scheduled', { eventTime: second(1) }),
      event('BackOff', { type: 'Warning', count: 3, firstTimestamp: second(9), lastTimestamp: second(15) }),
    ])
    expect(moments.map((m) => `${new Date(m.at).getUTCSeconds()} ${m.level} ${m.title}`)).toEqual([
      '0 ok Created',
      '1 ok Scheduled',
      '1 ok PodScheduled=True',
      '2 ok Accepted',
      '4 ok main: running',
      '5 ok done: running',
      '6 ok done: terminated (0)',
      '8 failed main: Error (1)',
      '9 progressing Ready=False',
      '12 ok main: running',
      '15 warning BackOff',
      '20 progressing DiskPressure=True',
      '21 unknown Odd=Unknown',
    ])
    expect(moments[10]).toMatchObject({ text: 'BackOff!', repeated: { count: 3, since: Date.parse(second(9)) } })
    expect(moments[8]!.text).toBe('ContainersNotReady: main')
  })

  it('takes the time of an event from wherever it stands', () => {
    const times = [
      { series: { lastObservedTime: second(3), count: 2 }, eventTime: second(1) },
      { lastTimestamp: second(4) },
      { eventTime: second(5) },
      { metadata: { name: 'x', creationTimestamp: second(6) }, message: '', note: 'words' },
    ].map((more) => timelineOf({ ...pod, status: {} }, [event('X', more)]).at(-1)!)
    expect(times.map((m) => new Date(m.at).getUTCSeconds())).toEqual([3, 4, 5, 6])
    expect(times[0]!.repeated?.count).toBe(2)
    expect(times[3]!.text).toBe('words')
  })
})
