/** Something that produces bytes and can be held. */
export interface Pausable {
  pause(): void
  resume(): void
}

/** Counts what a stream may still send; holds its source while there is nothing left. */
export interface Credit {
  spend(bytes: number): void
  grant(bytes: number): void
}

/** @param initial bytes that may be sent before the other end has taken any */
export function createCredit(initial: number, source: Pausable): Credit {
  let left = initial
  let isHeld = false
  return {
    spend(bytes) {
      left -= bytes
      if (left > 0 || isHeld) return
      isHeld = true
      source.pause()
    },
    grant(bytes) {
      left += bytes
      if (left <= 0 || !isHeld) return
      isHeld = false
      source.resume()
    },
  }
}
