import type { Dialect } from './definitions.ts'

type Type = 'boolean' | 'integer' | 'string'

/** Query parameters (kubernetes.io, "Kubernetes API Concepts" and "Common Parameters"): their types and what they mean. */
const query: Record<string, readonly [Type, string]> = {
  allowWatchBookmarks: ['boolean', 'Whether a watch may tell of revisions at which nothing changed ("BOOKMARK").'],
  continue: ['string', 'Where the next page of a list begins, as the page before it told.'],
  fieldSelector: ['string', 'Leaves out objects without these fields.'],
  labelSelector: ['string', 'Leaves out objects without these labels.'],
  limit: ['integer', 'How many objects a page of a list may have.'],
  resourceVersion: ['string', 'How recent the answer must be, or where a watch begins.'],
  resourceVersionMatch: ['string', 'What resourceVersion asks for: "Exact" or "NotOlderThan".'],
  sendInitialEvents: ['boolean', 'Whether a watch begins with what is there.'],
  timeoutSeconds: ['integer', 'How long a list or a watch may take.'],
  watch: ['boolean', 'Whether to tell of changes instead of answering with a list.'],
  dryRun: ['string', 'With "All" nothing of what is done is kept.'],
  fieldManager: ['string', 'Who owns the fields that are set.'],
  fieldValidation: ['string', 'What to do about unknown fields and those given twice: "Ignore", "Warn" or "Strict".'],
  force: ['boolean', 'Whether an apply takes fields over from other managers.'],
  gracePeriodSeconds: ['integer', 'How long the object may take to end; 0 is at once.'],
  orphanDependents: ['boolean', 'Deprecated: see propagationPolicy.'],
  propagationPolicy: ['string', 'What becomes of dependents: "Orphan", "Background" or "Foreground".'],
  pretty: ['string', 'With "true" the answer is indented.'],
  command: ['string', 'What to run, and its arguments.'],
  container: ['string', 'The container, where a pod has several.'],
  stderr: ['boolean', 'Whether to redirect standard error.'],
  stdin: ['boolean', 'Whether to redirect standard input.'],
  stdout: ['boolean', 'Whether to redirect standard output.'],
  tty: ['boolean', 'Whether to allocate a terminal.'],
  follow: ['boolean', 'Whether to go on with what is logged later.'],
  insecureSkipTLSVerifyBackend: ['boolean', "Whether the kubelet's certificate is taken as it is."],
  limitBytes: ['integer', 'How many bytes to answer with at most.'],
  previous: ['boolean', 'Whether to answer with the log of the container before this one.'],
  sinceSeconds: ['integer', 'Leaves out what was logged longer ago.'],
  stream: ['string', 'Which stream: "All", "Stdout" or "Stderr".'],
  tailLines: ['integer', 'How many lines of the end to answer with.'],
  timestamps: ['boolean', 'Whether lines begin with their time.'],
  path: ['string', 'Where the request goes on to.'],
  ports: ['integer', 'The ports to forward.'],
}

const selecting = ['continue', 'fieldSelector', 'labelSelector', 'limit', 'resourceVersion', 'resourceVersionMatch']
const deleting = ['gracePeriodSeconds', 'orphanDependents', 'propagationPolicy']
const writing = ['dryRun', 'fieldManager', 'fieldValidation']

/** Query parameters by what is asked for. */
export const queryParameters: Record<string, readonly string[]> = {
  list: ['allowWatchBookmarks', ...selecting, 'sendInitialEvents', 'timeoutSeconds', 'watch'],
  create: writing,
  update: writing,
  patch: [...writing, 'force'],
  delete: ['dryRun', ...deleting],
  deletecollection: ['dryRun', ...selecting, ...deleting, 'sendInitialEvents', 'timeoutSeconds'],
  attach: ['container', 'stderr', 'stdin', 'stdout', 'tty'],
  exec: ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty'],
  portforward: ['ports'],
  proxy: ['path'],
  log: [
    'container',
    'follow',
    'insecureSkipTLSVerifyBackend',
    'limitBytes',
    'previous',
    'sinceSeconds',
    'stream',
    'tailLines',
    'timestamps',
  ],
}

/** Those that a document has once, for all its lists; clients look for the others where they are used. */
const shared: readonly string[] = [...new Set([...queryParameters['list']!, ...deleting, 'pretty'])]

const isV2 = ({ prefix }: Dialect): boolean => prefix === '#/definitions/'

/** A parameter of the query: itself, or where the document has it. */
export function queryParameter(name: string, dialect: Dialect): object {
  if (shared.includes(name)) return { $ref: `${isV2(dialect) ? '#' : '#/components'}/parameters/${name}` }
  return inQuery(name, dialect)
}

/** What references of {@link queryParameter} point to. */
export const sharedParameters = (dialect: Dialect): Record<string, object> =>
  Object.fromEntries(shared.map((name) => [name, inQuery(name, dialect)]))

export const pathParameter = (name: string, description: string, dialect: Dialect): object => ({
  name,
  in: 'path',
  description,
  required: true,
  ...typed('string', dialect),
})

function inQuery(name: string, dialect: Dialect): object {
  const [type, description] = query[name]!
  return { name, in: 'query', description, ...typed(type, dialect) }
}

function typed(type: Type, dialect: Dialect): object {
  const schema = { type, uniqueItems: true }
  return isV2(dialect) ? schema : { schema }
}
