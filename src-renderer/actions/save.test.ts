import { expect, it, vi } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { views } from '../kinds/index.ts'
import { copyCellAction } from './copy.ts'
import { actions, type ActionWorld } from './index.ts'
import { tableOf } from './save.ts'

const events = views.find(({ id }) => id === 'events')!
const t = (key: string): string => key
const event = (name: string, message: string) =>
  partial<KubeObject>({
    metadata: { name, namespace: 'shop' },
    type: 'Warning',
    reason: 'BackOff',
    message,
    count: 3,
    lastTimestamp: '2026-01-02T03:04:05Z',
    involvedObject: { kind: 'Pod', name: 'web' },
  })

it('a table has all columns of the kind, times as such, and is quoted where a cell would break it', () => {
  expect(tableOf(events, [event('a', 'Back-off, "web"\nagain')], t)).toBe(
    [
      'columns.lastSeen,columns.type,columns.reason,columns.object,columns.message,columns.count,columns.namespace',
      '2026-01-02T03:04:05.000Z,Warning,BackOff,Pod/web,"Back-off, ""web""\nagain",3,shop',
      '',
    ].join('\r\n'),
  )
})

it('one object is saved under its name, several under that of their kind', async () => {
  const names: string[] = []
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function save(this: HTMLAnchorElement) {
    names.push(this.download)
  })
  const world = partial<ActionWorld>({ t, ui: { toast: () => undefined } })
  for (const id of ['save-yaml', 'save-csv'])
    for (const some of [[event('a', '')], [event('a', ''), event('b', '')]])
      await actions.find((one) => one.id === id)!.run(world, events, some)
  expect(names).toEqual(['a.yaml', 'events.yaml', 'a.csv', 'events.csv'])
})

it('names and cells are copied as they are, however long', async () => {
  const copied: string[] = []
  const world = partial<ActionWorld>({ t, ui: { copy: (text: string) => Promise.resolve(void copied.push(text)) } })
  await actions.find(({ id }) => id === 'copy-name')!.run(world, events, [event('a', ''), event('b', '')])
  const long = 'x'.repeat(50)
  const cell = copyCellAction(long, (key, { text } = {}) => `${key} ${String(text)}`)
  await cell.run(world, events, [])
  expect([copied, cell.words]).toEqual([['a\nb', long], `actions.copy-cell ${'x'.repeat(32)}…`])
})
