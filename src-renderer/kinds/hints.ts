/** What to do next, by Kubernetes' reason: picks the sentence `hints.<word>`. Reasons that explain themselves have none. */
const hints: Readonly<Record<string, string>> = {
  // Containers that wait.
  ContainerCreating: 'creating',
  PodInitializing: 'creating',
  CrashLoopBackOff: 'crash',
  ImagePullBackOff: 'image',
  ErrImagePull: 'image',
  RegistryUnavailable: 'image',
  ErrImageNeverPull: 'imageNever',
  InvalidImageName: 'imageName',
  ImageInspectError: 'imageBroken',
  CreateContainerConfigError: 'config',
  CreateContainerError: 'createContainer',
  RunContainerError: 'command',
  // Containers that ended.
  Error: 'ended',
  StartError: 'command',
  ContainerCannotRun: 'command',
  OOMKilled: 'memory',
  ContainerStatusUnknown: 'lost',
  // Pods.
  Unschedulable: 'unschedulable',
  SchedulingGated: 'gated',
  Evicted: 'evicted',
  Preempting: 'preempted',
  DeadlineExceeded: 'deadline',
  NodeLost: 'nodeLost',
  NodeAffinity: 'admission',
  OutOfcpu: 'admission',
  OutOfmemory: 'admission',
  OutOfpods: 'admission',
  UnexpectedAdmissionError: 'admission',
  Shutdown: 'nodeShutdown',
  NodeShutdown: 'nodeShutdown',
  Terminated: 'nodeShutdown',
  Terminating: 'terminating',
  // Nodes.
  MemoryPressure: 'pressure',
  DiskPressure: 'pressure',
  PIDPressure: 'pressure',
  // Workloads and claims.
  BackoffLimitExceeded: 'jobFailed',
  Suspended: 'suspended',
  Paused: 'paused',
  FailedCreate: 'failedCreate',
  Lost: 'claimLost',
  Released: 'released',
}

/** The word of a reason, whether an init container or a cordoned node has it. */
export const hintOf = (reason: string): string | undefined => hints[reason.replace(/^Init:|,.*$/g, '')]

/** What schedulers say of pods that fit nowhere, the cause that a person can do most about first. */
const refusals: ReadonlyArray<readonly [RegExp, string]> = [
  [/no nodes available/, 'noNodes'],
  [/unbound immediate PersistentVolumeClaims|persistentvolumeclaim ".*" not found/, 'claimUnbound'],
  [/Insufficient /, 'resources'],
  [/untolerated taint/, 'tainted'],
  [/node affinity\/selector/, 'noMatch'],
]

/** The next step for a pod that no node takes, by the scheduler's message. */
export const unschedulableHint = (message: string): string =>
  refusals.find(([said]) => said.test(message))?.[1] ?? 'unschedulable'
