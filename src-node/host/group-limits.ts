/** What a control group may use; what is absent is left as it is. */
export interface GroupLimits {
  /** Its part of processors that are short, against its siblings': 1024 for each processor that it asks for (cpu.shares of the first version). */
  shares?: number
  /** Microseconds of processors in a {@link PERIOD}; Infinity for no limit. */
  quota?: number
  /** Bytes; Infinity for no limit. */
  memory?: number
  /** Processes and threads; Infinity for no limit. */
  processes?: number
}

/** The controllers that limits are for, by the name that both versions have for them. */
export const controllers = ['cpu', 'memory', 'pids'] as const
/** Controllers of control groups that pods are limited by. */
export type Controller = (typeof controllers)[number]

/** Microseconds in which a quota is given; the kernel's own default. */
const PERIOD = 100_000

/** One file of a group and what to write there. */
export interface Setting {
  controller: Controller
  file: string
  value: string
}

type Wording = { [K in keyof GroupLimits]-?: (amount: number) => Setting }

const setting = (controller: Controller, file: string, value: number | string): Setting => ({
  controller,
  file,
  value: String(value),
})
const or = (amount: number, unlimited: string): string => (amount === Infinity ? unlimited : String(amount))

const first: Wording = {
  shares: (amount) => setting('cpu', 'cpu.shares', amount),
  quota: (amount) => setting('cpu', 'cpu.cfs_quota_us', or(amount, '-1')),
  memory: (amount) => setting('memory', 'memory.limit_in_bytes', or(amount, '-1')),
  processes: (amount) => setting('pids', 'pids.max', or(amount, 'max')),
}
const second: Wording = {
  shares: (amount) => setting('cpu', 'cpu.weight', weightOf(amount)),
  quota: (amount) => setting('cpu', 'cpu.max', `${or(amount, 'max')} ${PERIOD}`),
  memory: (amount) => setting('memory', 'memory.max', or(amount, 'max')),
  processes: (amount) => setting('pids', 'pids.max', or(amount, 'max')),
}

/** What to write so that a group has these limits, in either version of control groups. Pure. */
export function settingsOf(limits: GroupLimits, version: 1 | 2): Setting[] {
  const wording = version === 1 ? first : second
  const names = Object.keys(wording) as Array<keyof GroupLimits>
  return names.flatMap((name) => (limits[name] === undefined ? [] : wording[name](limits[name])))
}

/**
 * The weight of the second version for the shares of the first (kubernetes.io blog, "New Conversion from cgroup v1 CPU Shares to v2 CPU Weight"):
 * a curve through (2, 1), (1024, 100) and (262144, 10000), so that a pod that asks for one processor weighs as much as one that asks for nothing.
 */
export function weightOf(shares: number): number {
  if (shares <= 2) return 1
  if (shares >= 262_144) return 10_000
  const power = Math.log2(shares)
  return Math.ceil(10 ** ((power * power + 125 * power) / 612 - 7 / 34))
}
