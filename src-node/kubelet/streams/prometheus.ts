/** One number of a metric, and which it is. */
export interface Sample {
  /** Behind the metric's name, of a histogram's parts. */
  suffix?: '_bucket' | '_sum' | '_count'
  labels: Record<string, string>
  value: number
}

/** One family of the Prometheus text format. */
export interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  samples: Sample[]
}

export const counter = (name: string, help: string, samples: Sample[]): Metric => ({
  name,
  help,
  type: 'counter',
  samples,
})
export const gauge = (name: string, help: string, samples: Sample[]): Metric => ({ name, help, type: 'gauge', samples })

/** Counts by labels. */
export class Count {
  readonly #counts = new Map<string, Sample>()

  add(labels: Record<string, string> = {}, by = 1): void {
    const key = JSON.stringify(labels)
    const known = this.#counts.get(key)
    if (known) known.value += by
    else this.#counts.set(key, { labels, value: by })
  }

  get samples(): Sample[] {
    return [...this.#counts.values()]
  }
}

/** How amounts are spread, by labels. */
export class Histogram {
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, { labels: Record<string, string>; counts: number[]; sum: number; all: number }>()

  /** @param bounds the upper ends of its buckets, ascending */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
  }

  add(value: number, labels: Record<string, string> = {}): void {
    const key = JSON.stringify(labels)
    const series = this.#series.get(key) ?? { labels, counts: this.#bounds.map(() => 0), sum: 0, all: 0 }
    this.#series.set(key, series)
    series.sum += value
    series.all++
    this.#bounds.forEach((bound, i) => {
      if (value <= bound) series.counts[i]!++
    })
  }

  metric(name: string, help: string): Metric {
    const samples = [...this.#series.values()].flatMap(({ labels, counts, sum, all }): Sample[] => [
      ...this.#bounds.map((bound, i) => bucket(labels, String(bound), counts[i]!)),
      bucket(labels, '+Inf', all),
      { suffix: '_sum', labels, value: sum },
      { suffix: '_count', labels, value: all },
    ])
    return { name, help, type: 'histogram', samples }
  }
}

const bucket = (labels: Record<string, string>, le: string, value: number): Sample => ({
  suffix: '_bucket',
  labels: { ...labels, le },
  value,
})

/** Metrics in Prometheus' text format. */
export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${formatLabels(labels)} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

function formatLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}
