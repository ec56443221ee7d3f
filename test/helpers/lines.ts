import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A line that a process wrote, and when. */
export interface Line {
  at: number
  text: string
}

/** What a process writes to stdout, line by line, each with its moment. */
export class Lines {
  readonly all: Line[] = []
  readonly #child: ChildProcess
  #look: () => void = () => undefined
  #ended = false

  constructor(child: ChildProcess, now: () => number) {
    this.#child = child
    const reader = createInterface(child.stdout!)
    reader.on('line', (text) => {
      this.all.push({ at: now(), text })
      this.#look()
    })
    reader.once('close', () => {
      this.#ended = true
      this.#look()
    })
  }

  /** The first line that fits, among those written at `after` or later; rejects after `timeout` seconds with the last lines. One waits at a time. */
  async when(what: string, fits: (line: Line) => boolean, after = 0, timeout = 60): Promise<Line> {
    const { promise, resolve, reject } = Promise.withResolvers<Line>()
    const fail = (why: string): void =>
      reject(new Error(`${what}: ${why}; the last lines: ${JSON.stringify(this.all.slice(-5))}`))
    this.#look = () => {
      const found = this.all.find((line) => line.at >= after && fits(line))
      if (found) resolve(found)
      else if (this.#ended) fail('the process ended')
    }
    const timer = setTimeout(() => fail(`not within ${timeout} s`), timeout * 1000)
    this.#look()
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#look = () => undefined
    }
  }

  stop(): void {
    this.#child.kill()
  }
}
