import { expect, it } from 'vitest'
import { sumSamples } from './sum-samples.ts'

const samples = (...figures: Array<[at: number, cpu: number]>) =>
  figures.map(([at, cpu]) => ({ at, cpu, memory: 2 * cpu }))

it('adds up each round, from the first to the last figures of each object', () => {
  const sums = sumSamples([samples([0, 1], [10, 2]), samples([10, 5], [20, 6])])
  expect(sums).toEqual(samples([0, 1], [10, 7], [20, 6]))
  expect(sumSamples([])).toEqual([])
})

it('counts an object that one round missed with what it used before', () => {
  expect(sumSamples([samples([0, 1], [10, 1], [20, 1]), samples([0, 4], [20, 8])])).toEqual(
    samples([0, 5], [10, 5], [20, 9]),
  )
})
