import { describe, expect, test } from 'vitest'
import { decodeManagers, encodeManagers, isReset, type Manager } from '../fields-v1/managers.ts'
import type { KubeObject } from '../meta.ts'
import { schemaOf } from '../schema/index.ts'
import { partial } from '../testing/partial.ts'
import { applyConflict } from './apply-conflict.ts'
import { apply } from './apply.ts'
import { ownerBefore, ownersAfterUpdate, type Writer } from './ownership.ts'

const schema = schemaOf('apps/v1', 'Deployment')
const FIRST = '2026-01-01T00:00:00Z'
const LATER = '2026-01-02T00:00:00Z'

const applier = (manager: string): Writer => ({ manager, operation: 'Apply', apiVersion: 'apps/v1', subresource: '' })
const updater = (manager: string): Writer => ({ ...applier(manager), operation: 'Update' })

const web = (spec: object, metadata: object = {}): KubeObject =>
  partial<KubeObject>({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...metadata }, spec })

const template = (...containers: object[]) => ({ template: { spec: { containers } } })

interface State {
  object: KubeObject | undefined
  managers: Manager[]
}

const nothing: State = { object: undefined, managers: [] }

/** Applies and expects no conflict. */
function applied(
  { object: current, managers }: State,
  by: string,
  config: KubeObject,
  { force = false, time = FIRST } = {},
) {
  const result = apply({ current, applied: config, managers, writer: applier(by), force, schema, time })
  if ('conflicts' in result) throw applyConflict(result.conflicts)
  return result
}

/** A plain write after the state. */
const updated = (state: State, by: string, object: KubeObject, time = FIRST): State => ({
  object,
  managers: ownersAfterUpdate({
    before: state.object!,
    after: object,
    managers: state.managers,
    writer: updater(by),
    schema,
    time,
  }),
})

const spec = ({ object }: State) => object!['spec'] as Record<string, unknown>
const owned = ({ managers }: State, by: string) =>
  encodeManagers(managers).find(({ manager }) => manager === by)?.fieldsV1

describe('the first apply', () => {
  test('of nothing makes the object, and owns what it gives', () => {
    const state = applied(nothing, 'a', web({ replicas: 1 }, { labels: { app: 'x' } }))
    expect(state.object).toEqual(web({ replicas: 1 }, { labels: { app: 'x' } }))
    expect(encodeManagers(state.managers)).toEqual([
      {
        manager: 'a',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: FIRST,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:labels': { 'f:app': {} } }, 'f:spec': { 'f:replicas': {} } },
      },
    ])
  })

  test('of an object without owners leaves what it had to before-first-apply', () => {
    const object = web({ replicas: 1 }, { labels: { app: 'x' }, uid: 'u' })
    const managers = ownerBefore(object, 'apps/v1', schema, FIRST)
    expect(owned({ object, managers }, 'before-first-apply')).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': { 'f:replicas': {} },
    })
    expect(() => applied({ object, managers }, 'a', web({ replicas: 2 }))).toThrow(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.replicas',
    )
  })
})

describe('a field that the configuration gives no more', () => {
  test('goes with the place it was alone in', () => {
    const first = applied(nothing, 'a', web({ replicas: 1, paused: true }, { labels: { app: 'x' } }))
    const second = applied(first, 'a', web({ replicas: 1 }), { time: LATER })
    expect(second.object).toEqual(web({ replicas: 1 }))
    expect(second.managers[0]!.time).toBe(LATER)
  })

  test('stays when another owns it', () => {
    const first = applied(nothing, 'a', web({ replicas: 1, paused: true }))
    const shared = applied(first, 'b', web({ paused: true }))
    expect(spec(applied(shared, 'a', web({ replicas: 1 })))).toEqual({ replicas: 1, paused: true })
    const let_go = applied(applied(shared, 'a', web({ replicas: 1 })), 'b', web({}))
    expect(spec(let_go)).toEqual({ replicas: 1 })
    expect(owned(let_go, 'b')).toEqual({ 'f:spec': {} })
  })

  test('stays when nobody applied it', () => {
    const first = applied(nothing, 'a', web({ replicas: 1 }))
    const defaulted: State = { ...first, object: web({ replicas: 1, minReadySeconds: 5 }) }
    expect(spec(applied(defaulted, 'a', web({ paused: true })))).toEqual({ minReadySeconds: 5, paused: true })
  })

  test('takes an item of a list with its defaults and what others set in it, but not one that others own', () => {
    const both = template({ name: 'c', image: 'i' }, { name: 'd', image: 'i' })
    const first = applied(nothing, 'a', web(both))
    const filled = web(template({ name: 'c', image: 'i' }, { name: 'd', image: 'i', terminationMessagePath: '/x' }))
    const only = web(template({ name: 'c', image: 'i' }))
    expect(spec(applied({ ...first, object: filled }, 'a', only))).toEqual(template({ name: 'c', image: 'i' }))
    const touched = web(template({ name: 'c', image: 'i' }, { name: 'd', image: 'i', tty: true }))
    const gone = applied(updated(first, 'k', touched), 'a', only)
    expect(spec(gone)).toEqual(template({ name: 'c', image: 'i' }))
    expect(owned(gone, 'k')).toBeUndefined()
    const shared = applied(first, 'b', web(template({ name: 'd', image: 'i' })))
    expect(spec(applied(shared, 'a', only))).toEqual(both)
  })
})

