import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** Whose turn it is. */
export interface Turn {
  /** It is this window's, from now on for as long as it wants. */
  readonly isMine: Readonly<Ref<boolean>>
  /** Another window has it. */
  readonly isElsewhere: Readonly<Ref<boolean>>
}

/**
 * One window at a time: calls `begin` when no other window has what goes by this name, at once or once that window is closed. Tabs of the dock are
 * shared by all windows of a browser, while what runs in them runs once (MDN, "Web Locks API"). Browsers that share nothing have turns of their
 * own, as has one without locks. Must be called in setup, with whose end the turn ends.
 */
export function useTurn(name: string, begin: () => void, locks: LockManager | undefined = navigator.locks): Turn {
  const isMine = ref(false)
  const isElsewhere = ref(false)
  const over = Promise.withResolvers<void>()
  const leaving = new AbortController()
  function take(): Promise<void> {
    isElsewhere.value = false
    isMine.value = true
    begin()
    return over.promise
  }
  async function queue(own: LockManager): Promise<void> {
    const isFree = await own.request(name, { ifAvailable: true }, async (lock) => {
      if (lock && !leaving.signal.aborted) await take()
      return lock !== null
    })
    if (isFree || leaving.signal.aborted) return
    isElsewhere.value = true
    await own.request(name, { signal: leaving.signal }, take)
  }
  onScopeDispose(() => {
    leaving.abort()
    over.resolve()
  })
  if (locks)
    queue(locks).catch((error: unknown) => {
      if (!leaving.signal.aborted) throw error
    })
  else void take()
  return { isMine: readonly(isMine), isElsewhere: readonly(isElsewhere) }
}
