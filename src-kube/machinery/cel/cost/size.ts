/** How many characters, items or entries there may be. */
export interface Size {
  least: number
  most: number
}

/** More than can be counted: sums and products end here, and stay numbers that can be compared. */
export const ENDLESS = 2 ** 64

const bounded = (count: number): number => Math.min(count, ENDLESS)

export const unknownSize: Size = { least: 0, most: ENDLESS }
export const exactly = (count: number): Size => ({ least: count, most: count })
export const upTo = (most: number): Size => ({ least: 0, most })

export const plus = (a: Size, b: Size): Size => ({ least: bounded(a.least + b.least), most: bounded(a.most + b.most) })
export const times = (a: Size, b: Size): Size => ({ least: bounded(a.least * b.least), most: bounded(a.most * b.most) })
/** Of what is one of both. */
export const either = (a: Size, b: Size): Size => ({
  least: Math.min(a.least, b.least),
  most: Math.max(a.most, b.most),
})
