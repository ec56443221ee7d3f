/**
 * What a person set in the app, kept once for this user and not by each browser and address: texts by the key that the browser keeps them
 * under. The gateway knows no more of them.
 */

/** How what a person set is kept. */
export interface PreferenceActions {
  /** Keeps texts by key; null forgets one. Resolves when they are kept; other windows are told. */
  'preferences.keep': { input: { values: Record<string, string | null> }; result: null }
}

/** Characters of a text that is kept, at most: it is what people set, no place for data. */
export const LONGEST_PREFERENCE = 1 << 20

/** Told when a window opens, with all there is, and whenever another window, of any host of this user, has changed something. */
export interface PreferencesMessage {
  type: 'preferences'
  /** Of the file: another one when it began anew, so that what is absent was not taken away. */
  file: string
  /** Whether `values` is all there is. */
  whole: boolean
  values: Record<string, string | null>
}
