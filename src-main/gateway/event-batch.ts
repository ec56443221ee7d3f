/** Milliseconds of a frame: a window draws no more often than this. */
const FRAME = 16

/** To whom a watch's events go; time is given by tests. */
export interface EventBatchOptions {
  /** Sends lines of JSON, one an event, and how many bytes they were. */
  send(lines: readonly string[], bytes: number): void
  /** Milliseconds; of a clock that never goes back. */
  now?(): number
  delay?(milliseconds: number, run: () => void): { cancel(): void }
}

/**
 * Events of one watch, gathered for a frame: one that comes alone goes on at once, those of a flood in one message a frame. A message for
 * each would cost the window more than what is in it.
 */
export interface EventBatch {
  add(lines: readonly string[], bytes: number): void
  /** Sends what waits; nothing waits after it. */
  flush(): void
  /** Drops what waits. */
  stop(): void
}

/** An empty batch, whose clock and timers are the machine's unless they are given. */
export function createEventBatch({
  send,
  now = () => performance.now(),
  delay = after,
}: EventBatchOptions): EventBatch {
  let waiting: string[] = []
  let bytes = 0
  let sentAt = -Infinity
  let timer: { cancel(): void } | undefined
  const stop = (): void => {
    timer?.cancel()
    timer = undefined
    waiting = []
    bytes = 0
  }
  const flush = (): void => {
    const [lines, size] = [waiting, bytes]
    stop()
    if (lines.length === 0) return
    sentAt = now()
    send(lines, size)
  }
  return {
    add(lines, size) {
      for (const line of lines) waiting.push(line)
      bytes += size
      const rest = sentAt + FRAME - now()
      if (rest <= 0) flush()
      else timer ??= delay(rest, flush)
    },
    flush,
    stop,
  }
}

function after(milliseconds: number, run: () => void): { cancel(): void } {
  const timer = setTimeout(run, milliseconds)
  return { cancel: () => clearTimeout(timer) }
}
