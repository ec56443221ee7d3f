/**
 * What a person set in the app, for all clusters and browsers of this user: one file of the machine, which every host of a cluster and the
 * desktop app read and write. Looked at while a window is open, so that what was set in one is seen in the others.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  LONGEST_PREFERENCE,
  type PreferenceActions,
  type PreferencesMessage,
} from '../../../src-wire/gateway/preferences.ts'
import { applicationData } from '../../cluster/data-directory.ts'
import { UserError } from '../../cluster/user-error.ts'
import { changePreferences, readPreferences, type KeptPreferences } from './preferences-file.ts'

type Values = PreferenceActions['preferences.keep']['input']['values']

/** Milliseconds between two looks whether another process has written. */
const LOOK_PAUSE = 1000
/** Texts at once, at most. */
const MOST = 2000
const KEY_FORM = /^drydock\.[\w.:@/-]{1,240}$/

/** What was set, to one window. */
export interface PreferencesView {
  /** Keeps changes of this window, which is not told of them again. */
  keep(values: Values): Promise<null>
  end(): void
}

/** A user's preferences as a gateway has them. */
export interface Preferences {
  /** Tells a window of all there is, then of what others change. Nothing is told while the file cannot be read; `keep` says why. */
  enter(tell: (message: PreferencesMessage) => void): PreferencesView
  /** Resolves when what was being written is. */
  stop(): Promise<void>
}

/** Where they are kept, beside the clusters of this user; `DRYDOCK_PREFERENCES` names another file. */
export const preferencesPath = (): string =>
  process.env['DRYDOCK_PREFERENCES'] ?? join(applicationData(), 'preferences.json')

/** Those of a file, absent or not. `log` hears why it cannot be read, once. */
export function openPreferences(path: string, log: (message: string) => void = () => undefined): Preferences {
  return new FilePreferences(path, log)
}

class FilePreferences implements Preferences {
  readonly #path: string
  readonly #log: (message: string) => void
  readonly #windows = new Map<symbol, (message: PreferencesMessage) => void>()
  /** As the windows know them; undefined until the file was read. */
  #known: KeptPreferences | undefined
  #stamp = ''
  #timer: NodeJS.Timeout | undefined
  #problem = ''
  /** Reads and writes of this process go one after the other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(path: string, log: (message: string) => void) {
    this.#path = path
    this.#log = log
  }

  enter(tell: (message: PreferencesMessage) => void): PreferencesView {
    const window = Symbol('window')
    void this.#inTurn(async () => {
      await this.#look()
      if (this.#known) tell({ type: 'preferences', file: this.#known.id, whole: true, values: this.#known.values })
      this.#windows.set(window, tell)
      this.#again()
    })
    const end = (): void => {
      this.#windows.delete(window)
      if (this.#windows.size === 0) clearTimeout(this.#timer)
    }
    return { keep: (values) => this.#keep(values, window), end: () => void this.#inTurn(async () => end()) }
  }

  async stop(): Promise<void> {
    this.#windows.clear()
    clearTimeout(this.#timer)
    await this.#last
  }

  async #keep(values: Values, window: symbol): Promise<null> {
    check(values)
    await this.#inTurn(async () => {
      const after = await changePreferences(this.#path, values)
      this.#tell(after, { except: window, values })
      this.#stamp = await stampOf(this.#path)
    })
    return null
  }

  /** Reads the file if it is another than the one that is known, and tells what is new. */
  async #look(): Promise<void> {
    try {
      const stamp = await stampOf(this.#path)
      if (stamp === this.#stamp) return
      this.#stamp = stamp
      this.#tell((await readPreferences(this.#path)) ?? { id: '', values: {} })
      this.#problem = ''
    } catch (error) {
      const words = wordsOf(error)
      if (words !== this.#problem) this.#log(words)
      this.#problem = words
      this.#known = undefined
    }
  }

  /** What is another than before; to the window that wrote `own`, only what is not its own. */
  #tell(after: KeptPreferences, own?: { except: symbol; values: Values }): void {
    const before = this.#known
    this.#known = after
    const isNew = before?.id !== after.id
    const changed = isNew ? after.values : differenceOf(before.values, after.values)
    for (const [window, tell] of this.#windows) {
      const mine = window === own?.except ? own.values : {}
      const values = Object.fromEntries(Object.entries(changed).filter(([key]) => isNew || !(key in mine)))
      if (isNew || Object.keys(values).length > 0) tell({ type: 'preferences', file: after.id, whole: isNew, values })
    }
  }

  #again(): void {
    clearTimeout(this.#timer)
    if (this.#windows.size === 0) return
    this.#timer = setTimeout(() => void this.#inTurn(() => this.#look().then(() => this.#again())), LOOK_PAUSE).unref()
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(run)
    // Whoever asked for it hears why it failed; the next is not kept from its turn.
    this.#last = turn.catch(() => undefined)
    return turn
  }
}

/** A file that cannot be read, in words; throws what is no such thing. */
function wordsOf(error: unknown): string {
  if (error instanceof UserError) return error.describe()
  if (error instanceof Error && 'code' in error) return error.message
  throw error
}

/** Keys whose text is another, and null for those that are gone. */
function differenceOf(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): Values {
  const changed = Object.entries(after).filter(([key, value]) => before[key] !== value)
  const gone = Object.keys(before).filter((key) => !(key in after))
  return Object.fromEntries<string | null>([...changed, ...gone.map((key) => [key, null] as const)])
}

/** Throws an Error for what no window of the app asks. */
function check(values: unknown): asserts values is Values {
  if (typeof values !== 'object' || values === null) throw new Error('Preferences are texts by key.')
  const entries: Array<[string, unknown]> = Object.entries(values)
  if (entries.length > MOST) throw new Error(`${entries.length} preferences at once are too many: at most ${MOST}.`)
  for (const [key, value] of entries) {
    if (!KEY_FORM.test(key)) throw new Error(`"${key}" is no key of a preference.`)
    if (value !== null && typeof value !== 'string') throw new Error(`The preference "${key}" must be a text.`)
    if (typeof value === 'string' && value.length > LONGEST_PREFERENCE)
      throw new Error(`The preference "${key}" has ${value.length} characters: at most ${LONGEST_PREFERENCE} are kept.`)
  }
}

/** Changes whenever the file is replaced. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(path)
    return [ino, mtimeMs, size].join(' ')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return 'none'
    throw error
  }
}
