/** Words of the map, charts and what the detail shows beside an object's own fields. */
export const enPages = {
  relations: {
    title: 'Map',
    reading: 'Reading what the cluster has …',
    alone: 'Nothing else names this object, and it names nothing else.',
    empty:
      'Nothing here is joined to anything else yet. Workloads, Services and what they use appear as soon as they exist.',
    missing: 'missing',
    more: '{count} more',
    owns: 'owns',
    selects: 'selects',
    routes: 'routes to',
    scales: 'scales',
    uses: 'uses',
    binds: 'is bound to',
    runs: 'runs on',
  },
  usage: {
    title: 'Usage',
    spoken: '{title}: {now} now, {most} at most in the last minutes',
    ago: '{minutes} minutes ago',
    now: 'now',
    requests: 'requested',
    limits: 'limit',
    allocatable: 'allocatable',
  },
  data: {
    show: 'Show',
    hide: 'Hide',
    copy: 'Copy',
    copied: '{key} is on the clipboard',
    binary: 'Not a text.',
  },
  endpoints: {
    none: 'No endpoint: nothing answers at this Service.',
    unmatched: 'No pod carries the labels of its selector. Compare the selector with the labels of the pods.',
    notReady: 'Pods match its selector but none is ready. See why in the list below.',
    ready: 'ready',
    waiting: 'not ready',
  },
}
