/** One number of a metric, and which it is. */
export interface Sample {
  /** What follows the metric's name in the parts of a histogram. */
  suffix?: '_bucket' | '_sum' | '_count'
  labels: Labels
  value: number
}

/** What tells a series from others of its metric, in the order in which it is written. */
export type Labels = Readonly<Record<string, string>>

/** One family of the Prometheus text format (prometheus.io, "Exposition formats"). */
export interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  samples: readonly Sample[]
}

/** Makes its metrics at the moment somebody asks for them. */
export type MetricSource = () => Iterable<Metric>

export const counter = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  help,
  type: 'counter',
  samples,
})
export const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  help,
  type: 'gauge',
  samples,
})

/** Counts by labels. */
export class Count {
  readonly #counts = new Map<string, { labels: Labels; value: number }>()

  add(labels: Labels = {}, by = 1): void {
    this.series(labels).value += by
  }

  /** The count of these labels, for a caller that keeps it and adds to it without looking it up again. */
  series(labels: Labels): { value: number } {
    const key = JSON.stringify(labels)
    let known = this.#counts.get(key)
    if (!known) this.#counts.set(key, (known = { labels, value: 0 }))
    return known
  }

  get samples(): Sample[] {
    return [...this.#counts.values()]
  }
}

/** How amounts of one set of labels are spread. */
export class Spread {
  readonly #bounds: readonly number[]
  /** Of each bucket alone, the last for all above the bounds: an amount is counted once, sums are made when they are read. */
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  observe(value: number): void {
    const bounds = this.#bounds
    let i = 0
    while (i < bounds.length && value > bounds[i]!) i++
    this.#counts[i]!++
    this.#sum += value
  }

  samples(labels: Labels): Sample[] {
    let all = 0
    const buckets = this.#counts.map((count, i): Sample => {
      const le = i < this.#bounds.length ? formatBound(this.#bounds[i]!) : '+Inf'
      all += count
      return { suffix: '_bucket', labels: { ...labels, le }, value: all }
    })
    return [...buckets, { suffix: '_sum', labels, value: this.#sum }, { suffix: '_count', labels, value: all }]
  }
}

/** How amounts are spread, by labels. */
export class Histogram {
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, { labels: Labels; spread: Spread }>()

  /** @param bounds the upper ends of its buckets, ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
  }

  add(value: number, labels: Labels = {}): void {
    this.series(labels).observe(value)
  }

  /** The spread of these labels, for a caller that keeps it and adds to it without looking it up again. */
  series(labels: Labels = {}): Spread {
    const key = JSON.stringify(labels)
    let known = this.#series.get(key)
    if (!known) this.#series.set(key, (known = { labels, spread: new Spread(this.#bounds) }))
    return known.spread
  }

  metric(name: string, help: string): Metric {
    const samples = [...this.#series.values()].flatMap(({ labels, spread }) => spread.samples(labels))
    return { name, help, type: 'histogram', samples }
  }
}

/** Bounds of which each is `factor` times the one before. */
export function exponential(start: number, factor: number, count: number): number[] {
  const bounds: number[] = []
  for (let bound = start; bounds.length < count; bound *= factor) bounds.push(bound)
  return bounds
}

/** As Go writes numbers, by which dashboards know a bucket: `1e+06`, `1e-05`. */
function formatBound(bound: number): string {
  const [digits, exponent] = bound.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(bound)
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
}

/** Metrics in Prometheus' text format; a family without samples is left out. */
export function formatMetrics(metrics: Iterable<Metric>): string {
  let text = ''
  for (const { name, help, type, samples } of metrics) {
    if (samples.length === 0) continue
    text += `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`
    for (const { suffix = '', labels, value } of samples) text += `${name}${suffix}${formatLabels(labels)} ${value}\n`
  }
  return text
}

/** Nothing else is escaped: a reader that meets another sequence refuses the page. */
const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
