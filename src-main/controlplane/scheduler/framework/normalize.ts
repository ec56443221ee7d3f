/** Scales so that the highest becomes 100; all zero stay zero. */
export function scaleToHundred(scores: number[]): void {
  let highest = 0
  for (const score of scores) if (score > highest) highest = score
  if (highest === 0) return
  for (let i = 0; i < scores.length; i++) scores[i] = Math.floor((scores[i]! * 100) / highest)
}

/** Scales so that none becomes 100 and the highest 0. */
export function invertToHundred(scores: number[]): void {
  scaleToHundred(scores)
  for (let i = 0; i < scores.length; i++) scores[i] = 100 - scores[i]!
}
