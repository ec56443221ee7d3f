/** Of the kubelet's `stats/summary` (kubernetes.io, "Node metrics data") what is read here; what was not measured is left out. */
export interface StatsSummary {
  node?: Measured
  pods?: Array<{ podRef: { uid: string }; containers?: Array<{ name: string } & Measured> }>
}

/** Usage in the form of the kubelet's Summary API. */
export interface Measured {
  /** RFC 3339; of containers. */
  startTime?: string
  cpu?: {
    /** RFC 3339. */
    time?: string
    /** Nanoseconds of processor time a second. */
    usageNanoCores?: number
    /** Nanoseconds of processor time since it started. */
    usageCoreNanoSeconds?: number
    /** Seconds that the rate is an average over, where it is not the kubelet's own. */
    window?: number
  }
  memory?: {
    /** Bytes without the caches that the kernel may drop at once. */
    workingSetBytes?: number
  }
}
