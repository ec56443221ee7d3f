import {
  Count,
  counter,
  exponential,
  Histogram,
  type Labels,
  type Metric,
} from '../../src-kube/machinery/metrics/prometheus.ts'

/** One question and what came of it. */
export interface Answered {
  transport: 'udp' | 'tcp'
  /** The record that was asked for: `AAAA`. */
  type: string
  /** `NOERROR`, `NXDOMAIN`, … */
  rcode: string
  /** Whether the cluster's own names answered, with authority; else who is asked of all others. */
  isOwn: boolean
  seconds: number
  /** Bytes of the answer. */
  size: number
}

/** One server for all zones, and no views (the labels of CoreDNS with the usual Corefile). */
const server: Labels = { server: 'dns://:53', zone: '.', view: '' }
/** Types that have a label of their own; all others are `other`. */
const types = ['A', 'AAAA', 'CNAME', 'DS', 'DNSKEY', 'HTTPS', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT', 'ANY']
const sizes = [0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16_000, 32_000, 48_000, 64_000]

/** What cluster DNS counts, under the names and labels by which dashboards know CoreDNS (coredns.io, "metrics"). */
export class DnsMetrics {
  readonly #requests = new Count()
  readonly #responses = new Count()
  readonly #seconds = new Histogram(exponential(0.00025, 2, 16))
  readonly #sizes = new Histogram(sizes)

  note({ transport, type, rcode, isOwn, seconds, size }: Answered): void {
    const asked = { ...server, proto: transport, family: '1', type: types.includes(type) ? type : 'other' }
    this.#requests.add(asked)
    this.#responses.add({ ...server, rcode, plugin: isOwn ? 'kubernetes' : 'forward' })
    this.#seconds.add(seconds, server)
    this.#sizes.add(size, { ...server, proto: transport })
  }

  metrics(): Metric[] {
    return [
      counter('coredns_dns_requests_total', 'How many questions were asked.', this.#requests.samples),
      counter('coredns_dns_responses_total', 'How many questions were answered, and how.', this.#responses.samples),
      this.#seconds.metric('coredns_dns_request_duration_seconds', 'How long answers took, in seconds.'),
      this.#sizes.metric('coredns_dns_response_size_bytes', 'How large answers were, in bytes.'),
    ]
  }
}
