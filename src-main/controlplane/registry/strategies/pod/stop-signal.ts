import type { FieldError } from '../../../../../src-kube/machinery/errors.ts'
import type { FieldPath } from '../../../../../src-kube/machinery/field-path.ts'

const NAMED =
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX RTMIN SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'
const MOST_ABOVE_LEAST = 15
const MOST_BELOW_MOST = 14
const numbered = (base: string, most: number): string[] => Array.from({ length: most }, (_, i) => `${base}${i + 1}`)

/** What processes of each system can be told to stop by (kubernetes.io, "Pod Lifecycle: Defining custom stop signals"). */
const SIGNALS: Record<string, readonly string[]> = {
  linux: [...NAMED.split(' '), ...numbered('RTMIN+', MOST_ABOVE_LEAST), ...numbered('RTMAX-', MOST_BELOW_MOST)]
    .map((name) => `SIG${name}`)
    .toSorted(),
  windows: ['SIGKILL', 'SIGTERM'],
}

/** A signal is the system's: a pod that does not say which it runs on may name none. */
export function validateStopSignal(signal: string, path: FieldPath, system: string | undefined): FieldError[] {
  if (!system) return [path.forbidden('may not be set for containers with empty `spec.os.name`')]
  const known = SIGNALS[system]
  return !known || known.includes(signal) ? [] : [path.notSupported(signal, known)]
}
