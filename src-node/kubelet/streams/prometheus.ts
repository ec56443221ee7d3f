/** One number of a metric, and which it is. */
export interface Sample {
  labels: Record<string, string>
  value: number
}

export interface Metric {
  name: string
  help: string
  type: 'counter' | 'gauge'
  samples: Sample[]
}

export const counter = (name: string, help: string, samples: Sample[]): Metric => ({
  name,
  help,
  type: 'counter',
  samples,
})
export const gauge = (name: string, help: string, samples: Sample[]): Metric => ({ name, help, type: 'gauge', samples })

/** Metrics in Prometheus' text format. */
export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ labels, value }) => `${name}${formatLabels(labels)} ${value}`),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

function formatLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}
