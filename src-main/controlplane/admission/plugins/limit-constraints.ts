import { compareQuantities, parseQuantity } from '../../../../src-kube/machinery/quantity.ts'

type Amounts = Record<string, string>

/** One entry of a LimitRange; `onlyRequests` for what has no limits. */
export interface Item {
  type: string
  min?: Amounts
  max?: Amounts
  default?: Amounts
  defaultRequest?: Amounts
  maxLimitRequestRatio?: Amounts
  onlyRequests?: boolean
}

/** What of the bounds does not hold, in upstream's words. */
export function constraintErrors(item: Item, requests: Amounts, limits: Amounts): string[] {
  const errors: string[] = []
  const each = (bounds: Amounts | undefined, check: (name: string, bound: string) => string | undefined): void => {
    for (const name of Object.keys(bounds ?? {}).toSorted()) {
      const error = check(name, bounds![name]!)
      if (error) errors.push(error)
    }
  }
  each(item.min, (name, bound) => {
    const words = `minimum ${name} usage per ${item.type} is ${bound}`
    const request = requests[name]
    const limit = limits[name]
    if (request === undefined) return `${words}.  No request is specified`
    if (compareQuantities(request, bound) < 0) return `${words}, but request is ${request}`
    return limit !== undefined && compareQuantities(limit, bound) < 0 ? `${words}, but limit is ${limit}` : undefined
  })
  each(item.max, (name, bound) => {
    const words = `maximum ${name} usage per ${item.type} is ${bound}`
    const request = requests[name]
    const limit = limits[name]
    if (item.onlyRequests && request === undefined) return `${words}.  No request is specified`
    if (!item.onlyRequests && limit === undefined) return `${words}.  No limit is specified`
    if (limit !== undefined && compareQuantities(limit, bound) > 0) return `${words}, but limit is ${limit}`
    return request !== undefined && compareQuantities(request, bound) > 0
      ? `${words}, but request is ${request}`
      : undefined
  })
  each(item.maxLimitRequestRatio, (name, bound) => {
    const problem = ratioProblem(bound, requests[name], limits[name])
    return problem && `${name} max limit to request ratio per ${item.type} is ${bound}, but ${problem}`
  })
  return errors
}

function ratioProblem(bound: string, request: string | undefined, limit: string | undefined): string | undefined {
  if (!request || number(request) === 0) return 'no request is specified or request is 0'
  if (!limit || number(limit) === 0) return 'no limit is specified or limit is 0'
  const found = number(limit) / number(request)
  return found > number(bound) ? `provided ratio is ${found.toFixed(6)}` : undefined
}

function number(text: string): number {
  const { value, exponent } = parseQuantity(text)
  return Number(value) * 10 ** exponent
}
