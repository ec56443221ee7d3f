/** Counters in the Prometheus text format (prometheus.io, "Exposition formats"), under kube-apiserver's own names. */
export class Metrics {
  readonly #requests = new Map<string, { labels: string; count: number }>()
  readonly #running = new Map<string, number>()
  /** How often each health endpoint was asked. */
  readonly health = new Map<string, number>()
  readonly #seconds = new Map<string, { labels: string; sum: number; count: number }>()

  request(labels: {
    verb: string
    group: string
    version: string
    resource: string
    subresource: string
    code: number
  }): void {
    const { verb, group, version, resource, subresource, code } = labels
    const key = `${verb} ${group}/${version}/${resource}/${subresource} ${code}`
    let known = this.#requests.get(key)
    if (!known) this.#requests.set(key, (known = { labels: text(labels), count: 0 }))
    known.count++
  }

  duration(verb: string, resource: string, milliseconds: number): void {
    const key = `${verb} ${resource}`
    let known = this.#seconds.get(key)
    if (!known) this.#seconds.set(key, (known = { labels: text({ verb, resource }), sum: 0, count: 0 }))
    known.sum += milliseconds / 1000
    known.count++
  }

  /** A request that lasts (watch, exec, logs); call the result when it ends. */
  longRunning(verb: string, resource: string): () => void {
    const key = text({ verb, resource })
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1)
    let over = false
    return () => {
      if (!over) this.#running.set(key, (this.#running.get(key) ?? 1) - 1)
      over = true
    }
  }

  render(memory: { rss: number }): string {
    const lines = [
      '# HELP apiserver_request_total Counter of apiserver requests broken out for each verb, group, version, resource and HTTP response code.',
      '# TYPE apiserver_request_total counter',
      ...[...this.#requests.values()].map(({ labels, count }) => `apiserver_request_total{${labels}} ${count}`),
      '# HELP apiserver_request_duration_seconds Response latency in seconds for each verb and resource.',
      '# TYPE apiserver_request_duration_seconds summary',
      ...[...this.#seconds.values()].flatMap(({ labels, sum, count }) => [
        `apiserver_request_duration_seconds_sum{${labels}} ${sum}`,
        `apiserver_request_duration_seconds_count{${labels}} ${count}`,
      ]),
      '# HELP apiserver_longrunning_requests Gauge of all active long-running apiserver requests.',
      '# TYPE apiserver_longrunning_requests gauge',
      ...[...this.#running].map(([key, value]) => `apiserver_longrunning_requests{${key}} ${value}`),
      '# HELP process_resident_memory_bytes Resident memory size in bytes.',
      '# TYPE process_resident_memory_bytes gauge',
      `process_resident_memory_bytes ${memory.rss}`,
    ]
    return lines.join('\n') + '\n'
  }
}

const text = (labels: Record<string, string | number>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')
