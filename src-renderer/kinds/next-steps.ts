/** Where the sentence `hints.<hint>` leads: what it tells a person to look at or do, one click away. */

/** An action on the object, by id; a tab of its detail; a page of the cluster; those that it names of a kind, by view. */
export type NextStep =
  | { action: string }
  | { tab: 'events' | 'why' | 'map' | 'rollout' }
  | { page: 'images' }
  | { names: 'persistentvolumeclaims' }

const previous: NextStep = { action: 'previous' }
const logs: NextStep = { action: 'logs' }
const events: NextStep = { tab: 'events' }
const why: NextStep = { tab: 'why' }
const map: NextStep = { tab: 'map' }
const images: NextStep = { page: 'images' }

const steps: Readonly<Record<string, readonly NextStep[]>> = {
  creating: [events],
  crash: [previous, logs],
  crashed: [previous, logs],
  ended: [logs],
  memory: [previous, events],
  lost: [previous],
  image: [images, events],
  imageNever: [images, events],
  imageName: [{ action: 'edit' }],
  imageBroken: [images],
  config: [map, events],
  createContainer: [events],
  command: [events],
  readiness: [logs, events],
  probe: [logs, events],
  mount: [map, events],
  devices: [map, events],
  unschedulable: [why],
  resources: [why],
  tainted: [why],
  noMatch: [why],
  claimUnbound: [{ names: 'persistentvolumeclaims' }, why],
  gated: [{ action: 'edit' }],
  evicted: [{ action: 'delete' }],
  admission: [{ action: 'delete' }],
  terminating: [events],
  overdue: [{ action: 'kill' }, events],
  held: [{ action: 'edit' }, events],
  heldClaim: [map],
  heldVolume: [map],
  heldDependents: [map],
  heldObjects: [events],
  nodeLost: [{ action: 'node-start' }, events],
  nodeNotReady: [events],
  pressure: [events],
  replicas: [events],
  rollout: [map, { action: 'undo' }],
  paused: [{ action: 'resume' }],
  failedCreate: [events],
  jobFailed: [logs, { action: 'again' }],
  suspended: [{ action: 'unsuspend' }],
  claimPending: [events],
  claimLost: [events],
  released: [{ action: 'edit' }, { action: 'delete' }],
}

/** In the order in which they help; none where the sentence says all. */
export const stepsOf = (hint: string): readonly NextStep[] => steps[hint] ?? []
