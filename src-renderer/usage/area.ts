/** The shape of a chart of one figure over time. Pure. */
import { span } from './history.ts'

/** A figure at a time, in milliseconds since the epoch; its unit is the caller's. */
export interface Point {
  at: number
  value: number
}

/** The window of time that is drawn, and the pixels it is drawn in. */
export interface Frame {
  now: number
  /** Milliseconds from the left edge to the right, which is now. */
  span: number
  /** Value at the upper edge. */
  most: number
  width: number
  height: number
}

/** A longer pause than this is a gap, milliseconds: nobody asked then. */
const gap = 35_000

const round = (value: number): number => Math.round(value * 10) / 10

/** Lines and the areas under them, one for each stretch without a gap. */
export function areaOf(points: readonly Point[], frame: Frame): { lines: string[]; fills: string[] } {
  const x = (at: number): number => round(frame.width - ((frame.now - at) / frame.span) * frame.width)
  const y = (value: number): number => round(frame.height - (Math.min(value, frame.most) / frame.most) * frame.height)
  const stretches: Point[][] = []
  for (const point of points) {
    const last = stretches.at(-1)
    if (last && point.at - last.at(-1)!.at <= gap) last.push(point)
    else stretches.push([point])
  }
  const drawn = stretches.map((stretch) => {
    const corners = stretch.map(({ at, value }) => [x(at), y(value)] as const)
    if (corners.length === 1) corners.unshift([round(corners[0]![0] - 2), corners[0]![1]])
    return corners
  })
  const lineOf = (corners: ReadonlyArray<readonly [number, number]>): string =>
    `M${corners.map(([a, b]) => `${a} ${b}`).join('L')}`
  return {
    lines: drawn.map(lineOf),
    fills: drawn.map((c) => `${lineOf(c)}L${c.at(-1)![0]} ${frame.height}L${c[0]![0]} ${frame.height}Z`),
  }
}

const spans: readonly number[] = [120_000, 300_000]

/** How far back to draw, milliseconds: no further than needed, so that the first minutes are not a splinter at the edge. */
export const spanOf = (points: readonly Point[], now: number): number =>
  spans.find((one) => now - (points[0]?.at ?? now) <= one) ?? span

/** The value at the upper edge: above all values, and above a mark (a limit) that they come within a quarter of. */
export function ceilingOf(values: readonly number[], marks: readonly number[]): number {
  const most = Math.max(0, ...values)
  const near = marks.filter((mark) => mark <= most * 4 || values.length === 0)
  const top = Math.max(most * 1.25, ...near.map((mark) => mark * 1.1))
  return top > 0 ? Math.round(top * 100) / 100 : 1
}
