import { describe, expect, it } from 'vitest'
import { changesOf, isShown, valueText } from './changes.ts'

const told = (before: object, after: object): string[] =>
  changesOf(before, after).map((change) => `${change.path} ${valueText(change.before)} → ${valueText(change.after)}`)

describe('what changed between two versions', () => {
  it('is said field by field, what people write first', () => {
    const before = { metadata: { labels: { app: 'web' } }, spec: { replicas: 2 }, status: { replicas: 2 } }
    const after = { metadata: { labels: { app: 'web', tier: 'a' } }, spec: { replicas: 3 }, status: { replicas: 3 } }
    expect(told(before, after)).toEqual(['spec.replicas 2 → 3', 'metadata.labels.tier – → a', 'status.replicas 2 → 3'])
  })

  it('names the items of lists by what they are called', () => {
    const before = { spec: { containers: [{ name: 'a', image: 'a:1' }, { name: 'b' }], args: ['x'] } }
    const after = { spec: { containers: [{ name: 'a', image: 'a:2' }], args: ['x', 'y'] } }
    expect(told(before, after)).toEqual([
      'spec.containers[a].image a:1 → a:2',
      'spec.containers[b] {…} → –',
      'spec.args [x] → [x, y]',
    ])
  })

  it('says of a condition that turned only that', () => {
    const condition = (status: string, reason: string, second: number) => ({
      status: { conditions: [{ type: 'Ready', status, reason, lastTransitionTime: `2026-01-01T00:00:0${second}Z` }] },
    })
    expect(told(condition('False', 'Starting', 1), condition('True', 'Started', 2))).toEqual([
      'status.conditions[Ready] False → True',
    ])
    expect(told(condition('False', 'Starting', 1), condition('False', 'Waiting', 1))).toEqual([
      'status.conditions[Ready].reason Starting → Waiting',
    ])
  })

  it('says of a condition that gives another reason not its message too', () => {
    const condition = (reason: string, message: string) => ({
      status: { conditions: [{ type: 'Progressing', status: 'True', reason, message }] },
    })
    expect(told(condition('A', 'a'), condition('B', 'b'))).toEqual(['status.conditions[Progressing].reason A → B'])
    expect(told(condition('A', 'a'), condition('A', 'b'))).toEqual(['status.conditions[Progressing].message a → b'])
  })

  it('says of a list that comes what is in it', () => {
    const conditions = [{ type: 'Available', status: 'False', reason: 'x' }]
    expect(told({ status: {} }, { status: { conditions, replicas: 1 } })).toEqual([
      'status.conditions[Available] – → False',
      'status.replicas – → 1',
    ])
    expect(told({ spec: { args: ['x'] } }, { spec: {} })).toEqual(['spec.args [x] → –'])
  })

  it('leaves out what ticks, unless nothing else changed, and bookkeeping always', () => {
    const node = (beat: number, ready: string) => ({
      metadata: { resourceVersion: String(beat), generation: beat, managedFields: [beat] },
      status: { conditions: [{ type: 'Ready', status: ready, lastHeartbeatTime: beat }], addresses: [{ type: 'x' }] },
    })
    expect(told(node(1, 'True'), node(2, 'True'))).toEqual(['status.conditions[Ready].lastHeartbeatTime 1 → 2'])
    expect(told(node(1, 'True'), node(2, 'False'))).toEqual(['status.conditions[Ready] True → False'])
    const applied = (text: string) => ({
      metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': text } },
    })
    expect(told(applied('a'), applied('b'))).toEqual([])
  })

  it('quotes names that are no words, and shortens values', () => {
    expect(
      told({ metadata: { annotations: {} } }, { metadata: { annotations: { 'a.b/c': 'x\n y'.repeat(30) } } }),
    ).toEqual([`metadata.annotations["a.b/c"] – → ${'x y'.repeat(30).slice(0, 39)}…`])
    expect([undefined, null, {}, { a: 1 }, [{}, {}], false].map(valueText)).toEqual([
      '–',
      '–',
      '{}',
      '{…}',
      '[2]',
      'false',
    ])
  })

  it('keeps what Secrets hold covered', () => {
    const change = { path: 'data.password', before: 'a', after: 'b' }
    expect(isShown('Secret', change)).toBe(false)
    expect(isShown('ConfigMap', change)).toBe(true)
    expect(isShown('Secret', { ...change, path: 'metadata.labels.a' })).toBe(true)
  })
})
