/** The answer to "where does a packet go": one real packet's way, told by both ends. */
import type { Evidence } from './steps.ts'
import type { HopId, HopWord, Reason } from './words.ts'

/** A POST of a {@link TraceRequest} is answered with a {@link TraceDocument}. It has no counterpart upstream. */
export const TRACE_PATH = '/drydock/v1/trace'

/** Whose packet it is: of a pod, or of a node itself. */
export type TraceSource = { kind: 'pod'; namespace: string; name: string } | { kind: 'node'; name: string }

/** Where it is to go. */
export type TraceDestination =
  | { kind: 'service'; namespace: string; name: string }
  | { kind: 'pod'; namespace: string; name: string }
  /** A name, as the source would write it, or an IPv4 address. */
  | { kind: 'host'; host: string }

/** A packet that is to be sent and followed. */
export interface TraceRequest {
  source: TraceSource
  destination: TraceDestination
  /** A number, or the name of a service's port; of a service the first one when absent. */
  port?: number | string
  /** Default: the service port's own, else TCP. */
  protocol?: 'TCP' | 'UDP'
}

/** How it fared at one station; `unknown` where nobody could look. */
export type HopState = 'ok' | 'warning' | 'failed' | 'unknown'

/** What was seen at one station: a word, the facts that fill its sentence, and the lines that show it. */
export interface TraceHop {
  id: HopId
  state: HopState
  /** Picks the sentence, among those of the station. */
  said: HopWord
  values: Record<string, string>
  /** Where it was seen. */
  node?: string
  /** Milliseconds that it took; absent where nothing measured it. */
  ms?: number
  evidence: Evidence[]
}

/** How it ended: it was answered; it was delivered, and no answer is due (UDP); somebody refused it; it was lost; it was never sent. */
export type TraceOutcome = 'answered' | 'delivered' | 'refused' | 'lost' | 'unsent'

/** What the whole comes to. */
export interface Conclusion {
  /** Picks the sentence and its next step. */
  reason: Reason
  values: Record<string, string>
}

/** The answer to a {@link TraceRequest}: stations in the order in which the packet came to them. */
export interface TraceDocument {
  outcome: TraceOutcome
  conclusion: Conclusion
  hops: TraceHop[]
  /** What was really sent. */
  sent: { host: string; port: number; protocol: 'TCP' | 'UDP' }
  /** RFC 3339. */
  time: string
}
