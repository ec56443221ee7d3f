/**
 * What a person set, told from what is this browser's: the keys of local storage that are kept for the user, whichever browser and address they
 * open the app at. Local storage holds them too, so that the app looks right before it has heard of anybody.
 */

/** Looks and habits, saved lists, tabs of the dock with the text that is being written in them, port forwards, lines of consoles. */
const plain = [
  'theme',
  'language',
  'drawerWidth',
  'hiddenColumns',
  'columnOrder',
  'columnWidths',
  'namespaces',
  'sidebar',
  'folded',
  'shell',
  'debugImage',
  'keys',
  'lists',
  'dock',
  'drains',
  'dockHeight',
  'dockRight',
  'forwards',
  'logs.wrap',
  'logs.times',
  'logs.colours',
  'logs.json',
  'logs.regex',
  'logs.matchCase',
  'logs.onlyHits',
]
const families = /^drydock\.(draft|kubectl)\./
const userKeys: ReadonlySet<string> = new Set(plain.map((name) => `drydock.${name}`))

/** Whether a key of local storage is the user's. Which tab is in front, what runs and what was looked at lately is the window's. */
export const isUserKey = (key: string): boolean => userKeys.has(key) || families.test(key)

type Listener = (key: string) => void

const listeners = new Set<Listener>()

/** Calls back after each change of this window to a key of the user's; the result ends that. */
export function onUserChange(listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Local storage, where changes of the user's keys are heard of. */
export const userStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = {
  getItem: (key) => localStorage.getItem(key),
  setItem(key, text) {
    localStorage.setItem(key, text)
    tell(key)
  },
  removeItem(key) {
    if (localStorage.getItem(key) === null) return
    localStorage.removeItem(key)
    tell(key)
  },
}

/** Takes over what another window or browser has set; null takes it away. Everyone of this window who keeps the key hears of it. */
export function takeOver(key: string, newValue: string | null): void {
  const oldValue = localStorage.getItem(key)
  if (oldValue === newValue) return
  if (newValue === null) localStorage.removeItem(key)
  else localStorage.setItem(key, newValue)
  window.dispatchEvent(new StorageEvent('storage', { key, oldValue, newValue, storageArea: localStorage }))
}

/** Keys of the user's that this browser has. */
export const userKeysHere = (): string[] =>
  Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at) ?? '').filter(isUserKey)

function tell(key: string): void {
  if (isUserKey(key)) for (const listener of listeners) listener(key)
}
