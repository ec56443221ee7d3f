/** The small line of a list's cell: what an object used in the last minutes. Pure. */
import { span, type Sample } from './history.ts'

/** Pixels. */
export const trailSize = { width: 28, height: 14 } as const

/** Samples are never changed, and many rows are drawn while a list is scrolled: each line is worked out once. */
const known = { cpu: new WeakMap<readonly Sample[], string>(), memory: new WeakMap<readonly Sample[], string>() }

/** A path from the left edge, {@link span} ago at most, to the right, which is the last sample; empty when there are no two samples to join. */
export function trailOf(samples: readonly Sample[], field: 'cpu' | 'memory'): string {
  const found = known[field].get(samples)
  if (found !== undefined) return found
  const path = draw(samples, field)
  known[field].set(samples, path)
  return path
}

/** A line is at least so high, thousandths of a CPU or bytes: what hardly uses anything does so steadily. */
const least = { cpu: 10, memory: 1024 * 1024 }

function draw(samples: readonly Sample[], field: 'cpu' | 'memory'): string {
  if (samples.length < 2) return ''
  const { width, height } = trailSize
  const end = samples.at(-1)!.at
  const length = Math.min(span, Math.max(60_000, end - samples[0]!.at))
  // From 0, as the charts of the detail: a steady use is a steady line, not noise.
  const most = Math.max(least[field], ...samples.map((sample) => sample[field]))
  const points = samples.map((sample) => {
    const x = width - ((end - sample.at) / length) * width
    const y = height - 1 - (sample[field] / most) * (height - 2)
    return `${x.toFixed(1)} ${y.toFixed(1)}`
  })
  return `M${points.join('L')}`
}
