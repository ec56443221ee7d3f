import { bytesValue } from '../../src-kube/machinery/quantity.ts'

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** A quantity of memory for people: `24554340Ki` → `23.4 GiB`; what is no quantity stays as it is. */
export function memoryText(quantity: string): string {
  let value: number
  try {
    value = bytesValue(quantity)
  } catch (error) {
    if (error instanceof RangeError) return quantity
    throw error
  }
  let unit = 0
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${value >= 100 || unit === 0 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`
}
