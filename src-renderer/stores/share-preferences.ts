/**
 * Keeps what a person set with the gateway, for all of this user's browsers and hosts, and takes over what they set elsewhere.
 *
 * A change is the browser's until the gateway has it: its key is noted as unsent in local storage, so that neither a lost connection nor a
 * reload loses it, and what comes for that key meanwhile is older and passed over. At the first meeting with a file, what the browser has is
 * brought along: what the file lacks is added, and where both have something the file's has the last word.
 */
import { watch } from 'vue'
import { LONGEST_PREFERENCE } from '../../src-wire/gateway/preferences.ts'
import type { Connection } from '../api/connection.ts'
import { isUserKey, onUserChange, takeOver, userKeysHere } from './user-storage.ts'

/** Milliseconds for which changes are gathered: a splitter that is dragged changes with every frame. */
const pause = 250
/** Where the browser notes which keys the gateway does not have yet, and which file it has met. */
const notes = { unsent: 'drydock.unsent', file: 'drydock.preferences' }

/** The gateway, who is told that something is not kept, and a clock for tests. */
export interface SharingOptions {
  connection: Pick<Connection, 'preferences' | 'action'>
  failed(message: string): void
  delay?: (milliseconds: number, run: () => void) => void
}

/** Begins it, for as long as the window is there; the result ends it. */
export function sharePreferences(options: SharingOptions): () => void {
  const sharing = new Sharing(options)
  const unlisten = onUserChange((key) => sharing.note(key))
  const unwatch = watch(
    options.connection.preferences,
    (message) => {
      if (!message) return
      if (message.whole) sharing.meet(message.file, message.values)
      else sharing.hear(message.values)
    },
    { immediate: true, flush: 'sync' },
  )
  return () => {
    unlisten()
    unwatch()
  }
}

class Sharing {
  readonly #options: SharingOptions
  #isWaiting = false
  #isSending = false
  #hasFailed = false

  constructor(options: SharingOptions) {
    this.#options = options
  }

  note(key: string): void {
    rememberUnsent(unsentKeys().add(key))
    this.#sendSoon()
  }

  hear(values: Readonly<Record<string, string | null>>): void {
    const unsent = unsentKeys()
    for (const [key, text] of Object.entries(values)) if (isUserKey(key) && !unsent.has(key)) takeOver(key, text)
  }

  /** All there is; what else the browser has was taken away elsewhere, or is new to this file. */
  meet(file: string, values: Readonly<Record<string, string | null>>): void {
    const isKnown = file !== '' && localStorage.getItem(notes.file) === file
    const unsent = unsentKeys()
    for (const key of userKeysHere().filter((one) => !unsent.has(one))) {
      const theirs = values[key] ?? null
      const both = isKnown ? theirs : joined(localStorage.getItem(key) ?? '', theirs)
      takeOver(key, both)
      if (both !== theirs) unsent.add(key)
    }
    rememberUnsent(unsent)
    this.hear(values)
    if (file !== '') localStorage.setItem(notes.file, file)
    this.#sendSoon()
  }

  #sendSoon(): void {
    const { connection, delay = (milliseconds, run) => void setTimeout(run, milliseconds) } = this.#options
    if (this.#isWaiting || this.#isSending || !connection.preferences.value || unsentKeys().size === 0) return
    this.#isWaiting = true
    delay(pause, () => {
      this.#isWaiting = false
      void this.#send()
    })
  }

  async #send(): Promise<void> {
    const values = Object.fromEntries([...unsentKeys()].map((key) => [key, localStorage.getItem(key)]))
    this.#isSending = true
    try {
      await this.#options.connection.action('', 'preferences.keep', { values: withoutLong(values) })
      const isSent = (key: string): boolean => key in values && localStorage.getItem(key) === values[key]
      rememberUnsent([...unsentKeys()].filter((key) => !isSent(key)))
      this.#hasFailed = false
      this.#isSending = false
      this.#sendSoon()
    } catch (error) {
      // With the next change, or when the gateway is there again.
      this.#isSending = false
      if (!this.#hasFailed) this.#options.failed(error instanceof Error ? error.message : String(error))
      this.#hasFailed = true
    }
  }
}

/** What is too long to be kept for the user stays this browser's. */
const withoutLong = (values: Record<string, string | null>): Record<string, string | null> =>
  Object.fromEntries(Object.entries(values).filter(([, text]) => (text?.length ?? 0) <= LONGEST_PREFERENCE))

/** Read anew each time: other windows of this browser write it too. */
function unsentKeys(): Set<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(notes.unsent) ?? '[]') as string[])
  } catch (error) {
    if (error instanceof SyntaxError) return new Set()
    throw error
  }
}

const rememberUnsent = (keys: Iterable<string>): void => localStorage.setItem(notes.unsent, JSON.stringify([...keys]))

/** Both of two tables or lists in JSON, where the second has the last word; of two texts the second, if there is one. */
function joined(mine: string, theirs: string | null): string {
  if (theirs === null) return mine
  let both: [unknown, unknown]
  try {
    both = [JSON.parse(mine), JSON.parse(theirs)]
  } catch (error) {
    if (error instanceof SyntaxError) return theirs
    throw error
  }
  const [a, b] = both
  if (Array.isArray(a) && Array.isArray(b)) {
    const known = new Set(b.map(identityOf))
    const more = a.filter((one) => !known.has(identityOf(one)))
    return more.length > 0 ? JSON.stringify([...b, ...more]) : theirs
  }
  if (!isTable(a) || !isTable(b)) return theirs
  return Object.keys(a).every((key) => key in b) ? theirs : JSON.stringify({ ...a, ...b })
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Entries with an id are the same when they have the same; others when they say the same. */
const identityOf = (entry: unknown): string =>
  isTable(entry) && typeof entry['id'] === 'string' ? entry['id'] : JSON.stringify(entry)
