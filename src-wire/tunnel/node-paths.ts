import type { ContainerTarget, ExecOptions, LogOptions } from '../node/pod-streams.ts'

/** Header that says what an upgraded connection is. */
export const TUNNEL_PROTOCOL = 'drydock-node-tunnel.v1'
/** Where a node dials the API server, to be reached over the connection from then on. */
export const TUNNEL_PATH = '/drydock/v1/tunnel'

/** A node's two connections: small requests must not wait behind images. */
export type TunnelChannel = 'control' | 'bulk'

const flag = (name: string, value: boolean): Array<[string, string]> => (value ? [[name, 'true']] : [])
const value = (name: string, of: string | number | undefined): Array<[string, string]> =>
  of === undefined ? [] : [[name, String(of)]]

function targetPath(verb: string, target: ContainerTarget, query: Array<[string, string]>): string {
  const names = [target.namespace, target.pod, target.container].map(encodeURIComponent).join('/')
  return `/${verb}/${names}?${new URLSearchParams([...query, ...value('uid', target.uid)]).toString()}`
}

/** Where a node serves a container's log: `containerLogs/<namespace>/<pod>/<container>`, as a kubelet does. */
export function logsPath(target: ContainerTarget, options: LogOptions): string {
  return targetPath('containerLogs', target, [
    ...flag('follow', options.follow),
    ...flag('previous', options.previous),
    ...flag('timestamps', options.timestamps),
    ...value('tailLines', options.tailLines),
    ...value('limitBytes', options.limitBytes),
    ...value('sinceSeconds', options.sinceSeconds),
    ...value('sinceTime', options.sinceTime),
    ...value('stream', options.stream),
  ])
}

/** The inverse of {@link logsPath}. The API server has judged the values: what is no number here becomes NaN. */
export function parseLogOptions(query: URLSearchParams): LogOptions {
  const integer = (name: string) => {
    const text = query.get(name)
    return text === null || text === '' ? undefined : Number(text)
  }
  return {
    follow: isTrue(query, 'follow'),
    previous: isTrue(query, 'previous'),
    timestamps: isTrue(query, 'timestamps'),
    tailLines: integer('tailLines'),
    limitBytes: integer('limitBytes'),
    sinceSeconds: integer('sinceSeconds'),
    sinceTime: query.get('sinceTime') ?? undefined,
    stream: query.get('stream') ?? undefined,
  }
}

/** `exec` with a command, `attach` without. */
export function commandPath(
  target: ContainerTarget,
  options: Omit<ExecOptions, 'command'>,
  command?: string[],
): string {
  return targetPath(command ? 'exec' : 'attach', target, [
    ...(command ?? []).map((word): [string, string] => ['command', word]),
    ...flag('stdin', options.stdin),
    ...flag('stdout', options.stdout),
    ...flag('stderr', options.stderr),
    ...flag('tty', options.tty),
  ])
}

/** Accepts the API's names and the kubelet's own (`input`, `output`, `error`). */
export function parseExecOptions(query: URLSearchParams): ExecOptions {
  const any = (...names: string[]) => names.some((name) => isTrue(query, name))
  return {
    command: query.getAll('command'),
    stdin: any('stdin', 'input'),
    stdout: any('stdout', 'output'),
    stderr: any('stderr', 'error'),
    tty: isTrue(query, 'tty'),
  }
}

function isTrue(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)
  return text === '1' || text === 'true' || text === 'True' || text === 't'
}