describe('ownership', () => {
  const first = applied(nothing, 'a', web({ replicas: 1 }))

  test('is shared by those who give the same value', () => {
    const shared = applied(first, 'b', web({ replicas: 1 }))
    expect(owned(shared, 'a')).toEqual(owned(shared, 'b'))
    expect(() => applied(shared, 'a', web({ replicas: 2 }))).toThrow(
      'Apply failed with 1 conflict: conflict with "b": .spec.replicas',
    )
  })

  test('is taken by force', () => {
    const forced = applied(first, 'b', web({ replicas: 2 }), { force: true })
    expect(spec(forced)).toEqual({ replicas: 2 })
    expect(owned(forced, 'a')).toBeUndefined()
  })

  test('is taken by a plain write, and returned by the next apply only by force', () => {
    const scaled = updated(first, 'kubectl', web({ replicas: 5 }), LATER)
    expect(owned(scaled, 'a')).toBeUndefined()
    expect(scaled.managers).toMatchObject([{ manager: 'kubectl', operation: 'Update', time: LATER }])
    expect(() => applied(scaled, 'a', web({ replicas: 1 }))).toThrow('conflict with "kubectl" using apps/v1')
    expect(spec(applied(scaled, 'a', web({ replicas: 1 }), { force: true }))).toEqual({ replicas: 1 })
  })

  test('ends with what a plain write removes', () => {
    const removed = updated(first, 'kubectl', web({}))
    expect(removed.managers).toEqual([])
  })

  test('keeps the time of an applier while its set stays the same, of an updater while it changes nothing', () => {
    const again = applied(first, 'a', web({ replicas: 3 }), { time: LATER })
    expect(again.managers[0]!.time).toBe(FIRST)
    const scaled = updated(first, 'k', web({ replicas: 5 }))
    expect(updated(scaled, 'k', web({ replicas: 5 }), LATER).managers[0]!.time).toBe(FIRST)
    expect(updated(scaled, 'k', web({ replicas: 6 }), LATER).managers[0]!.time).toBe(LATER)
  })

  test('of more than ten updaters is that of ancient changes for the oldest', () => {
    let state: State = first
    const labels: Record<string, string> = {}
    for (let day = 10; day < 24; day++) {
      labels[`l${day}`] = 'x'
      state = updated(state, `u${day}`, web({ replicas: 1 }, { labels: { ...labels } }), `2026-02-${day}T00:00:00Z`)
    }
    const updaters = state.managers.filter(({ operation }) => operation === 'Update')
    expect(updaters).toHaveLength(10)
    expect(owned(state, 'a')).toBeDefined()
    expect(owned(state, 'u23')).toEqual({ 'f:metadata': { 'f:labels': { 'f:l23': {} } } })
    expect(owned(state, 'ancient-changes')).toEqual({
      'f:metadata': { 'f:labels': { '.': {}, 'f:l10': {}, 'f:l11': {}, 'f:l12': {}, 'f:l13': {}, 'f:l14': {} } },
    })
  })

  test('of an atomic list or map is of the whole', () => {
    const args = (...list: string[]) => web(template({ name: 'c', args: list }))
    const one = applied(nothing, 'a', args('x', 'y'))
    expect(() => applied(one, 'b', args('x'))).toThrow(
      'Apply failed with 1 conflict: conflict with "a": .spec.template.spec.containers[name="c"].args',
    )
    expect(spec(applied(one, 'b', args('x'), { force: true }))).toEqual(template({ name: 'c', args: ['x'] }))
  })

  test('of a status is another than of the object', () => {
    const status = { ...applier('a'), subresource: 'status' }
    const config = { ...web({}), status: { replicas: 1 } }
    const result = apply({
      current: first.object,
      applied: config,
      managers: first.managers,
      writer: status,
      force: false,
      schema,
      time: FIRST,
    })
    expect(encodeManagers((result as State).managers).map(({ subresource }) => subresource)).toEqual([
      undefined,
      'status',
    ])
  })
})

