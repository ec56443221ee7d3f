import { describe, expect, it } from 'vitest'
import { createEventBatch } from './event-batch.ts'

/** A batch at a time that stands still until it is moved. */
function setup() {
  let time = 1000
  let due: { at: number; run: () => void } | undefined
  const sent: Array<{ lines: readonly string[]; bytes: number }> = []
  const batch = createEventBatch({
    send: (lines, bytes) => void sent.push({ lines, bytes }),
    now: () => time,
    delay(milliseconds, run) {
      expect(due).toBeUndefined()
      due = { at: time + milliseconds, run }
      return { cancel: () => (due = undefined) }
    },
  })
  const pass = (milliseconds: number): void => {
    time += milliseconds
    if (due && due.at <= time) due.run()
  }
  return { batch, sent, pass }
}

describe('events on their way to a window', () => {
  it('go on at once when they come alone', () => {
    const { batch, sent, pass } = setup()
    batch.add(['a'], 1)
    pass(100)
    batch.add(['b'], 1)
    expect(sent).toEqual([
      { lines: ['a'], bytes: 1 },
      { lines: ['b'], bytes: 1 },
    ])
  })

  it('go on once a frame in a flood, in their order and none lost', () => {
    const { batch, sent, pass } = setup()
    for (let event = 0; event < 100; event++) {
      batch.add([String(event)], 2)
      pass(1)
    }
    batch.flush()
    expect(sent.flatMap(({ lines }) => lines)).toEqual(Array.from({ length: 100 }, (_, event) => String(event)))
    expect(sent.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(200)
    expect(sent.length).toBeLessThanOrEqual(8)
  })

  it('are sent no more after the end, and an empty flush sends nothing', () => {
    const { batch, sent, pass } = setup()
    batch.add(['a'], 1)
    batch.add(['b'], 1)
    batch.stop()
    pass(100)
    batch.flush()
    expect(sent).toEqual([{ lines: ['a'], bytes: 1 }])
  })

  it('keep real time without being told one', async () => {
    const sent: string[] = []
    await new Promise<void>((resolve) => {
      const batch = createEventBatch({
        send(lines) {
          sent.push(...lines)
          if (sent.length === 3) resolve()
        },
      })
      batch.add(['a'], 1)
      batch.add(['b'], 1)
      batch.add(['c'], 1)
    })
    expect(sent).toEqual(['a', 'b', 'c'])
  })
})
