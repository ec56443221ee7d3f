import type { DockTab, Side } from './dock.ts'
import type { SavedList } from './saved-lists.ts'

/**
 * Tabs and saved lists were numbered by each browser. Those that stand in this one get ids of their own, with all that is kept by them, so that
 * they can stand beside those of others. To be called before anybody reads them; does nothing a second time.
 */
export function giveOwnIds(newId: () => string = () => crypto.randomUUID()): void {
  const lists = read<SavedList[]>('drydock.lists', [])
  if (lists.some(isNumbered))
    write(
      'drydock.lists',
      lists.map((list) => (isNumbered(list) ? { ...list, id: newId() } : list)),
    )
  const tabs = read<DockTab[]>('drydock.dock', [])
  const ids = new Map(tabs.filter(isNumbered).map(({ id }) => [id, newId()] as const))
  if (ids.size === 0) return
  const renamed = (id: string): string => ids.get(id) ?? id
  write(
    'drydock.dock',
    tabs.map((tab) => ({ ...tab, id: renamed(tab.id) })),
  )
  const front = read<Record<Side, string>>('drydock.dock.front', { left: '', right: '' })
  write('drydock.dock.front', { left: renamed(front.left), right: renamed(front.right) })
  const drains = Object.entries(read<Record<string, unknown>>('drydock.drains', {}))
  write('drydock.drains', Object.fromEntries(drains.map(([id, state]) => [renamed(id), state])))
  const running = JSON.parse(sessionStorage.getItem('drydock.drains.running') ?? '[]') as string[]
  sessionStorage.setItem('drydock.drains.running', JSON.stringify(running.map(renamed)))
  for (const [id, to] of ids) moveDraft(id, to)
}

const isNumbered = ({ id }: { id: string }): boolean => /^\d+$/.test(id)

function moveDraft(from: string, to: string): void {
  const draft = localStorage.getItem(`drydock.draft.${from}`)
  if (draft === null) return
  localStorage.setItem(`drydock.draft.${to}`, draft)
  localStorage.removeItem(`drydock.draft.${from}`)
}

const read = <T>(key: string, initial: T): T => JSON.parse(localStorage.getItem(key) ?? 'null') ?? initial

const write = (key: string, value: unknown): void => localStorage.setItem(key, JSON.stringify(value))