describe('lists', () => {
  test('keep items of others in their place, and take the order of the configuration', () => {
    const live = web(template({ name: 'x' }, { name: 'b' }, { name: 'y' }, { name: 'a' }, { name: 'z' }))
    const state = applied(
      { object: live, managers: [] },
      'a',
      web(template({ name: 'a' }, { name: 'b' }, { name: 'n' })),
    )
    const { containers } = (spec(state) as ReturnType<typeof template>).template.spec
    expect(containers.map((one) => (one as { name: string }).name)).toEqual(['x', 'y', 'a', 'z', 'b', 'n'])
  })

  test.each([
    ['b', 'c a', 'b c a'],
    ['a b c', 'c', 'a b c'],
    ['a b c', 'n a', 'n a b c'],
    ['a b c', 'c a', 'b c a'],
    ['a b', 'a n b', 'a n b'],
    ['', 'a b', 'a b'],
    ['a b', '', 'a b'],
  ])('of %j and the configuration %j come in the order %j', (live, given, expected) => {
    const list = (names: string): object[] => names.split(' ').flatMap((name) => (name ? [{ name }] : []))
    const state = applied({ object: web(template(...list(live))), managers: [] }, 'a', web(template(...list(given))))
    const { containers } = (spec(state) as ReturnType<typeof template>).template.spec
    expect(containers.map((one) => (one as { name: string }).name).join(' ')).toBe(expected)
  })

  test('of type set hold each value once and lose only what their owner gave', () => {
    const first = applied(nothing, 'a', web({}, { finalizers: ['e/a', 'e/b'] }))
    const second = applied(first, 'b', web({}, { finalizers: ['e/b', 'e/c'] }))
    expect(second.object!.metadata.finalizers).toEqual(['e/a', 'e/b', 'e/c'])
    expect(applied(second, 'a', web({})).object!.metadata.finalizers).toEqual(['e/b', 'e/c'])
  })
})

describe('conflicts', () => {
  test('are all said, by owner, each field a cause', () => {
    const one = applied(nothing, 'a', web({ replicas: 1, paused: true }))
    const state: State = {
      ...one,
      managers: [...one.managers, { ...one.managers[0]!, ...updater('u'), subresource: 'scale' }],
    }
    const error = expect.objectContaining({
      code: 409,
      reason: 'Conflict',
      message: [
        'Apply failed with 4 conflicts: conflicts with "a":',
        '- .spec.paused',
        '- .spec.replicas',
        'conflicts with "u" with subresource "scale" using apps/v1:',
        '- .spec.paused',
        '- .spec.replicas',
      ].join('\n'),
    })
    expect(() => applied(state, 'b', web({ replicas: 2, paused: false }))).toThrow(error)
    expect(() => applied(one, 'b', web({ replicas: 2 }))).toThrow(
      expect.objectContaining({
        details: {
          causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "a"', field: '.spec.replicas' }],
        },
      }),
    )
  })
})

describe('managedFields', () => {
  test('are read as they are written, appliers first', () => {
    const state = updated(applied(nothing, 'z', web({ replicas: 1 })), 'a', web({ replicas: 1, paused: true }))
    const entries = encodeManagers(state.managers)
    expect(entries.map(({ manager }) => manager)).toEqual(['z', 'a'])
    expect(encodeManagers(decodeManagers(entries))).toEqual(entries)
  })

  test.each([
    [{ operation: undefined }, 'operation must be `Apply` or `Update`'],
    [{ operation: 'Bad' }, 'operation must be `Apply` or `Update`'],
    [{ apiVersion: '' }, 'apiVersion must not be empty'],
    [{ fieldsType: undefined }, 'invalid fieldsType ""'],
    [{ fieldsV1: { 'i:y': {} } }, 'fieldsV1: unknown path element "i:y"'],
  ])('are none with %j', (wrong, words) => {
    const entry = { manager: 'a', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }
    expect(() => decodeManagers([{ ...entry, ...wrong }])).toThrow(words)
  })

  test.each([
    [[], false],
    [[{}], true],
    [undefined, false],
    [[{ manager: 'a' }], false],
    [[{}, {}], false],
  ])('%j resets: %s', (entries, reset) => {
    expect(isReset(entries)).toBe(reset)
  })
})
