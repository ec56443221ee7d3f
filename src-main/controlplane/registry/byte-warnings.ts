import { milliValue } from '../../../src-kube/machinery/quantity.ts'

/** What is said of an amount of bytes that is no whole number (`1500m`): nothing of one that is, or of none. */
export const fractionOfBytes = (at: string, amount: string | undefined): string[] =>
  amount !== undefined && milliValue(amount) % 1000 !== 0
    ? [`${at}: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`]
    : []
